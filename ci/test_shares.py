# SPDX-License-Identifier: BSD-2-Clause
"""What docs/scheduler.md promises of one CPU, in full seconds of a guest whose time is its instructions:
tests/guest/shares.c. Several CPUs are the simulator's, for QEMU counts instructions of all in one clock."""

import subprocess

from ci.guest import BUILD, Guest
from ci.vm.initramfs import Archive

SOURCE = BUILD.parent / "tests/guest/shares.c"
FIGURES = 9
DEADLINE_S = 240


def test_shares_and_waits_are_as_promised(tmp_path):
    program = tmp_path / "shares"
    # glibc: musl's sched_setscheduler() is a stub.
    subprocess.run(["gcc", "-O1", "-D_GNU_SOURCE", "-static", "-o", program, SOURCE], check=True)
    archive = Archive()
    archive.add_file("bin/shares", program.read_bytes(), 0o755)
    with Guest(second=archive.bytes(), memory="512", cpu="max,-erms", smp=1, icount=True,
               icount_shift=3) as guest:
        done = guest.sh("shares", timeout=DEADLINE_S)
    assert (done.status, done.stderr) == (0, b""), done
    figures = [line.split() for line in done.stdout.decode().splitlines()]
    print(done.stdout.decode())
    assert len(figures) == FIGURES, done
    broken = [" ".join(words) for words in figures if int(words[1]) > int(words[2])]
    assert not broken, done
