# SPDX-License-Identifier: BSD-2-Clause
"""Many processes, and users who want everything: the system lives on and nothing is lost."""

import random
import subprocess
from contextlib import contextmanager

import pytest

from ci.guest import BUILD, Guest
from ci.vm.initramfs import Archive

SOURCES = BUILD.parent / "tests/guest"
PROGRAMS = ("load", "thread_load")
USER = 1000
ROUNDS = 10000
DEADLINE_S = 120
SLABS_KIB = 160
# Which slabs are empty depends on where in their block the numbers of the last rounds lie.
SLABS_OF_ENDS_KIB = 16
# What the CPU keeps of frames and objects behind a thousand ends: bounded, and no page for each.
CACHES_KIB = 512


@pytest.fixture(scope="module", name="second")
def fixture_second(tmp_path_factory):
    """An archive with the load programs in /bin."""
    folder, archive = tmp_path_factory.mktemp("load"), Archive()
    for name in PROGRAMS:
        subprocess.run(["musl-gcc", "-O1", "-static", "-o", folder / name,
                        SOURCES / f"{name}.c"], check=True)
        archive.add_file(f"bin/{name}", (folder / name).read_bytes(), 0o755)
    return archive.bytes()


@pytest.fixture(name="guest")
def fixture_guest(second):
    with Guest(second=second) as guest:
        yield guest


@pytest.fixture(name="large")
def fixture_large(second):
    """With 512 MiB."""
    with Guest(second=second, memory="512") as guest:
        yield guest


@pytest.fixture(name="shared", scope="module")
def fixture_shared(second):
    """One machine for what leaves it as it was."""
    with Guest(second=second) as guest:
        yield guest


def free_kib(guest):
    done = guest.sh("grep ^MemFree: /proc/meminfo")
    return int(done.stdout.split()[1])


def settled_free_kib(guest):
    """Free memory when nobody dies any more: three equal readings."""
    seen = []
    while len(seen) < 3 or len(set(seen[-3:])) > 1:
        seen.append(free_kib(guest))
        assert len(seen) < 100, seen
    return seen[-1]


@contextmanager
def nothing_lost(guest, slack_kib=SLABS_KIB):
    """Free memory is afterwards what it was, but for slabs that are not quite empty."""
    before = settled_free_kib(guest)
    yield
    alive(guest)
    assert settled_free_kib(guest) >= before - slack_kib, guest.console


def load(guest, *words, **options):
    return guest.run(["/bin/load", *words], timeout=DEADLINE_S, **options)


def threads(guest, *words):
    done = guest.run(["/bin/thread_load", *words], timeout=DEADLINE_S)
    assert done.status == 0, done
    return done.stdout


def alive(guest):
    done = guest.sh("echo alive; touch /tmp/x && ls /tmp/x", timeout=DEADLINE_S)
    assert (done.status, done.stdout) == (0, b"alive\n/tmp/x\n"), guest.console


def processes_of_the_user(guest):
    line = f"n=0; for p in /proc/[0-9]*; do grep -q '^Uid:.{USER}' $p/status && n=$((n + 1)); " \
        "done 2>/dev/null; echo $n"
    return int(guest.sh(line, timeout=DEADLINE_S).stdout)


def end_processes_of_the_user(guest):
    """By root: at its limit the user can start nothing more. Stopped first, they make no new ones."""
    line = f"for s in STOP KILL; do for p in /proc/[0-9]*; do grep -q '^Uid:.{USER}' $p/status && " \
        "kill -$s ${p#/proc/}; done; done 2>/dev/null"
    guest.sh(line, timeout=DEADLINE_S)
    return processes_of_the_user(guest)


def test_ten_thousand_rounds_lose_no_frame(guest):
    """fork, exec, exit, wait: a frame lost in each would be 40 MB."""
    assert load(guest, "rounds", "20").stdout == b"20 of 20\n"
    before = settled_free_kib(guest)
    done = load(guest, "rounds", str(ROUNDS))
    assert done.stdout == b"%d of %d\n" % (ROUNDS, ROUNDS), done
    assert abs(settled_free_kib(guest) - before) <= SLABS_OF_ENDS_KIB


def test_two_hundred_processes_at_once(guest):
    for _ in range(3):
        done = load(guest, "crowd", "200")
        assert (done.status, done.stdout) == (0, b"200 alive at once\n"), done


