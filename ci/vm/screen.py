# SPDX-License-Identifier: BSD-2-Clause
"""What the screen shows: a picture of it, read back into text by the kernel's own glyphs."""

import importlib.util
import struct
import zlib
from collections import Counter
from dataclasses import dataclass
from functools import cache
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
UNIFONT = "/usr/share/grub/unicode.pf2"
WIDTH, HEIGHT = 8, 16
LARGE_WIDTH, SCALE_MAX = 2560, 4  # as drv/screen/fb.c
UNKNOWN = "\N{REPLACEMENT CHARACTER}"


@dataclass(frozen=True)
class Cell:
    """One place of the text: a character and two colours, each as (red, green, blue)."""

    text: str
    foreground: tuple[int, int, int]
    background: tuple[int, int, int]


@cache
def _glyphs():
    """Pixel rows of one column -> character. Blocks come last: ASCII wins where two look alike."""
    spec = importlib.util.spec_from_file_location("font", ROOT / "drv/screen/font.py")
    font = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(font)
    found = {}
    for code, columns, rows in font.glyphs(UNIFONT):
        found.setdefault(bytes(row >> 8 for row in rows), chr(code))
        if columns == 2:
            found.setdefault(bytes(row & 255 for row in rows), "")
    return found


@cache
def read_cell(pixels: bytes) -> Cell:
    """The cell that is painted like this; of two colours the more frequent is the background."""
    points = [tuple(pixels[at:at + 3]) for at in range(0, len(pixels), 3)]
    colours = [colour for colour, _ in Counter(points).most_common()]
    if len(colours) == 1:
        return Cell(" ", colours[0], colours[0])
    for back, fore in (colours[:2], colours[1::-1]):
        bits = bytes(sum(0x80 >> x for x in range(WIDTH) if points[y * WIDTH + x] == fore)
                     for y in range(HEIGHT))
        if len(colours) == 2 and bits in _glyphs():
            return Cell(_glyphs()[bits], fore, back)
    return Cell(UNKNOWN, colours[1], colours[0])


class Picture:
    """A screendump: pixels, and the text console's cells in them."""

    def __init__(self, ppm: bytes):
        size, depth, self.pixels = ppm.removeprefix(b"P6\n").split(b"\n", 2)
        self.width, self.height = map(int, size.split())
        self.scale = min(1 + self.width // LARGE_WIDTH, SCALE_MAX)
        if depth != b"255" or len(self.pixels) != 3 * self.width * self.height:
            raise ValueError("not a picture that QEMU writes")

    def _pixels_of(self, column, row):
        stride, step = 3 * self.width, 3 * self.scale
        first = row * HEIGHT * self.scale * stride + column * WIDTH * step
        starts = range(first, first + HEIGHT * self.scale * stride, self.scale * stride)
        lines = [self.pixels[at:at + WIDTH * step] for at in starts]
        if self.scale > 1:
            lines = [line[x:x + 3] for line in lines for x in range(0, WIDTH * step, step)]
        return b"".join(lines)

    def cells(self) -> list[list[Cell]]:
        """All cells, row by row."""
        columns = self.width // (WIDTH * self.scale)
        return [[read_cell(self._pixels_of(column, row)) for column in range(columns)]
                for row in range(self.height // (HEIGHT * self.scale))]

    def rows(self) -> list[str]:
        """The text of each row, without the blanks on its right."""
        return ["".join(cell.text for cell in row).rstrip() for row in self.cells()]

    def text(self) -> str:
        return "\n".join(self.rows())

    def png(self) -> bytes:
        """The same picture for other programs."""
        def chunk(kind, data):
            body = kind + data
            return struct.pack(">I", len(data)) + body + struct.pack(">I", zlib.crc32(body))
        stride = 3 * self.width
        lines = b"".join(b"\0" + self.pixels[at:at + stride]
                         for at in range(0, len(self.pixels), stride))
        head = struct.pack(">IIBBBBB", self.width, self.height, 8, 2, 0, 0, 0)
        return (b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", head) +
                chunk(b"IDAT", zlib.compress(lines)) + chunk(b"IEND", b""))
