# SPDX-License-Identifier: BSD-2-Clause
"""The page tables of a running kernel, read from outside out of the guest's memory, and judged.

Written after the processor's manual (SDM vol 3, 4.5), not after the kernel's own walker, which judges
at every boot from inside: a defect that both share would have to be made twice. All roots are found
by what they share, the kernel half's entries, so that none is left out.
"""

import mmap
import re
import struct
from collections import defaultdict
from functools import cached_property
from pathlib import Path
from typing import NamedTuple

PAGE = 4096
HALF = PAGE // 2
PRESENT, WRITE, USER, LARGE, GLOBAL, NO_EXECUTE = 1, 2, 4, 1 << 7, 1 << 8, 1 << 63
ADDRESS = 0x000FFFFFFFFFF000
USER_START, USER_END = 0x10000, 0x7FFFFFFFF000
ENTRIES = struct.Struct("<512Q")
SPANS = {4: 1 << 39, 3: 1 << 30, 2: 1 << 21, 1: 1 << 12}
ACCESSED = 1 << 5
SECOND = 0x1000  # kernel/x86/pti.h: PTI_ROOT_BIT

# Of struct layout, in its order; where the base of each may be.
LAYOUT = Path(__file__).resolve().parent.parent / "kernel/x86/layout.def"
ROW = re.compile(r"^REGION\((\w+), [^,]+, (0x\w+)ull, (\d+), (\d+),", re.M)


class Window(NamedTuple):
    """A region's base is `start` and a multiple of `step` behind it, below `start` + `size`."""

    start: int
    size: int
    step: int


REGIONS = {name: Window(int(start, 16), int(gib) << 30, 1 << int(step))
           for name, start, gib, step in ROW.findall(LAYOUT.read_text(encoding="utf-8"))}
STACK_PAGES, STACK_STEP = 4, 8  # mm/kstack.h
ENTRY_PAGES = (4, 5, 7)  # of them: the first CPU's TSS, the others' entry page, a stack's top


class Leaf(NamedTuple):
    """What is mapped at `virt`; rights are those of all levels together."""

    virt: int
    phys: int
    size: int
    write: bool
    user: bool
    execute: bool
    entry: int

    def __str__(self):
        rights = "".join(letter if has else "-" for letter, has in
                         zip("UWX", (self.user, self.write, self.execute), strict=True))
        return f"{self.virt:#x} -> {self.phys:#x}, {self.size:#x} {rights}"


class Memory:
    """The guest's memory, up to 2 GiB: a file that QEMU shares. `words` go to its command line."""

    def __init__(self, folder: Path, megabytes: int):
        self.path = folder / "ram"
        self.words = ["-object", f"memory-backend-file,id=ram,share=on,size={megabytes}M,mem-path={self.path}",
                      "-machine", "memory-backend=ram"]
        self.data = b""

    def open(self):
        with self.path.open("r+b") as file:
            self.data = mmap.mmap(file.fileno(), 0)

    def copy(self) -> "Memory":
        """As it is now, to be changed."""
        other = object.__new__(Memory)
        other.data = bytearray(self.data)
        return other

    def table(self, phys: int):
        return ENTRIES.unpack_from(self.data, phys)

    def set_entry(self, phys: int, index: int, value: int):
        struct.pack_into("<Q", self.data, phys + 8 * index, value)

    def word(self, phys: int) -> int:
        return struct.unpack_from("<Q", self.data, phys)[0]


class Half:
    """One half of what a root maps: its leaves in order, and where its tables' entries stand."""

    def __init__(self, memory: Memory, root: int, kernel: bool):
        self.memory = memory
        self.leaves: list[Leaf] = []
        self.tables: list[int] = []
        self.places: dict[int, tuple[int, int]] = {}  # by virt: table, index
        self.left: list[int] = []  # where an entry is not present and not empty
        self.user_above: list[int] = []  # addresses that an upper entry has opened to ring 3
        self._walk(root, 4, 0, (True, True, True), range(256, 512) if kernel else range(256))

    def _walk(self, table, level, base, above, indices=range(512)):
        span = SPANS[level]
        self.tables.append(table)
        entries = self.memory.table(table)
        for index in indices:
            entry = entries[index]
            if not entry & PRESENT:
                if entry:
                    self.left.append(base + index * span)
                continue
            virt = base + index * span
            if virt >> 47 & 1:
                virt |= 0xFFFF << 48
            write, user, execute = above
            rights = (write and bool(entry & WRITE), user and bool(entry & USER),
                      execute and not entry & NO_EXECUTE)
            if entry & USER and virt >> 63:
                self.user_above.append(virt)
            if level == 1 or entry & LARGE:
                self.leaves.append(Leaf(virt, entry & ADDRESS & -span, span, *rights, entry))
                self.places[virt] = table, index
            else:
                self._walk(entry & ADDRESS, level - 1, virt & (1 << 48) - 1, rights)

    @cached_property
    def frames(self) -> set[int]:
        return frames_of(self.leaves)

    def at(self, address: int) -> Leaf:
        return next(leaf for leaf in self.leaves if leaf.virt <= address < leaf.virt + leaf.size)


