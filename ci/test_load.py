# SPDX-License-Identifier: BSD-2-Clause
"""Many processes, and users who want everything: the system lives on and nothing is lost."""

import subprocess

import pytest

from ci.guest import BUILD, Guest
from ci.vm.initramfs import Archive

SOURCES = BUILD.parent / "tests/guest"
PROGRAMS = ("load", "thread_load")
USER = 1000
ROUNDS = 10000
DEADLINE_S = 120


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


def test_ten_thousand_rounds_lose_no_frame(guest):
    """fork, exec, exit, wait: free memory is exactly as before the first."""
    assert load(guest, "rounds", "20").stdout == b"20 of 20\n"
    before = settled_free_kib(guest)
    done = load(guest, "rounds", str(ROUNDS))
    assert done.stdout == b"%d of %d\n" % (ROUNDS, ROUNDS), done
    assert settled_free_kib(guest) == before


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
    assert settled_free_kib(guest) == before


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
        guest.sh("kill -9 -1", uid=USER, timeout=DEADLINE_S)
        if processes_of_the_user(guest) == 0:
            break
    assert processes_of_the_user(guest) == 0
    alive(guest)


def test_a_bomb_of_shells(guest):
    """The one that everybody types."""
    guest.sh("b() { b | b & }; b; sleep 3", uid=USER, timeout=DEADLINE_S)
    alive(guest)