def test_two_hundred_shells_at_once(guest):
    done = guest.sh("mkdir /tmp/o; for i in $(seq 200); do (sleep 1; echo $i > /tmp/o/$i) & done; "
                    "wait; ls /tmp/o | wc -l; cat /tmp/o/* | sort -n | md5sum; seq 200 | md5sum",
                    timeout=DEADLINE_S)
    count, here, there = done.stdout.splitlines()
    assert (count, here) == (b"200", there)


def test_a_thousand_threads_at_once(guest):
    """In the 256 MiB that a guest has; woken one by the other, killed, or replaced by exec."""
    def all_of_it():
        assert threads(guest, "crowd", "1000") == b"1000 alive at once\n1000 joined\n"
        assert threads(guest, "killed", "1000") == b"ended with 9\n"
        assert threads(guest, "replaced", "1000") == b"ended with 2a00\n"
    all_of_it()
    before = settled_free_kib(guest)
    all_of_it()
    # Slabs fragment by a page or two; anything lost of each thread would be far more.
    assert before - settled_free_kib(guest) <= 16


def test_ten_thousand_threads_lose_no_frame(guest):
    assert threads(guest, "short", "20") == b"20 of 20\n"
    before = settled_free_kib(guest)
    assert threads(guest, "short", str(ROUNDS)) == b"%d of %d\n" % (ROUNDS, ROUNDS)
    assert abs(settled_free_kib(guest) - before) <= SLABS_OF_ENDS_KIB


def test_forty_threads_on_one_lock(guest):
    assert threads(guest, "locks", "40") == b"8000 turns\n"


def test_a_user_may_not_have_all_memory(guest):
    """A single process is refused at a limit; many at once end, refused or killed."""
    before = settled_free_kib(guest)
    done = load(guest, "hog", uid=USER)
    assert (done.status, done.stdout) in ((3, b"refused after many MiB\n"), (137, b"")), done
    line = "for i in 1 2 3 4 5 6; do /bin/load hog & done; wait; echo over"
    done = guest.sh(line, uid=USER, timeout=DEADLINE_S)
    assert done.stdout.endswith(b"over\n"), done
    alive(guest)
    assert settled_free_kib(guest) > before - 4096


def test_a_fork_bomb_leaves_the_shell_alive(guest):
    done = guest.sh("/bin/load bomb & sleep 1; echo begun", uid=USER, timeout=DEADLINE_S)
    assert done.stdout == b"begun\n", guest.console
    alive(guest)
    assert processes_of_the_user(guest) > 100
    for _ in range(20):
        if end_processes_of_the_user(guest) == 0:
            break
    assert processes_of_the_user(guest) == 0
    alive(guest)


def test_a_bomb_of_shells(guest):
    """The one that everybody types."""
    guest.sh("b() { b | b & }; b; sleep 3", uid=USER, timeout=DEADLINE_S)
    alive(guest)


def test_a_roots_command_computes_beside_a_bomb(guest):
    """Half of the CPU is root's, however many processes the other user has."""
    compute = "i=0; while [ $i -lt 20000 ]; do i=$((i + 1)); done; echo $i"

    def seconds():
        begun = guest.cpu_seconds
        assert guest.sh(compute, timeout=DEADLINE_S).stdout == b"20000\n"
        return guest.cpu_seconds - begun

    alive(guest)
    alone = min(seconds() for _ in range(3))
    guest.sh("/bin/load bomb & sleep 0.5", uid=USER, timeout=DEADLINE_S)
    assert processes_of_the_user(guest) > 100
    assert min(seconds() for _ in range(2)) < 8 * alone + 1


def test_ten_thousand_beside_two_hundred(shared):
    load(shared, "churn", "20", "200")
    with nothing_lost(shared):
        done = load(shared, "churn", str(ROUNDS), "200")
        assert done.stdout == b"10200 of 10200, then none\n", done


def test_a_thousand_at_once_in_512_mib(large):
    load(large, "crowd", "1000")
    with nothing_lost(large, CACHES_KIB):
        done = load(large, "crowd", "1000")
        assert (done.status, done.stdout) == (0, b"1000 alive at once\n"), done


def test_a_pipeline_of_a_hundred(shared):
    line = "seq 20000" + " | cat" * 98 + " | md5sum; seq 20000 | md5sum"
    shared.sh(line, timeout=DEADLINE_S)
    with nothing_lost(shared):
        through, direct = shared.sh(line, timeout=DEADLINE_S).stdout.splitlines()
        assert through == direct


