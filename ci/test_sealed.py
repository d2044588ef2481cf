# SPDX-License-Identifier: BSD-2-Clause
"""P-M13-12 and W^X, seen from outside: the page tables of a kernel that runs its shell."""

from contextlib import contextmanager
from dataclasses import dataclass

import pytest

from ci import planted
from ci.guest import Guest
from ci.vm.elf import Elf

PAGE = 4096
LARGE = (1 << 30, 1 << 21)
KERNEL_HALF = 1 << 63
RELEASED = (("image_start", "boot_text_end"), ("init_text_start", "init_text_end"),
            ("init_rodata_start", "init_rodata_end"), ("init_data_start", "init_data_end"))
SELFTEST_ONLY = ("selftest_run", "selftest_end", "expect_fault", "inject_arm")
ARMED_BY_SELFTESTS = ("trap_expect_hook", "panic_assert_hook", "inject_countdown")
FINAL = (("text_start", "text_end"), ("rodata_start", "rodata_end"),
         ("ro_after_init_start", "ro_after_init_end"))
PLANTS = planted.plants("sealed")


@dataclass(frozen=True)
class Leaf:
    """One line of QEMU's `info tlb`; `flags` is its XGPDACTUW, where X means not executable."""

    virt: int
    phys: int
    size: int
    flags: str

    @property
    def writable(self):
        return "W" in self.flags

    @property
    def executable(self):
        return "X" not in self.flags

    @property
    def user(self):
        return "U" in self.flags

    def covers(self, phys):
        return self.phys <= phys < self.phys + self.size


def read_leaves(text):
    rows = []
    for line in text.splitlines():
        virt, phys, flags = line.split()
        rows.append((int(virt.rstrip(":"), 16), int(phys, 16), flags))
    ends = [row[0] for row in rows[1:]] + [1 << 64]
    return [Leaf(virt, phys, size_of(virt, phys, flags, end), flags)
            for (virt, phys, flags), end in zip(rows, ends, strict=True)]


def size_of(virt, phys, flags, end):
    """QEMU does not tell 2 MiB from 1 GiB: the largest that is aligned and overlaps no other."""
    if "P" not in flags:
        return PAGE
    return next(size for size in LARGE if (virt | phys) % size == 0 and virt + size <= end)


@dataclass
class Sealed:
    """A guest that stands still at its shell."""

    machine: object
    symbols: dict[str, int]
    leaves: list[Leaf]

    def __post_init__(self):
        self.at = {leaf.virt: leaf for leaf in self.leaves}
        self.kernel = [leaf for leaf in self.leaves if leaf.virt >= KERNEL_HALF]

    def pages(self, start, end):
        return range(self.symbols[start], self.symbols[end], PAGE)

    def monitor(self, line):
        return self.machine.command_qmp("human-monitor-command", **{"command-line": line})


@contextmanager
def sealed_guest(kernel, words, **changes):
    with Guest(words, kernel=kernel.path, **changes) as guest:
        done = guest.sh("cat /proc/self/maps", timeout=60)
        assert done.status == 0, done
        machine = guest._session.machine
        machine.command_qmp("stop")
        tlb = machine.command_qmp("human-monitor-command", **{"command-line": "info tlb"})
        yield Sealed(machine, kernel.moved(machine.registers()), read_leaves(tlb))


@pytest.fixture(scope="module", params=("pvh", "bios-cd", "uefi-cd"), name="sealed")
def fixture_sealed(request, kernel, tmp_path_factory):
    """Boots with all selftests, so what they armed would still be armed."""
    with sealed_guest(kernel, "", screen=True, door=request.param,
                      images=tmp_path_factory.mktemp("images")) as sealed:
        yield sealed


def shown(leaves):
    return [f"{leaf.virt:#x} -> {leaf.phys:#x} {leaf.flags}" for leaf in leaves][:20]


def still_mapped(sealed, start, end):
    pages = sealed.pages(start, end)
    return shown(leaf for leaf in sealed.kernel
                 if leaf.virt < pages.stop and leaf.virt + leaf.size > pages.start)


def slot_value(sealed, slot):
    return int(sealed.monitor(f"x /1gx {sealed.symbols[slot]:#x}").split(":")[1], 16)


def still_writable(sealed, start, end):
    """Neither in the image nor by any alias, such as the map of all memory."""
    frames = {sealed.at[page].phys for page in sealed.pages(start, end)}
    assert frames
    return shown(leaf for leaf in sealed.leaves
                 if leaf.writable and any(map(leaf.covers, frames)))


def test_the_tables_are_seen(sealed):
    """The permanent parts are there with the rights that they need: the reader reads."""
    text = [sealed.at[page] for page in sealed.pages("text_start", "text_end")]
    assert text and not [leaf for leaf in text if leaf.writable or not leaf.executable]
    data = [sealed.at[page] for page in sealed.pages("ro_after_init_end", "data_end")]
    assert data and not [leaf for leaf in data if not leaf.writable]
    assert "Cannot access" not in sealed.monitor(f"x /1bx {sealed.symbols['text_start']:#x}")


@pytest.mark.parametrize("start,end", RELEASED)
def test_what_only_boot_needed_is_unmapped(sealed, start, end):
    pages = sealed.pages(start, end)
    assert len(pages) > 0
    assert not still_mapped(sealed, start, end)
    for address in (pages.start, pages.stop - 1):
        assert "Cannot access memory" in sealed.monitor(f"x /1bx {address:#x}")


def test_selftest_code_is_in_what_is_unmapped(sealed):
    ranges = [sealed.pages(start, end) for start, end in RELEASED]
    tests = [name for name in sealed.symbols if name.startswith("selftest_M")]
    assert len(tests) > 100
    outside = [name for name in (*tests, *SELFTEST_ONLY)
               if not any(pages.start <= sealed.symbols[name] < pages.stop for pages in ranges)]
    assert not outside


@pytest.mark.parametrize("slot", ARMED_BY_SELFTESTS)
def test_no_slot_is_armed(sealed, slot):
    assert slot_value(sealed, slot) == 0


@pytest.mark.parametrize("start,end", FINAL)
def test_what_is_final_has_no_writable_leaf(sealed, start, end):
    assert not still_writable(sealed, start, end)


def test_only_kernel_text_is_executable(sealed):
    found = {leaf.virt for leaf in sealed.kernel if leaf.executable}
    assert found == set(sealed.pages("text_start", "text_end"))


def test_nothing_is_writable_and_executable(sealed):
    assert not shown(leaf for leaf in sealed.leaves if leaf.writable and leaf.executable)


def test_each_half_belongs_to_its_side(sealed):
    assert not shown(leaf for leaf in sealed.kernel if leaf.user)
    assert not shown(leaf for leaf in sealed.leaves
                     if leaf.virt < KERNEL_HALF and not leaf.user)


@pytest.mark.parametrize("plant", PLANTS, ids=lambda plant: plant.id)
def test_what_is_left_open_is_seen(plant, tree):
    """Each kernel by what it leaves open, and by nothing else."""
    with sealed_guest(Elf(planted.build(plant, tree)), "selftest=off") as sealed:
        seen = [start for start, end in RELEASED if still_mapped(sealed, start, end)]
        seen += [slot for slot in ARMED_BY_SELFTESTS if slot_value(sealed, slot)]
        seen += [start for start, end in FINAL if still_writable(sealed, start, end)]
    assert seen == [plant.says]
