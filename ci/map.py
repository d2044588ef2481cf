#!/usr/bin/python3
# SPDX-License-Identifier: BSD-2-Clause
"""The address spaces of a running kernel as a picture: map.py OUT.svg

Boots the kernel, has a shell sleep, and draws the kernel half and the shell's own half as the page
tables have them (ci/page_tables.py): neighbours with the same rights are one block, guard pages are
hatched. A block's height goes by the logarithm of its size. It boots with nokaslr, so that one
picture is like the next.
"""

import sys
import tempfile
from dataclasses import dataclass
from html import escape
from math import log2
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))
from ci.guest import BUILD, Guest  # noqa: E402
from ci.page_tables import PAGE, REGIONS, SPANS, Memory, Picture  # noqa: E402
from ci.vm.elf import Elf  # noqa: E402

MEGABYTES = 256
GUARD_MOST = 64 * PAGE  # a hole of this size between two blocks is a guard
BLOCKS_MOST = 12  # of one region; the rest is counted
COLOURS = {"r--": "#b8c4ce", "rw-": "#f2b05e", "r-x": "#6ea8d9", "guard": "url(#guard)",
           "hole": "#fff"}
NAMES = {"r--": "read only", "rw-": "read, write", "r-x": "read, execute",
         "guard": "guard, not mapped", "hole": "not touched yet"}
TITLES = {"image": "kernel image", "physmap": "all memory", "frames": "frame database",
          "heap": "large allocations", "stacks": "kernel stacks", "devices": "devices"}
COLUMN, BAR, LINE = 470, 130, 14


@dataclass
class Block:
    """Neighbouring pages of the same rights, or of none."""

    start: int
    end: int
    rights: str

    @property
    def height(self):
        return 13 + round(2 * log2((self.end - self.start) / PAGE))

    def label(self):
        size = self.end - self.start
        shown = f"{size >> 10} KiB" if size < 1 << 20 else f"{size >> 20} MiB"
        return f"{self.start:016x}  {shown:>9}  {self.rights}"


def blocks_of(leaves, between="guard"):
    blocks = []
    for leaf in leaves:
        rights = "r" + ("w" if leaf.write else "-") + ("x" if leaf.execute else "-")
        if blocks and blocks[-1].end == leaf.virt and blocks[-1].rights == rights:
            blocks[-1].end += leaf.size
            continue
        if blocks and 0 < leaf.virt - blocks[-1].end <= GUARD_MOST:
            blocks.append(Block(blocks[-1].end, leaf.virt, between))
        blocks.append(Block(leaf.virt, leaf.virt + leaf.size, rights))
    return blocks


class Drawing:
    """Two columns of regions, each a list of blocks."""

    def __init__(self):
        self.out, self.x, self.y, self.bottom = [], 10, 0, 0

    def column(self, number, title):
        self.x, self.y = 10 + number * COLUMN, 30
        self._text(self.x, title, "font-weight='bold' font-size='14'")
        self.y += 8

    def region(self, title, blocks):
        self.y += LINE + 6
        self._text(self.x, title, "font-weight='bold'")
        self.y += 6
        for block in blocks[:BLOCKS_MOST]:
            self.out.append(f'<rect x="{self.x}" y="{self.y}" width="{BAR}" height="{block.height}" '
                            f'fill="{COLOURS[block.rights]}" stroke="#555" stroke-width=".5"/>')
            self.y += block.height
            self.out.append(f'<text x="{self.x + BAR + 8}" y="{self.y - block.height / 2 + 4}">'
                            f'{escape(block.label())}</text>')
        if not blocks:
            self.y += LINE
            self._text(self.x + 8, "empty at the moment")
        if len(blocks) > BLOCKS_MOST:
            self.y += LINE
            self._text(self.x + BAR + 8, f"and {len(blocks) - BLOCKS_MOST} more like these")
        self.bottom = max(self.bottom, self.y)

    def _text(self, x, text, style=""):
        self.out.append(f'<text x="{x}" y="{self.y}" {style}>{escape(text)}</text>')

    def legend(self):
        self.y = self.bottom + 30
        for number, (rights, name) in enumerate(NAMES.items()):
            x = 10 + number * 185
            self.out.append(f'<rect x="{x}" y="{self.y - 11}" width="24" height="14" '
                            f'fill="{COLOURS[rights]}" stroke="#555" stroke-width=".5"/>')
            self._text(x + 32, name)

    def svg(self):
        width, height = 2 * COLUMN + 10, self.y + 16
        return "\n".join([
            f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width} {height}" '
            f'font-family="monospace" font-size="11" xml:space="preserve">',
            '<defs><pattern id="guard" width="6" height="6" patternUnits="userSpaceOnUse" '
            'patternTransform="rotate(45)"><rect width="6" height="6" fill="#fff"/>'
            '<rect width="2" height="6" fill="#c33"/></pattern></defs>',
            f'<rect width="{width}" height="{height}" fill="#fff"/>', *self.out, "</svg>", ""])


def drawn(picture: Picture) -> str:
    drawing = Drawing()
    drawing.column(0, "The kernel half, the same in all address spaces")
    for name in sorted(REGIONS, key=picture.layout.get):
        leaves = picture.image() if name == "image" else picture.region(name)
        drawing.region(TITLES[name], blocks_of(leaves))
    drawing.column(1, "A program's half: the shell")
    program = max(picture.user.values(), key=lambda half: len(half.leaves))
    last = None
    parts: list[list] = []
    for leaf in program.leaves:
        if last is None or leaf.virt - last > SPANS[3]:
            parts.append([])
        parts[-1].append(leaf)
        last = leaf.virt + leaf.size
    for number, part in enumerate(parts):
        drawing.region("mappings, stack, vDSO" if number else "program, heap", blocks_of(part, "hole"))
    drawing.legend()
    return drawing.svg()


def main() -> int:
    with tempfile.TemporaryDirectory(prefix="bartizan-map-") as folder:
        memory = Memory(Path(folder), MEGABYTES)
        with Guest("nokaslr", memory=str(MEGABYTES), smp=2, extra=memory.words) as guest:
            done = guest.sh("sleep 1000 >/dev/null 2>&1 </dev/null &")
            if done.status:
                raise SystemExit(f"map.py: the shell ended with {done.status}")
            memory.open()
            machine = guest._session.machine
            machine.command_qmp("stop")
            picture = Picture(memory, machine.registers(), Elf(BUILD / "bartizan.elf").addresses)
            Path(sys.argv[1]).write_text(drawn(picture), encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())
