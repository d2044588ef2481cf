#!/usr/bin/python3
# SPDX-License-Identifier: BSD-2-Clause
"""The kernel's symbol table for backtraces, made from a linked ELF.

Layout, little-endian: u32 count, u32 bytes of names, count sorted u32 offsets from image_start,
count u32 offsets into the names, the names, each ended by NUL.
"""

import struct
import subprocess
import sys


def symbols(elf):
    """All (address, type, name) in text, sorted; and image_start."""
    out = subprocess.run(["nm", "-n", elf], check=True, capture_output=True, text=True).stdout
    rows = [line.split(None, 2) for line in out.splitlines() if line[0] != " "]
    rows = [(int(address, 16), kind, name) for address, kind, name in rows]
    base = next(address for address, _, name in rows if name == "image_start")
    return base, rows


def table(elf):
    base, rows = symbols(elf)
    by_offset = {}
    for address, kind, name in rows:
        if kind in "tTwW" and address >= base and name[0] != ".":
            by_offset.setdefault(address - base, name)
    offsets = sorted(by_offset)
    names, starts = b"", []
    for offset in offsets:
        starts.append(len(names))
        names += by_offset[offset].encode() + b"\0"
    return (struct.pack("<II", len(offsets), len(names))
            + struct.pack(f"<{len(offsets)}I", *offsets)
            + struct.pack(f"<{len(starts)}I", *starts) + names)


def check_same(first, second):
    """Fails unless every symbol but those behind the table has kept its address."""
    moving = {"ksyms_end", "image_end"}
    one, two = ({(a, n) for a, _, n in symbols(elf)[1] if n not in moving}
                for elf in (first, second))
    if one != two:
        sys.exit(f"ksyms.py: the second link moved addresses: {sorted(one ^ two)[:5]}")


def main():
    if sys.argv[1] == "--same":
        check_same(sys.argv[2], sys.argv[3])
    else:
        with open(sys.argv[2], "wb") as out:
            out.write(table(sys.argv[1]))


if __name__ == "__main__":
    main()
