# SPDX-License-Identifier: BSD-2-Clause
"""Which memory an instruction touches, read from objdump and the registers before it."""

import re
import subprocess
from dataclasses import dataclass

LINE = re.compile(r"^\s*([0-9a-f]+):\t(.*)$")
SIZES = {"BYTE": 1, "WORD": 2, "DWORD": 4, "QWORD": 8, "XMMWORD": 16, "YMMWORD": 32}
OPERAND = re.compile(r"(?:(BYTE|WORD|DWORD|QWORD|XMMWORD|YMMWORD) PTR )?"
                     r"(?:([c-g]s|ss):)?(?:\[([^\]]+)\]|(?<=:)(0x[0-9a-f]+))")
TERM = re.compile(r"([+-]?)(?:(r\w+|e\w+)(?:\*(\d))?|(0x[0-9a-f]+))")
# Of those whose first operand is memory, these do not write it.
READERS = {"cmp", "test", "push", "call", "jmp", "bt", "mul", "imul", "div", "idiv", "prefetcht0",
           "prefetchw", "verw", "lgdt", "lidt", "ltr", "lldt", "fldcw", "ldmxcsr", "fxrstor",
           "xrstor", "xrstor64", "comisd", "ucomisd"}
NOT_TOUCHING = {"lea", "nop", "invlpg", "data16", "endbr64"}
PREFIXES = {"lock", "rep", "repz", "repnz", "xacquire", "xrelease", "notrack", "cs", "ds"}


@dataclass(frozen=True)
class Access:
    """A memory operand: how its address is computed, how long it is, whether it is written."""

    base: str  # fs_base, gs_base or nothing
    terms: tuple
    size: int
    writes: bool

    def address(self, registers) -> int:
        value = registers[self.base] if self.base else 0
        for register, factor in self.terms:
            value += factor * (registers[register] if register else 1)
        return value & 0xffffffffffffffff


def _terms(text, following):
    """[(register or "", factor)] of what stands between brackets."""
    terms = []
    for sign, register, scale, constant in TERM.findall(text):
        direction = -1 if sign == "-" else 1
        if constant:
            terms.append(("", direction * int(constant, 16)))
        elif register == "rip":
            terms.append(("", following))
        else:
            terms.append((register, direction * int(scale or 1)))
    return tuple(terms)


def _accesses(text, following):
    words = text.split("#")[0].split("<")[0].strip().split()
    while words and words[0] in PREFIXES:
        words = words[1:]
    if not words or words[0] in NOT_TOUCHING:
        return ()
    operands = " ".join(words[1:])
    found = []
    for match in OPERAND.finditer(operands):
        size, segment, inside, constant = match.groups()
        first = match.start() == 0
        found.append(Access(f"{segment}_base" if segment in ("fs", "gs") else "",
                            _terms(inside or constant, following), SIZES.get(size, 8),
                            (first and words[0] not in READERS) or words[0] == "xchg"))
    return tuple(found)


def read(elf) -> dict[int, tuple[Access, ...]]:
    """The accesses of every instruction of the file by its address."""
    out = subprocess.run(["objdump", "-d", "-w", "-M", "intel", "--no-show-raw-insn", elf],
                         check=True, capture_output=True, text=True).stdout
    lines = [(int(match[1], 16), match[2]) for match in map(LINE.match, out.splitlines()) if match]
    following = [address for address, _ in lines[1:]] + [0]
    return {address: _accesses(text, after)
            for (address, text), after in zip(lines, following)}
