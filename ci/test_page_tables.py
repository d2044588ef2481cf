# SPDX-License-Identifier: BSD-2-Clause
"""The page tables judged from outside (ci/page_tables.py), at rest and at random moments under load;
and each rule shown able to fail, by a picture with one entry changed."""

import random
import time
from xml.etree import ElementTree

import pytest

from ci import page_tables
from ci.guest import Guest
from ci.map import TITLES, drawn
from ci.page_tables import NO_EXECUTE, USER, WRITE, Memory, Picture, violations

MEGABYTES = 256
MOMENTS = 20
# Forks, execs, pipes, maps and ends on both CPUs, for ever.
LOAD = ("for i in 1 2 3 4; do (while :; do ls -l /bin | sort | head -1; done) "
        ">/dev/null 2>&1 </dev/null & done")


class Watched:
    """A guest that can be looked into while it stands still."""

    def __init__(self, guest, memory, kernel):
        self.guest, self.memory = guest, memory
        assert guest.sh("true").status == 0
        memory.open()
        self.machine = guest._session.machine
        self.symbols = kernel.moved(self.machine.registers())

    def picture(self, change=None):
        """What is there now; @change gets a copy of the memory and the picture of it before."""
        self.machine.command_qmp("stop")
        picture = Picture(self.memory, self.machine.registers(), self.symbols)
        if change:
            copy = self.memory.copy()
            change(copy, picture)
            picture = Picture(copy, self.machine.registers(), self.symbols)
        self.machine.command_qmp("cont")
        return picture

    def run_for(self, seconds):
        end = time.monotonic() + seconds
        while time.monotonic() < end:
            self.machine.step(end - time.monotonic())


@pytest.fixture(scope="module", name="watched")
def fixture_watched(kernel, tmp_path_factory):
    memory = Memory(tmp_path_factory.mktemp("memory"), MEGABYTES)
    with Guest("selftest=off", memory=str(MEGABYTES), smp=2, extra=memory.words) as guest:
        yield Watched(guest, memory, kernel)


def test_at_rest(watched):
    picture = watched.picture()
    assert violations(picture) == []
    assert len(picture.roots) > 2 and picture.region("stacks") and picture.region("physmap")


def test_the_picture_has_regions_and_guards(watched):
    """`make map`: what it draws is well formed, and the guards are there to be seen."""
    drawing = drawn(watched.picture())
    ElementTree.fromstring(drawing)
    assert all(f">{title}<" in drawing for title in TITLES.values())
    assert drawing.count('fill="url(#guard)"') > 5


def entry(half, wanted):
    """Where the entry of the first leaf stands that is wanted."""
    leaf = next(leaf for leaf in half.leaves if wanted(leaf))
    return *half.places[leaf.virt], leaf.entry


def a_program(picture):
    return next(half for half in picture.user.values() if len(half.leaves) > 20)


def change_kernel(wanted, turn):
    def change(memory, picture):
        table, index, value = entry(picture.kernel, lambda leaf: wanted(picture, leaf))
        memory.set_entry(table, index, value ^ turn)
    return change


def change_program(wanted, turned):
    def change(memory, picture):
        table, index, value = entry(a_program(picture), wanted)
        memory.set_entry(table, index, turned(picture, value))
    return change


def to(phys, value):
    return value & ~page_tables.ADDRESS | phys


def add_stack_guard(memory, picture):
    leaf = picture.region("stacks")[0]
    table, index = picture.kernel.places[leaf.virt]
    memory.set_entry(table, index - 1, leaf.entry)


def open_upper_entry(memory, picture):
    upper = memory.table(picture.roots[0])
    first = next(index for index in range(256, 512) if upper[index])
    for root in picture.roots:
        memory.set_entry(root, first, upper[first] | USER)


def share_table(memory, picture):
    first, second = [half for half in picture.user.values() if len(half.tables) > 3][:2]
    memory.set_entry(first.tables[0], 255, memory.table(second.tables[0])[255])
    memory.set_entry(first.tables[0], 254, memory.table(second.tables[0])[255])


def leave_entry(memory, picture):
    half = a_program(picture)
    table = half.tables[-1]
    index = memory.table(table).index(0)
    memory.set_entry(table, index, half.leaves[0].phys)


DEFECTS = {
    "an entry left behind": ("not present and not empty", leave_entry),
    "writable text": ("writable and executable", change_kernel(
        lambda picture, leaf: leaf.execute, WRITE)),
    "executable data": ("writable and executable", change_kernel(
        lambda picture, leaf: leaf.write and leaf in picture.image(), NO_EXECUTE)),
    "text by the map of all memory": ("writable alias of kernel text", change_kernel(
        lambda picture, leaf: not leaf.execute and not leaf.write and leaf.phys in page_tables.frames_of(
            other for other in picture.kernel.leaves if other.execute), WRITE)),
    "kernel half for ring 3": ("open to ring 3 in the kernel half", open_upper_entry),
    "kernel leaf for ring 3": ("open to ring 3 in the kernel half", change_kernel(
        lambda picture, leaf: leaf.write, USER)),
    "program's text writable": ("writable and executable", change_program(
        lambda leaf: leaf.execute, lambda picture, value: value | WRITE)),
    "ring 0's in the user half": ("supervisor leaf in the user half", change_program(
        lambda leaf: leaf.write, lambda picture, value: value & ~USER)),
    "program's own page table": ("a program maps a page table", change_program(
        lambda leaf: leaf.write, lambda picture, value: to(a_program(picture).tables[-1], value))),
    "kernel's stack": ("a program maps the kernel's memory", change_program(
        lambda leaf: leaf.write, lambda picture, value: to(picture.region("stacks")[0].phys, value))),
    "another program's page": ("writable in 2 address spaces", change_program(
        lambda leaf: leaf.write, lambda picture, value: to(next(
            leaf.phys for half in picture.user.values() for leaf in half.leaves
            if half is not a_program(picture) and leaf.write), value))),
    "guard": ("a guard page is mapped", add_stack_guard),
    "table": ("a table of two places", share_table),
}


@pytest.mark.parametrize("name", DEFECTS)
def test_a_defect_is_seen(name, watched):
    says, change = DEFECTS[name]
    found = violations(watched.picture(change))
    assert any(text.startswith(says) for text in found), found


def test_at_random_moments_under_load(watched):
    assert watched.guest.sh(LOAD).status == 0
    seed = random.randrange(1 << 32)
    moments = random.Random(seed)
    roots = set()
    for moment in range(MOMENTS):
        watched.run_for(moments.uniform(0.02, 0.2))
        picture = watched.picture()
        assert violations(picture) == [], f"moment {moment} of seed {seed}"
        roots.update(picture.roots)
    assert len(roots) > 10
