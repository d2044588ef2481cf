# SPDX-License-Identifier: BSD-2-Clause
"""What the harness reads from an ELF file: sections, symbols, build id, the list of selftests."""

import bisect
import os
import re
import struct
import subprocess
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

SHT_SYMTAB, SHT_NOTE, SHT_NOBITS = 2, 7, 8
PT_LOAD, PT_DYNAMIC, PT_INTERP = 1, 2, 3
DT_NULL, DT_NEEDED, DT_STRTAB, DT_RPATH, DT_RUNPATH = 0, 1, 5, 15, 29
STT_OBJECT = 1
STT_FUNC = 2
NT_GNU_BUILD_ID = 3
EM_X86_64 = 62
IDT_BASE = re.compile(r"^IDT=\s*([0-9a-f]{16})", re.M)

# struct selftest and struct milestone of selftest/selftest.h.
SELFTEST = struct.Struct("<QQHHHhQI28x")
MILESTONE = struct.Struct("<QII")


class ElfError(Exception):
    """The file is not an ELF file that this module can read; the text says why."""


@dataclass(frozen=True)
class Section:
    name: str
    kind: int
    address: int
    offset: int
    size: int
    link: int


@dataclass(frozen=True)
class Segment:
    kind: int
    offset: int
    address: int
    file_size: int


@dataclass(frozen=True)
class Selftest:
    """One entry of the kernel's section .selftest: one marker line of every boot."""

    name: str
    milestone: int
    row: int
    needs: int
    skip: str
    deadline_ms: int
    place: int = 0  # selftest.h: -1 SELFTEST_FIRST, 1 SELFTEST_LAST of its milestone

    @property
    def runs_at(self) -> int:
        """The milestone at whose end the kernel runs this test."""
        return max(self.milestone, self.needs)

    @property
    def label(self) -> str:
        return f"P-M{self.milestone}-{self.row:02} {self.name}"


@dataclass(frozen=True)
class Milestone:
    name: str
    number: int