class Picture:
    """All address spaces at one moment. `isolated`: each has a second root, for ring 3."""

    def __init__(self, memory: Memory, registers: str, symbols: dict[str, int], isolated=False):
        self.memory = memory
        self.symbols = symbols
        loaded = [int(word, 16) & ADDRESS for word in re.findall(r"CR3=([0-9a-f]+)", registers)]
        if isolated:
            loaded = [root & ~SECOND for root in loaded]
        self.roots = self._find_roots(loaded[0])
        self.lost = [root for root in loaded if root not in self.roots]
        self.kernel = Half(memory, self.roots[0], True)
        self.user = {root: Half(memory, root, False) for root in self.roots}
        self.layout = self._read_layout()

    def second(self, root: int) -> Half:
        """The kernel half of what ring 3 runs with."""
        return Half(self.memory, root | SECOND, True)

    def _find_roots(self, known):
        """Pages whose upper half is the same; the kernel never changes it once it runs programs."""
        upper = bytes(self.memory.data[known + HALF:known + PAGE])
        found, at = [], self.memory.data.find(upper)
        while at >= 0:
            if at % PAGE == HALF:
                found.append(at - HALF)
            at = self.memory.data.find(upper, at + 8)
        return found

    def _read_layout(self):
        leaf = self.kernel.at(self.symbols["layout"])
        at = leaf.phys + self.symbols["layout"] - leaf.virt
        return {name: self.memory.word(at + 8 * i) for i, name in enumerate(REGIONS)}

    def region(self, name: str) -> list[Leaf]:
        base = self.layout[name]
        return [leaf for leaf in self.kernel.leaves if base <= leaf.virt < base + SPANS[4]]

    def image(self) -> list[Leaf]:
        start, end = self.symbols["image_start"], self.symbols["image_end"]
        return [leaf for leaf in self.kernel.leaves if start <= leaf.virt < end]


def unsafe_rights(picture):
    """W^X; ring 3 has nothing above and all of its own below; what is global is the kernel's."""
    for leaf in picture.kernel.leaves:
        if leaf.write and leaf.execute:
            yield f"writable and executable: {leaf}"
        if not leaf.entry & GLOBAL:
            yield f"kernel leaf that is not global: {leaf}"
    for virt in picture.kernel.user_above:
        yield f"open to ring 3 in the kernel half: {virt:#x}"
    for half in picture.user.values():
        for leaf in half.leaves:
            if leaf.write and leaf.execute:
                yield f"writable and executable: {leaf}"
            if not leaf.user:
                yield f"supervisor leaf in the user half: {leaf}"
            if leaf.entry & GLOBAL:
                yield f"global user leaf: {leaf}"
            if not USER_START <= leaf.virt < USER_END:
                yield f"outside the user range: {leaf}"


def frames_of(leaves):
    return {phys for leaf in leaves for phys in range(leaf.phys, leaf.phys + leaf.size, PAGE)}


def shared_frames(picture):
    """No program maps what is the kernel's; what it can write is in no other program.

    Shared mappings are the exception that the caller has not made.
    """
    tables = set(picture.kernel.tables)
    for half in picture.user.values():
        tables.update(half.tables)
    kernels = frames_of(leaf for name in ("frames", "heap", "stacks") for leaf in picture.region(name))
    kernels |= frames_of(picture.image())
    writers = defaultdict(set)
    for root, half in picture.user.items():
        for leaf in half.leaves:
            if leaf.phys in tables:
                yield f"a program maps a page table: {leaf}"
            if leaf.phys in kernels:
                yield f"a program maps the kernel's memory: {leaf}"
            if leaf.write:
                writers[leaf.phys].add(root)
    for phys, roots in writers.items():
        if len(roots) > 1:
            yield f"writable in {len(roots)} address spaces: {phys:#x}"
        if any(phys in half.frames for root, half in picture.user.items() if root not in roots):
            yield f"writable in one address space and seen in another: {phys:#x}"


