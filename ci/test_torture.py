# SPDX-License-Identifier: BSD-2-Clause
"""Operations at random by 64 threads on several CPUs: every check holds, and nothing is lost."""

import subprocess

import pytest

from ci.guest import BUILD, Guest
from ci.test_load import nothing_lost
from ci.vm.initramfs import Archive

SOURCES = sorted((BUILD.parent / "tests/torture").glob("*.c"))
OPERATIONS = 60
DEADLINE_S = 240
# By the shell alone: a pipeline's own processes come and go.
TASKS = "set -- /proc/[0-9]*/task/[0-9]*; echo $#"
# Less than a frame for each time that one kind of operation is done; slabs need 300 KiB.
SLACK_KIB = 512


@pytest.fixture(scope="module", name="archive")
def fixture_archive(tmp_path_factory):
    """The program as /bin/torture."""
    path, archive = tmp_path_factory.mktemp("torture") / "torture", Archive()
    subprocess.run(["musl-gcc", "-O1", "-static", "-Wall", "-Wextra", "-Werror", "-D_GNU_SOURCE",
                    "-o", path, *SOURCES], check=True)
    archive.add_file("bin/torture", path.read_bytes(), 0o755)
    return archive.bytes()


def torture(guest, seed, operations):
    done = guest.run(["/bin/torture", str(seed), str(operations)], timeout=DEADLINE_S)
    assert done.status == 0, (seed, done)
    assert done.stdout == b"64 workers did %d operations each\n" % operations


def run_seeds(archive, smp, seeds):
    """One machine; tasks and free memory are afterwards what they were."""
    with Guest(second=archive, smp=smp) as guest:
        torture(guest, 0, OPERATIONS)
        tasks = guest.sh(TASKS).stdout
        for seed in seeds:
            with nothing_lost(guest, SLACK_KIB):
                torture(guest, seed, OPERATIONS)
            assert guest.sh(TASKS).stdout == tasks


@pytest.mark.parametrize("smp", (4, 8))
def test_torture(smp, archive):
    run_seeds(archive, smp, [smp])
