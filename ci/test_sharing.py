# SPDX-License-Identifier: BSD-2-Clause
"""Independent system calls on two CPUs write no cache line that the other one touches, but those in
a list; and the test that says so sees a counter that they do share."""

import subprocess
from collections import Counter

import pytest

from ci import planted, sharing
from ci.guest import BUILD
from ci.vm.elf import Elf
from ci.vm.initramfs import Archive

SOURCE = BUILD.parent / "tests/guest/hot_paths.c"
# What is shared and known to be, by operation: the objects, and how often an operation writes
# their lines. Why: docs/locks-files.md and docs/locks-processes.md. A lock is written twice
# whenever it is taken.
KNOWN = {
    "open": {"struct mount": 4},
}


@pytest.fixture(scope="module", name="program")
def fixture_program(tmp_path_factory):
    path = tmp_path_factory.mktemp("sharing") / "hot_paths"
    subprocess.run(["musl-gcc", "-O1", "-D_GNU_SOURCE", "-static", "-no-pie", "-o", path,
                    SOURCE], check=True)
    return Elf(path)


def is_known(operation, shared):
    return not sharing.writes(shared) - Counter(KNOWN.get(operation, {}))


def unknown_lines(program, folder, **options):
    """The operations that share more than is known, each with a report of all that it shares."""
    archive = Archive()
    for name in ("hot_paths", "hot_paths_0", "hot_paths_1"):
        archive.add_file(f"bin/{name}", program.path.read_bytes(), 0o755)
    follower = sharing.follow(program, archive.bytes(), folder / "gdb", is_known, **options)
    reports = {}
    for operation, shared in follower.shared.items():
        text = "\n".join(map(str, shared))
        print(f"{operation}: {follower.steps[operation]} instructions, {len(shared)} lines shared "
              f"and written\n{text}")
        if not is_known(operation, shared):
            reports[operation] = text
    return reports


def test_independent_calls_share_no_written_line(program, tmp_path):
    assert not unknown_lines(program, tmp_path)


def test_a_shared_counter_is_seen(program, tmp_path):
    planted.copy_tree(tmp_path / "tree")
    kernel = planted.build(planted.plants("sharing")[0], tmp_path / "tree")
    reports = unknown_lines(program, tmp_path, kernel=kernel, operations=("getppid", "fork"))
    assert set(reports) == {"getppid", "fork"}
    assert all("syscall_linux" in report for report in reports.values())
