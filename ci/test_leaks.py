# SPDX-License-Identifier: BSD-2-Clause
"""No address of the kernel reaches a program: tests/guest/leaks*.c looks at all that it can read, call
and find in its registers, as root and as a user, for what the harness has read from outside."""

import re
import subprocess

import pytest

from ci import planted
from ci.guest import Guest
from ci.page_tables import REGIONS
from ci.vm.elf import Elf
from ci.vm.initramfs import Archive

SOURCES = sorted((planted.ROOT / "tests/guest").glob("leaks*.c"))
PARTS = ("calls", "every call", "padding", "registers", "frames", "files", "memory")
LEAST_BYTES = {"padding": 2_000}  # of the other parts 10,000
PLANTS = planted.plants("leaks")
KERNELS = 3
WORD = re.compile(r"0x([0-9a-f]{16})")
MASK = (1 << 64) - 1
# What is in use of each, so that no number is one of them by chance.
SIZES = {"physmap": 256 << 20, "frames": 256 << 14, "heap": 1 << 20, "stacks": 64 << 20, "devices": 64 << 20}


@pytest.fixture(scope="module", name="archive")
def fixture_archive(tmp_path_factory):
    program = tmp_path_factory.mktemp("leaks") / "leaks"
    subprocess.run(["gcc", "-O1", "-Wall", "-Werror", "-Wno-unused-result", "-D_GNU_SOURCE", "-static",
                    "-o", program, *SOURCES], check=True)
    return Archive().add_file("bin/leaks", program.read_bytes(), 0o755).bytes()


def monitor(guest, line):
    return guest._session.machine.command_qmp("human-monitor-command", **{"command-line": line})


def ranges(guest, kernel):
    """SIZE:NEGATED START of each region, and of the distance that the image has moved."""
    registers = guest._session.machine.registers()
    symbols, slide = kernel.moved(registers), kernel.slide(registers)
    words = WORD.findall(monitor(guest, f"x /{len(REGIONS)}gx {symbols['layout']:#x}"))
    layout = dict(zip(REGIONS, (int(word, 16) for word in words), strict=True))
    assert layout["image"] == symbols["image_start"] and slide
    sizes = {**SIZES, "image": symbols["image_end"] - symbols["image_start"]}
    found = [(sizes[name], start) for name, start in layout.items()] + [(1, slide & MASK)]
    return [f"{size}:{-start & MASK}" for size, start in found]


def leaks(kernel, archive, **changes):
    """What the program says in a boot of its own; and whether it looked everywhere."""
    with Guest(kernel=kernel.path, second=archive, **changes) as guest:
        assert guest.sh("dmesg | wc -l").status == 0
        done = guest.run(["/bin/leaks", *ranges(guest, kernel)], timeout=300)
    return done.status, done.stdout.decode()


def test_no_address_is_seen(kernel, archive):
    status, text = leaks(kernel, archive, smp=2)
    assert status == 0 and text.endswith("ok\n"), text
    seen = re.findall(r"^(root|user): ([a-z ]+): (\d+) bytes$", text, re.M)
    assert [(who, part) for who, part, _ in seen] == [(who, part) for who in ("user", "root")
                                                     for part in PARTS], text
    assert all(int(count) >= LEAST_BYTES.get(part, 10_000) for _, part, count in seen), text
    assert "only" not in text


def dealt():
    """The plants, in kernels with no two in one file or that are told alike."""
    kernels = [[] for _ in range(KERNELS)]
    for plant in PLANTS:
        next(kernel for kernel in kernels
             if all(plant.file != other.file and plant.says != other.says
                    for other in kernel)).append(plant)
    return kernels


@pytest.mark.parametrize("plants", dealt(), ids=lambda plants: f"{len(plants)} leaks")
def test_leaks_are_seen(plants, tree, archive):
    status, text = leaks(Elf(planted.build_together(plants, tree)), archive)
    assert status == 1 and not [plant.id for plant in plants if plant.says not in text], text
