# SPDX-License-Identifier: BSD-2-Clause
"""Independent system calls on two CPUs write no cache line that the other one touches; and the test
that says so sees a counter that they do share, of all calls or of one."""

import subprocess

import pytest

from ci import planted, sharing
from ci.guest import BUILD
from ci.vm.elf import Elf
from ci.vm.initramfs import Archive

SOURCE = BUILD.parent / "tests/guest/hot_paths.c"


@pytest.fixture(scope="module", name="program")
def fixture_program(tmp_path_factory):
    path = tmp_path_factory.mktemp("sharing") / "hot_paths"
    subprocess.run(["musl-gcc", "-O1", "-D_GNU_SOURCE", "-static", "-no-pie", "-o", path,
                    SOURCE], check=True)
    return Elf(path)


def shared_lines(program, folder, **options):
    """The operations that share something, each with a report of all that it shares."""
    archive = Archive()
    for name in ("hot_paths", "hot_paths_0", "hot_paths_1"):
        archive.add_file(f"bin/{name}", program.path.read_bytes(), 0o755)
    follower = sharing.follow(program, archive.bytes(), folder / "gdb", **options)
    reports = {}
    for operation, shared in follower.shared.items():
        text = "\n".join(map(str, shared))
        print(f"{operation}: {follower.steps[operation]} instructions, {len(shared)} lines shared "
              f"and written\n{text}")
        if shared:
            reports[operation] = text
    return reports


def test_independent_calls_share_no_written_line(program, tmp_path):
    assert not shared_lines(program, tmp_path)


def planted_lines(number, program, folder, operations):
    """@operations: fork, the program's last, too: it waits there for who follows it."""
    planted.copy_tree(folder / "tree")
    kernel = planted.build(planted.plants("sharing")[number], folder / "tree")
    return shared_lines(program, folder, kernel=kernel, operations=operations)


def test_a_shared_counter_is_seen(program, tmp_path):
    reports = planted_lines(0, program, tmp_path, ("getppid", "fork"))
    assert set(reports) == {"getppid", "fork"}
    assert all("syscall_linux" in report for report in reports.values())


def test_a_count_of_mounts_in_one_place_is_seen(program, tmp_path):
    reports = planted_lines(1, program, tmp_path, ("open", "fork"))
    assert set(reports) == {"open"}
    assert "struct mount" in reports["open"]