def shared_tables(picture):
    """A table of a user half stands in one place of one root."""
    owner = {}
    for root, half in picture.user.items():
        for table in half.tables[1:]:
            if table in owner or table in picture.kernel.tables:
                yield f"a table of two places: {table:#x}, in {root:#x}"
            owner[table] = root


def open_aliases(picture):
    """What is executable is writable by no other address either."""
    text = frames_of(leaf for leaf in picture.kernel.leaves if leaf.execute)
    for leaf in picture.kernel.leaves:
        if leaf.write and any(phys in text for phys in frames_of([leaf])):
            yield f"writable alias of kernel text: {leaf}"
    for half in picture.user.values():
        for leaf in half.leaves:
            if leaf.phys in text:
                yield f"a program maps kernel text: {leaf}"


def missing_guards(picture):
    """Each kernel stack has as many unmapped pages on both sides as it has mapped ones."""
    base = picture.layout["stacks"]
    for leaf in picture.region("stacks"):
        page = (leaf.virt - base) // PAGE
        if leaf.size != PAGE or page % STACK_STEP < STACK_STEP - STACK_PAGES:
            yield f"a guard page is mapped: {leaf}"
        if not leaf.write or leaf.execute:
            yield f"a stack page with other rights: {leaf}"


def left_entries(picture):
    """L1TF: a CPU may read the memory that an entry names which is not present."""
    for half in (picture.kernel, *picture.user.values()):
        for virt in half.left:
            yield f"not present and not empty: {virt:#x}"


def entry_pages(picture, cpus):
    """Where ring 3's root may map something of the kernel half in the image; a stack's top or the page
    of a CPU's entries is also allowed."""
    symbols = picture.symbols
    pages = {page: "X" for page in range(symbols["entry_text_start"], symbols["entry_text_end"], PAGE)}
    pages |= {symbols["idt"]: "R", symbols["gdts"]: "R", symbols["gdts"] + PAGE: "R",
              symbols["percpu_boot"] + PAGE: "W"}
    return pages, 5 * cpus


def open_to_ring_3(picture, cpus):
    """Page-table isolation: beyond the entries ring 3 runs with nothing of the kernel half."""
    pages, stack_pages = entry_pages(picture, cpus)
    base = picture.layout["stacks"]
    for root in picture.roots:
        if picture.user[root].tables[1:] == []:
            continue  # the kernel's own, or one that is not used now
        halves = [[entry & ~ACCESSED for entry in picture.memory.table(table)[:256]]
                  for table in (root, root + SECOND)]
        if halves[0] != halves[1]:
            yield f"two user halves: {root:#x}"
        leaves = picture.second(root).leaves
        for leaf in leaves:
            rights = "X" if leaf.execute else "W" if leaf.write else "R"
            page = (leaf.virt - base) // PAGE
            stack = base <= leaf.virt < base + SPANS[4] and rights == "W" and page % STACK_STEP in ENTRY_PAGES
            if leaf.size != PAGE or leaf.user or leaf.entry & GLOBAL:
                yield f"not an entry's page: {leaf}"
            elif pages.get(leaf.virt) != rights and not stack:
                yield f"the kernel's, open to Meltdown: {leaf}"
            elif picture.kernel.at(leaf.virt).phys != leaf.phys:
                yield f"another frame than the kernel's: {leaf}"
        if len(leaves) != len(pages) + stack_pages:
            yield f"{len(leaves)} pages of the kernel half, not {len(pages) + stack_pages}"


RULES = (unsafe_rights, shared_frames, shared_tables, open_aliases, missing_guards, left_entries)


def violations(picture: Picture) -> list[str]:
    """All that is wrong, by whichever rule."""
    found = [f"CR3 {root:#x} is no root" for root in picture.lost]
    return found + [text for rule in RULES for text in rule(picture)]