class Elf:
    """A little-endian 64-bit ELF file, held in memory."""

    def __init__(self, path):
        self.path = Path(path)
        self.data = self.path.read_bytes()
        if self.data[:4] != b"\x7fELF":
            raise ElfError(f"{path}: not an ELF file")
        if len(self.data) < 64 or self.data[4:6] != b"\x02\x01":
            raise ElfError(f"{path}: not a 64-bit little-endian ELF file")
        self.type, self.machine = struct.unpack_from("<HH", self.data, 16)
        if self.machine != EM_X86_64:
            raise ElfError(f"{path}: made for another machine (ELF machine {self.machine})")

    def _unpack(self, form, offset):
        try:
            return struct.unpack_from(form, self.data, offset)
        except struct.error as error:
            raise ElfError(f"{self.path}: truncated ELF file") from error

    @cached_property
    def segments(self) -> list[Segment]:
        table, = self._unpack("<Q", 32)
        size, count = self._unpack("<HH", 54)
        segments = []
        for index in range(count):
            kind, _, offset, address, _, file_size = self._unpack("<IIQQQQ", table + index * size)
            segments.append(Segment(kind, offset, address, file_size))
        return segments

    @cached_property
    def sections(self) -> list[Section]:
        table, = self._unpack("<Q", 40)
        size, count, names = self._unpack("<HHH", 58)
        raw = [self._unpack("<IIQQQQI", table + index * size) for index in range(count)]
        if names >= len(raw):
            return []
        strings = raw[names][4]
        return [Section(self._string_at(strings + name), kind, address, offset, length, link)
                for name, kind, _, address, offset, length, link in raw]

    def section(self, name) -> Section | None:
        return next((entry for entry in self.sections if entry.name == name), None)

    def _string_at(self, offset) -> str:
        end = self.data.find(b"\0", offset)
        if end < 0:
            raise ElfError(f"{self.path}: a name without an end")
        return self.data[offset:end].decode("utf-8", "replace")

    def offset_of(self, address) -> int:
        """Where in the file the byte with this link-time address stands."""
        for segment in self.segments:
            inside = address - segment.address
            if segment.kind == PT_LOAD and 0 <= inside < segment.file_size:
                return segment.offset + inside
        raise ElfError(f"{self.path}: nothing in the file has the address {address:#x}")

    def _name(self, address) -> str:
        return self._string_at(self.offset_of(address)) if address else ""

    def _entries(self, section_name, form):
        section = self.section(section_name)
        if section is None or section.kind == SHT_NOBITS:
            return
        if section.size % form.size:
            raise ElfError(f"{self.path}: {section_name} does not hold whole entries")
        yield from form.iter_unpack(self.data[section.offset:section.offset + section.size])

    def selftests(self) -> list[Selftest]:
        """The tests in the order in which the kernel runs them within a milestone."""
        tests = [Selftest(self._name(name), milestone, row, needs, self._name(skip), deadline_ms,
                          place)
                 for name, _, milestone, row, needs, place, skip, deadline_ms
                 in self._entries(".selftest", SELFTEST)]
        return sorted(tests, key=lambda test: (test.place, test.milestone, test.row, test.name))

    def milestones(self) -> list[Milestone]:
        return [Milestone(self._name(name), number)
                for name, number, _ in self._entries(".milestones", MILESTONE)]

    @cached_property
    def build_id(self) -> str:
        """The GNU build-id note in hexadecimal, empty if there is none."""
        for section in self.sections:
            if section.kind == SHT_NOTE:
                note = self._build_id_in(section.offset, section.offset + section.size)
                if note:
                    return note
        return ""

    def _build_id_in(self, at, end):
        while at + 12 <= end:
            name_size, size, kind = self._unpack("<III", at)
            name = self.data[at + 12:at + 12 + name_size]
            at += 12 + (name_size + 3 & ~3)
            if name == b"GNU\0" and kind == NT_GNU_BUILD_ID:
                return self.data[at:at + size].hex()
            at += size + 3 & ~3
        return ""

    def _symbols(self):
        """(name, type, address, size) of every symbol that the file defines."""
        for table in self.sections:
            if table.kind != SHT_SYMTAB:
                continue
            strings = self.sections[table.link].offset
            for at in range(table.offset, table.offset + table.size, 24):
                name, info, _, index, address, size = self._unpack("<IBBHQQ", at)
                if index and address:
                    yield self._string_at(strings + name), info & 15, address, size

    @cached_property
    def functions(self) -> list[tuple[int, int, str]]:
        """(address, size, name) of every function, by address."""
        return sorted((address, size, name) for name, kind, address, size in self._symbols()
                      if kind in (0, STT_FUNC))

    @cached_property
    def variables(self) -> list[tuple[int, int, str]]:
        """(address, size, name) of every variable, by address."""
        return sorted((address, size, name) for name, kind, address, size in self._symbols()
                      if kind == STT_OBJECT)

    @cached_property
    def addresses(self) -> dict[str, int]:
        """The address of every symbol. Of local symbols with one name it is any one's."""
        return {name: address for name, _, address, _ in self._symbols()}

    def slide(self, registers: str) -> int:
        """How far the kernel that runs lies from where it was linked: by its CPUs' IDT, in what
        QEMU shows of them. A CPU that has not started yet has none of the kernel's."""
        tables = [int(base, 16) for base in IDT_BASE.findall(registers)]
        return next((base - self.addresses["idt"] for base in tables if base >> 63), 0)

    def moved(self, registers: str) -> dict[str, int]:
        """The address of every symbol in the kernel that runs."""
        slide = self.slide(registers)
        return {name: address + slide for name, address in self.addresses.items()}

    def symbolise(self, address) -> str:
        """`function+0x1c` for an address inside a function, else an empty string."""
        at = bisect.bisect_right(self.functions, (address, 1 << 64, "")) - 1
        if at < 0:
            return ""
        start, size, name = self.functions[at]
        if size and address >= start + size:
            return ""
        return f"{name}+{address - start:#x}" if address - start < 1 << 20 else ""

    def places(self, addresses) -> dict[int, str]:
        """`mm/slab.c:93` for each address that the debug information knows of."""
        wanted = sorted(set(addresses))
        if not wanted:
            return {}
        told = subprocess.run(["addr2line", "-e", self.path, *map(hex, wanted)],
                              capture_output=True, text=True, check=False).stdout.splitlines()
        found = (os.path.normpath(line.split(" (")[0]) for line in told)
        return {address: place for address, place in zip(wanted, found)
                if place[0] != "?" and place.rpartition(":")[2] not in ("?", "0")}

    def place(self, address) -> str:
        """The one of an address, or an empty string."""
        return self.places([address]).get(address, "")

    @cached_property
    def interpreter(self) -> str:
        """The program loader that a dynamic program names, empty for a static one."""
        for segment in self.segments:
            if segment.kind == PT_INTERP:
                return self._string_at(segment.offset)
        return ""

    def dynamic_strings(self, *tags) -> list[str]:
        """The strings of the dynamic section's entries with these tags."""
        entries = []
        for segment in self.segments:
            if segment.kind == PT_DYNAMIC:
                for at in range(segment.offset, segment.offset + segment.file_size, 16):
                    entries.append(self._unpack("<QQ", at))
        table = next((value for tag, value in entries if tag == DT_STRTAB), 0)
        if not table:
            return []
        strings = self.offset_of(table)
        return [self._string_at(strings + value) for tag, value in entries if tag in tags]
