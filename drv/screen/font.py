#!/usr/bin/python3
# SPDX-License-Identifier: BSD-2-Clause
"""Make the screen's glyph table out of GRUB's Unifont: font.py unicode.pf2 OUT.c

At build time, so that ring 0 parses no font. Kept are the scripts that need no shaping, signs, kana and
full-width forms; the ideographs alone would be larger than the kernel. A glyph is one or two columns
of 8 x 16 pixels.
"""
import pathlib
import re
import struct
import sys

HEIGHT = 16
ASCENT = 14
REPLACEMENT = 0xFFFD
RANGES = (
    (0x0020, 0x007E), (0x00A0, 0x05FF),  # Latin, Greek, Cyrillic, Armenian, Hebrew
    (0x0E00, 0x0E7F), (0x10A0, 0x10FF),  # Thai, Georgian
    (0x1E00, 0x2BFF),  # more Latin and Greek, signs, arrows, lines, blocks, Braille
    (0x2C60, 0x2C7F), (0x2E00, 0x2E7F), (0x3000, 0x30FF), (0xFF01, 0xFF9F), (0xFFE0, 0xFFE6),
    (REPLACEMENT, REPLACEMENT))
WIDTHS = pathlib.Path(__file__).with_name("width.def")


class Pf2:
    """GRUB's font file: sections of name, big-endian length and bytes; glyphs stand in DATA."""

    def __init__(self, data):
        self.data = data
        self.offsets = {}
        at = 0
        while data[at:at + 4] != b"DATA":
            length = struct.unpack_from(">I", data, at + 4)[0]
            if data[at:at + 4] == b"CHIX":
                for entry in struct.iter_unpack(">IBI", data[at + 8:at + 8 + length]):
                    self.offsets[entry[0]] = entry[2]
            at += 8 + length

    def glyph(self, code):
        """(advance in pixels, rows as integers, the leftmost of 16 pixels is bit 15), or None."""
        offset = self.offsets.get(code)
        if offset is None:
            return None
        width, height, left, below, advance = struct.unpack_from(">HHhhh", self.data, offset)
        rows = [0] * HEIGHT
        top = ASCENT - below - height
        for y in range(height):
            for x in range(width):
                bit = y * width + x
                inside = 0 <= top + y < HEIGHT and 0 <= left + x < 16
                if inside and self.data[offset + 10 + bit // 8] >> (7 - bit % 8) & 1:
                    rows[top + y] |= 0x8000 >> (left + x)
        return advance, rows


def squeezed(row):
    """Two pixels become one, so that a wide drawing fits one column."""
    return sum(0x8000 >> x for x in range(8) if row & (0xC000 >> (2 * x)))


def wide_codes():
    """The characters of two columns, as the console counts them."""
    found = re.findall(r"WIDE\((0x\w+), (0x\w+)\)", WIDTHS.read_text())
    return {code for first, last in found for code in range(int(first, 16), int(last, 16) + 1)}


def glyphs(path):
    """Yields (code, columns, 16 rows of 16 bits), ascending."""
    font = Pf2(pathlib.Path(path).read_bytes())
    wide = wide_codes()
    for first, last in RANGES:
        for code in range(first, last + 1):
            found = font.glyph(code)
            if found is None or (code in wide and found[0] != 16):
                continue
            narrow = found[0] == 16 and code not in wide
            yield code, 2 if code in wide else 1, list(map(squeezed, found[1])) if narrow else found[1]


def main():
    narrow, wide = [], []
    for code, columns, rows in glyphs(sys.argv[1]):
        (wide if columns == 2 else narrow).append((code, rows))
    with open(sys.argv[2], "w", encoding="ascii") as out:
        out.write('/* Made by drv/screen/font.py. */\n#include "drv/screen/font_internal.h"\n\n')
        for name, table in (("narrow", narrow), ("wide", wide)):
            out.write(f"const uint16_t font_{name}_codes[] = {{\n")
            out.writelines(f"{code:#x},\n" for code, _ in table)
            out.write(f"}};\nconst uint32_t font_{name}_count = {len(table)};\n")
            kind = "uint8_t" if name == "narrow" else "uint16_t"
            out.write(f"const {kind} font_{name}_rows[][FONT_HEIGHT] = {{\n")
            for _, rows in table:
                values = (row >> 8 if name == "narrow" else row for row in rows)
                out.write("{" + ",".join(map(hex, values)) + "},\n")
            out.write("};\n")


if __name__ == "__main__":
    main()
