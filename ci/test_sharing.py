# SPDX-License-Identifier: BSD-2-Clause
"""Independent system calls on two CPUs write no cache line that the other one touches; and the test
that says so sees a counter that they do share."""

import subprocess

import pytest

from ci import planted, sharing
from ci.guest import BUILD
from ci.vm.elf import Elf
from ci.vm.initramfs import Archive

SOURCE = BUILD.parent / "tests/guest/hot_paths.c"
# Lines that are shared and known to be, by operation: how many, and why. open: the count of the mount
# under the file, which walks and unmounting judge by its exact value.
KNOWN = {"open": 1}


@pytest.fixture(scope="module", name="program")
def fixture_program(tmp_path_factory):
    path = tmp_path_factory.mktemp("sharing") / "hot_paths"
    subprocess.run(["musl-gcc", "-O1", "-D_GNU_SOURCE", "-static", "-no-pie", "-o", path,
                    SOURCE], check=True)
    return Elf(path)


def follow(program, folder, **options):
    archive = Archive()
    archive.add_file("bin/hot_paths", program.path.read_bytes(), 0o755)
    return sharing.follow(program, archive.bytes(), folder / "gdb", **options)


def lines_of(follower, operation):
    return sharing.shared(follower.traces[operation, 0], follower.traces[operation, 1])


def told(lines):
    return "\n".join(f"{line * sharing.LINE_BYTES:#x}: written by {sorted(writers)}, "
                     f"touched by {sorted(touchers)}"
                     for line, (writers, touchers) in sorted(lines.items()))


def test_independent_calls_share_no_written_line(program, tmp_path):
    follower = follow(program, tmp_path)
    report = []
    for operation in sharing.OPERATIONS:
        lines = lines_of(follower, operation)
        steps = [follower.traces[operation, cpu].steps for cpu in (0, 1)]
        print(f"{operation}: {steps} instructions, {len(lines)} lines shared and written")
        print(told(lines))
        if len(lines) > KNOWN.get(operation, 0):
            report.append(f"{operation}:\n{told(lines)}")
    assert not report, "\n".join(report)


def test_a_shared_counter_is_seen(program, tmp_path):
    planted.copy_tree(tmp_path / "tree")
    kernel = planted.build(planted.plants("sharing")[0], tmp_path / "tree")
    follower = follow(program, tmp_path, kernel=kernel, operations=("getppid",))
    assert any("getppid" in writer for writers, _ in lines_of(follower, "getppid").values()
               for writer in writers)
