#!/usr/bin/python3
# SPDX-License-Identifier: BSD-2-Clause
"""Write the fuzzers' seed inputs: seeds.py FOLDER makes FOLDER/<fuzzer>/<name>."""
import pathlib
import random
import struct
import sys

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent))
import elf_corpus  # noqa: E402


def elf():
    for name, _, data in elf_corpus.cases():
        if len(data) < 16384:
            yield name, data
    yield "script", b"#!/bin/sh -e\nexit 0\n"


def newc(name, mode, data=b"", **fields):
    values = dict(ino=1, mode=mode, uid=0, gid=0, nlink=1, mtime=0, size=len(data), major=0,
                  minor=0, rmajor=0, rminor=0, namesize=len(name) + 1, check=0) | fields
    head = b"070701" + b"".join(b"%08x" % v for v in values.values()) + name + b"\0"
    head += bytes(-len(head) % 4)
    return head + data + bytes(-len(data) % 4)


def cpio():
    trailer = newc(b"TRAILER!!!", 0)
    tree = (newc(b".", 0o40755) + newc(b"bin", 0o40755) + newc(b"bin/sh", 0o100755, b"hello")
            + newc(b"link", 0o120777, b"bin/sh") + newc(b"dev/null", 0o20666, rmajor=1, rminor=3))
    yield "empty", trailer
    yield "tree", tree + trailer
    yield "two", tree + trailer + bytes(512) + newc(b"/second", 0o100644, b"x" * 5) + trailer
    yield "dotdot", newc(b"a/../../b", 0o100644) + trailer
    yield "huge", newc(b"huge", 0o100644, size=0xFFFFFFFF) + trailer
    yield "cut", tree


def cmdline():
    for i, line in enumerate((b"selftest=off quiet", b'a="x y" b -- c=d e', b'"q w"=1 =x "" a.b=c',
                              b"agent=com2 selftest=M1-M3,only root=/dev/sda1")):
        yield f"line{i}", bytes([255]) + line
        yield f"short{i}", bytes([10]) + line


def memmap():
    def pack(*entries):
        return b"".join(struct.pack("<QQB", *entry) for entry in entries)
    pc = ((0, 0x9FC00, 1), (0x9FC00, 0x400, 2), (0xF0000, 0x10000, 2), (0x100000, 0x7EE0000, 1),
          (0x7FE0000, 0x20000, 3), (0xFEFFC000, 0x4000, 2), (1 << 32, 1 << 32, 1))
    yield "pc", pack(*pc)
    yield "reversed", pack(*reversed(pc))
    yield "overlap", pack((0, 1 << 20, 1), (0x1800, 0x1000, 4), (0x1000, 0x3001, 5))
    yield "wrap", pack((2**64 - 4096, 8192, 1), (2**64 - 1, 1, 2), (2**52 - 1, 2, 1))


def acpi():
    """Raw material; the fuzzer puts the sums right."""
    base = 0x7FE0000

    def table(signature, body):
        data = signature + struct.pack("<I", 36 + len(body)) + b"\3" + bytes(27) + body
        return data + bytes(-len(data) % 16)
    s5 = b"\x08_S5_\x12\x06\x04\x0a\x05\x0a\x05\x00\x00"
    madt = (struct.pack("<II", 0xFEE00000, 1) + bytes((0, 8, 0, 0, 1, 0, 0, 0))
            + bytes((1, 12, 0, 0, 0, 0, 0xC0, 0xFE, 0, 0, 0, 0)) + bytes((2, 10, 0, 0, 2, 0, 0, 0, 0, 0))
            + bytes((4, 6, 255, 0, 0, 1)) + bytes((9, 16)) + bytes(14) + bytes((5, 12)) + bytes(10))
    dsdt = table(b"DSDT", s5)
    fadt = bytearray(208)
    struct.pack_into("<I", fadt, 4, base + 48)
    fadt = table(b"FACP", bytes(fadt))
    madt, hpet = table(b"APIC", madt), table(b"HPET", bytes(4) + bytes((0, 64, 0, 0))
                                             + struct.pack("<Q", 0xFED00000) + bytes(4))
    addresses, at = [], base + 48 + len(dsdt)
    for data in (fadt, madt, hpet):
        addresses.append(at)
        at += len(data)
    for name, revision, root in (("xsdt", 2, table(b"XSDT", struct.pack("<3Q", *addresses))),
                                 ("rsdt", 0, table(b"RSDT", struct.pack("<3I", *addresses)))):
        rsdp = b"RSD PTR " + bytes(7) + bytes([revision]) + struct.pack(
            "<IIQ", 0 if revision else at, 36, at if revision else 0) + bytes(16)
        yield name, rsdp[:48].ljust(48, b"\0") + dsdt + fadt + madt + hpet + root


def path():
    for i, text in enumerate((b"/", b"a/b/c", b"//a/./../b//", b"x" * 255 + b"/y", b"x" * 256,
                              b"/" * 4095, b"a/" * 2048, b"a\0b", b"...", b".a/..b")):
        yield f"path{i}", text


def area():
    for seed in range(8):
        yield f"ops{seed}", random.Random(seed).randbytes(4 * 60 * (seed + 1))


def ldisc():
    def modes(iflag, oflag, lflag):
        return bytes(2) + struct.pack("<4IB19s", iflag, oflag, 0o277, lflag, 0,
                                      bytes.fromhex("031c7f150400010011131a00120f1716000000"))
    typed = b"\5\0" + b"ab\tc\x7f\x7f\x17 de\x16\x03\x12\x15\r\n\x04\xc3\xa9\x7f".ljust(36, b"z")
    written = b"\3\xff" + b"a\tb\r\nc\b".ljust(72, b"w")
    for name, flags in (("default", (0o2400, 5, 0o105073)), ("raw", (0, 0, 0)),
                        ("print", (0o46400, 0o14025, 0o7172))):
        yield name, modes(*flags) + typed + written + b"\1\x20" + b"\2\0" + typed + bytes(40)
        yield f"{name}-full", modes(*flags) + b"\4\xff" + typed[2:] + typed + b"\1\xff" * 30


def vt():
    for i, text in enumerate((b"\33[2;4r\33[4H\n\33M\33[L\33[2M\33[S\33[T\33[r", b"\33[?1049hx\33[?1049l\33c",
                              b"\33[1;31;48;5;99m\33[38;2;1;2;3mx\33[7m", b"\33[6n\33[c\33Z\33[5n",
                              "a\u4e00\u0301\r\33[4h\33[2@\33[3P\33[2X".encode(), b"\33(0lqk\16\17\33#8",
                              b"\33]0;t\7\33P\33\\\33]P0000000\33[[A", b"\33[?6h\33[?7l\33[99;99Hxy\33[H",
                              b"\33[3g\33H\t\33[2Z\33[I")):
        yield f"text{i}", bytes((i, i)) + text


def main():
    folder = pathlib.Path(sys.argv[1])
    for make in (elf, cpio, cmdline, memmap, acpi, path, area, ldisc, vt):
        (folder / make.__name__).mkdir(parents=True, exist_ok=True)
        for name, data in make():
            (folder / make.__name__ / name).write_bytes(data)


if __name__ == "__main__":
    main()
