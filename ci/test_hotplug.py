# SPDX-License-Identifier: BSD-2-Clause
"""CPUs that are taken out and brought back while programs run on them."""

import subprocess

import pytest

from ci.guest import BUILD, Guest
from ci.vm.initramfs import Archive

CPUS = "/sys/devices/system/cpu"
ROUNDS = 20
DEADLINE_S = 240
SOURCES = BUILD.parent / "tests/guest"


@pytest.fixture(name="guest", scope="module")
def fixture_guest(tmp_path_factory):
    folder, archive = tmp_path_factory.mktemp("hotplug"), Archive()
    for name in ("load", "thread_load"):
        subprocess.run(["musl-gcc", "-O1", "-static", "-o", folder / name, SOURCES / f"{name}.c"],
                       check=True)
        archive.add_file(f"bin/{name}", (folder / name).read_bytes(), 0o755)
    with Guest(smp=4, second=archive.bytes()) as guest:
        yield guest


def test_out_and_back_under_load(guest):
    """Processes and threads come and go meanwhile, and each of them ends as it should."""
    line = f"""
        touch /tmp/on
        while [ -e /tmp/on ]; do thread_load locks 16 >> /tmp/locks; done &
        while [ -e /tmp/on ]; do load churn 100 20 >> /tmp/churn; done &
        for round in $(seq {ROUNDS}); do for cpu in 1 2 3; do
            echo 0 > {CPUS}/cpu$cpu/online || exit 3
            read online < {CPUS}/online; echo $online
            echo 1 > {CPUS}/cpu$cpu/online || exit 4
        done; done
        rm /tmp/on; wait; cat {CPUS}/online; sort -u /tmp/locks /tmp/churn"""
    done = guest.sh(line, timeout=DEADLINE_S)
    assert done.status == 0, (done, guest.console)
    assert done.stdout.decode().splitlines() == \
        ["0,2-3", "0-1,3", "0-2"] * ROUNDS + ["0-3", "120 of 120, then none", "3200 turns"]
    assert guest.console.count(" is out") == guest.console.count(" is back") == 3 * ROUNDS


def test_behind_the_selftests():
    """What they have left in lists is gone with their memory."""
    with Guest(words="", smp=2) as guest:
        done = guest.sh(f"for i in 1 2 3; do echo 0 > {CPUS}/cpu1/online && "
                        f"echo 1 > {CPUS}/cpu1/online || exit 1; done; cat {CPUS}/online")
        assert (done.status, done.stdout) == (0, b"0-1\n"), guest.console


def test_what_programs_see(guest):
    line = f"nproc; grep -c ^processor /proc/cpuinfo; grep -o '^cpu[0-9]' /proc/stat; " \
        f"cat {CPUS}/online {CPUS}/offline {CPUS}/present {CPUS}/cpu2/online"
    assert guest.sh(line).stdout == b"4\n4\ncpu0\ncpu1\ncpu2\ncpu3\n0-3\n\n0-3\n1\n"
    assert guest.sh(f"echo 0 > {CPUS}/cpu2/online").status == 0
    assert guest.sh(line).stdout == b"3\n3\ncpu0\ncpu1\ncpu3\n0-1,3\n2\n0-3\n0\n"
    assert guest.sh(f"echo 1 > {CPUS}/cpu2/online; {line}").stdout.startswith(b"4\n4\n")


def test_time_of_all_cpus_never_steps_back(guest):
    line = "head -1 /proc/stat; "
    done = guest.sh(line + f"for i in 1 2 3; do echo 0 > {CPUS}/cpu3/online; {line} sleep 0.1; "
                    f"{line} echo 1 > {CPUS}/cpu3/online; {line} done")
    figures = [tuple(map(int, row.split()[1:])) for row in done.stdout.splitlines()]
    assert len(figures) == 10
    for before, after in zip(figures, figures[1:]):
        assert all(a >= b for a, b in zip(after, before)), figures


def test_a_thread_with_no_cpu_left_may_run_anywhere(guest):
    """As on Linux; and while the CPU is away nobody can be put there."""
    done = guest.sh(f"""
        taskset -c 2 sh -c 'while :; do :; done' & pid=$!
        until taskset -p $pid | grep -q 'mask: 4$'; do :; done
        echo 0 > {CPUS}/cpu2/online
        taskset -c 2 true; echo $?
        taskset -p $pid | sed 's/.*: //'
        echo 1 > {CPUS}/cpu2/online
        taskset -p $pid | sed 's/.*: //'
        kill $pid""")
    assert done.stdout == b"1\nb\nf\n" and b"Invalid argument" in done.stderr, done


@pytest.mark.parametrize("uid, cpu, word, says", [
    (0, 0, "0", b"resource busy"), (0, 1, "2", b"Invalid argument"),
    (0, 1, "", b"Invalid argument"), (0, 1, "x" * 40, b"Invalid argument"),
    (1000, 1, "0", b"Permission denied"),
])
def test_refusals(uid, cpu, word, says, guest):
    done = guest.sh(f"echo '{word}' > {CPUS}/cpu{cpu}/online", uid=uid)
    assert done.status != 0 and says in done.stderr, done
    assert guest.sh(f"cat {CPUS}/online").stdout == b"0-3\n"