def test_a_gibibyte_through_a_pipe(shared):
    with nothing_lost(shared):
        done = load(shared, "pump", "1024")
        assert (done.status, done.stdout) == (0, b"1024 MiB, 0 pieces wrong\n"), done


def test_ends_cost_the_same_however_deep_the_family(second):
    """A process that ends looks at no ancestors: the guest's time counts instructions."""
    with Guest(second=second, memory="512", cpu="max,-erms", icount=True) as guest:
        few, many = (load(guest, "chain", count).stdout.split() for count in ("2000", "8000"))
        assert (few[0], many[0]) == (b"2000", b"8000")
        assert float(many[3]) < 4.4 * float(few[3]), (few, many)


def test_a_hundred_thousand_files_in_a_directory(second):
    """A tmpfs takes as many files as half of the memory has pages."""
    with Guest(second=second, memory="1024") as guest:
        guest.sh("touch /tmp/x")
        with nothing_lost(guest):
            done = load(guest, "files", "100000")
            assert done.status == 0, done
            assert done.stdout == b"made 100000, listed 100000, seen 100000, removed 100000\n"


def test_a_tree_that_is_deep(shared):
    """rm keeps a descriptor open a level."""
    load(shared, "deep", "10")
    shared.sh("rm -r /tmp/deep")
    with nothing_lost(shared):
        assert load(shared, "deep", "2000").stdout == b"2000 deep\n"
        done = shared.sh("ulimit -n 4096; find /tmp/deep | wc -l; rm -r /tmp/deep; ls /tmp/deep",
                         timeout=DEADLINE_S)
        assert (done.status, done.stdout) == (1, b"2001\n"), done


def test_a_file_system_that_is_full(shared):
    figures = "df -k / | tail -1 | awk '{ print $3, $4 }'"
    with nothing_lost(shared):
        before = shared.sh(figures).stdout
        done = shared.sh("dd if=/dev/zero of=/tmp/big bs=64k; echo $?; echo x > /tmp/small; "
                         "cat /tmp/small; mkdir /tmp/d && rmdir /tmp/d", timeout=DEADLINE_S)
        assert b"No space left on device" in done.stderr and done.stdout.startswith(b"1\n"), done
        assert shared.sh("rm -f /tmp/big /tmp/small; echo x > /tmp/small; cat /tmp/small; "
                         "rm /tmp/small").stdout == b"x\n"
        assert shared.sh(figures).stdout == before


@pytest.mark.parametrize("uid", [0, USER])
def test_memory_runs_out_in_the_middle_of_a_script(uid, shared):
    """The hog dies or is refused, and the shell goes on."""
    script = "x=kept; f() { /bin/load hog; echo \"hog $?\"; }; echo before; f; f | cat; " \
        "echo after $x; sum=$(seq 1000 | md5sum); echo \"$sum\"; seq 1000 | md5sum"
    with nothing_lost(shared, slack_kib=4096):
        done = shared.sh(script, uid=uid, timeout=DEADLINE_S)
        lines = done.stdout.splitlines()
        assert done.status == 0 and lines[0] == b"before" and b"after kept" in lines, done
        assert lines[-1] == lines[-2]
        assert sum(line.startswith(b"hog ") for line in lines) == 2


def test_garbage_on_the_console(guest):
    """Bytes of every kind and broken escape sequences, typed while the shell there runs."""
    noise = random.Random(1)
    alive(guest)
    for _ in range(40):
        data = noise.randbytes(200) + b"\x1b[" + b"9" * 50 + b"\x1b]0;\x07\xff\xfe" + bytes(20)
        guest.type(data)
        assert guest.sh("echo here", timeout=DEADLINE_S).stdout == b"here\n"
    guest.type(b"\x03\n\x03\n")
    alive(guest)


def test_init_is_not_killed(shared):
    """Signals whose default is death do nothing to PID 1, whoever sends them."""
    done = shared.sh("for s in KILL STOP SEGV ABRT PIPE XCPU; do kill -$s 1; echo $?; done",
                     timeout=DEADLINE_S)
    assert done.stdout == b"0\n" * 6, done
    assert shared.sh("kill -9 1", uid=USER).status == 1
    assert shared.sh("cut -c1-4 /proc/1/comm").stdout == b"init\n"
    alive(shared)


def test_a_session_outlives_its_leader(shared):
    for _ in range(20):
        assert load(shared, "session").stdout == b"told 1, session kept 1\n"
    alive(shared)
