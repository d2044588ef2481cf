#!/usr/bin/python3
# SPDX-License-Identifier: BSD-2-Clause
"""Look at the linked kernel's instructions and segments (P-M2-08, P-M3-05).

  - stac only in the usercopy section, and closed by a clac before every return; clac only there
    and in the entry code;
  - no vector, x87 or mask register anywhere but in selftests about them;
  - no access through FS: the canary is read through GS, and only user space owns FS;
  - no indirect branch outside the thunks of kernel/x86/thunks.asm (P-M3-11);
  - each address of a user copy is masked before the call, and each table that ring 3 indexes has
    its mask in the function that looks into it (P-M3-12);
  - no segment that is writable and executable; the canary is there at all.

Usage: ci/check_elf.py [ELF]     exit 0 = clean, 1 = at least one violation
"""
import os
import re
import subprocess
import sys

# .boot begins as 32-bit code and headers, which do not disassemble as 64-bit.
SECTIONS = (".init.text", ".text")
LINE = re.compile(r"^\s*([0-9a-f]+):\s+(\S+)\s*(.*)$")
VECTOR = re.compile(r"%([xyz]?mm[0-9]+|st\b|k[0-7]\b)")
# State is saved and restored as a whole, without naming a register.
USER_COPIES = {"usercopy_raw", "usercopy_clear", "usercopy_string", "usercopy_get_u32",
               "usercopy_get_u64", "usercopy_put_u32", "usercopy_put_u64", "usercopy_cmpxchg_u32"}
MASK_WITHIN = 16  # instructions before the copy
# What masks an index from ring 3, and where: calls, signals, limits, handles, descriptors.
MASKS_OF = {"syscall_linux": ("and", "$0x1ff"), "signal_action_change": ("and", "$0x3f"),
            **dict.fromkeys(("swap_limit", "handle_get", "sys_read", "sys_write", "sys_lseek",
                             "sys_fstat", "sys_ioctl"), ("sar", "$0x3f"))}
PREFIXES = {"notrack", "bnd", "lock", "rep", "repz", "repnz", "data16", "cs", "ds", "es", "gs"}


def run(*command):
    return subprocess.run(command, check=True, capture_output=True, text=True).stdout


def disassemble(elf):
    """(address, mnemonic, operands) in order of address."""
    wanted = [f"--section={name}" for name in SECTIONS]
    for line in run("objdump", "-d", "--no-show-raw-insn", *wanted, elf).splitlines():
        match = LINE.match(line)
        if match:
            yield int(match[1], 16), match[2], match[3]


def symbols(elf):
    found = {}
    for line in run("nm", elf).splitlines():
        parts = line.split()
        if len(parts) == 3:
            found[parts[2]] = int(parts[0], 16)
    return found


def in_selftest(elf, address):
    """Whether debug information places an instruction in a selftest's source."""
    place = run("addr2line", "-e", elf, hex(address))
    return "selftest/" in place.split(":")[0]


def within(table, start, end, address):
    return table.get(start, 0) <= address < table.get(end, 0)


def check_user_access(code, table):
    """stac and clac stand where they may and come in pairs."""
    open_at = None
    for address, mnemonic, _ in code:
        usercopy = within(table, "usercopy_text_start", "usercopy_text_end", address)
        entry = within(table, "entry_text_start", "entry_text_end", address)
        if mnemonic == "stac":
            if not usercopy:
                yield f"{address:#x}: stac outside the usercopy section"
            if open_at is not None:
                yield f"{address:#x}: stac while the one at {open_at:#x} is open"
            open_at = address
        elif mnemonic == "clac":
            if not usercopy and not entry:
                yield f"{address:#x}: clac outside the usercopy section and the entry code"
            open_at = None
        elif mnemonic.startswith("ret") and open_at is not None:
            yield f"{address:#x}: returns with the stac at {open_at:#x} open"
            open_at = None
        elif mnemonic == "call" and open_at is not None:
            yield f"{address:#x}: call with the stac at {open_at:#x} open"


def check_registers(code, elf):
    for address, mnemonic, operands in code:
        if mnemonic in PREFIXES:
            mnemonic, _, operands = operands.partition(" ")
        operands = operands.partition("<")[0]
        if VECTOR.search(operands) and not in_selftest(elf, address):
            yield f"{address:#x}: vector register: {mnemonic} {operands}"
        if "%fs:" in operands and not in_selftest(elf, address):
            yield f"{address:#x}: access through FS: {mnemonic} {operands}"


def check_branches(code, table):
    for address, mnemonic, operands in code:
        if mnemonic in PREFIXES:
            mnemonic, _, operands = operands.partition(" ")
        if mnemonic.startswith(("call", "jmp", "lcall", "ljmp")) and operands.strip().startswith("*") \
                and not within(table, "indirect_thunks", "indirect_thunks_end", address):
            yield f"{address:#x}: indirect branch outside the thunks: {mnemonic} {operands}"


def check_masks(code, table):
    """Each copy's user address is masked where it is handed on (P-M3-12)."""
    addresses = {table[name] for name in USER_COPIES if name in table}
    recent = []
    for address, mnemonic, operands in code:
        target = operands.split(" ")[0]
        calls = mnemonic in ("call", "jmp") and re.fullmatch("[0-9a-f]+", target)
        if calls and int(target, 16) in addresses and within(table, "text_start", "text_end", address) \
                and not any(line == ("sar", "$0x3f") for line in recent):
            yield f"{address:#x}: a user address is not masked"
        recent = [] if mnemonic.startswith("ret") else \
            (recent + [(mnemonic, operands.split(",")[0])])[-MASK_WITHIN:]


def check_indices(code, table):
    """A function named in MASKS_OF ends where the next symbol begins."""
    places = sorted(set(table.values()))
    for name, mask in MASKS_OF.items():
        start = table.get(name, places[-1])  # behind all code, if there is no such function
        end = next((place for place in places if place > start), start)
        if not any(start <= address < end and (mnemonic, operands.split(",")[0]) == mask
                   for address, mnemonic, operands in code):
            yield f"{name}: its index is not masked by {' '.join(mask)}"


def check_segments(elf):
    for line in run("readelf", "-lW", elf).splitlines():
        fields = line.split()
        if fields and fields[0] == "LOAD" and "W" in "".join(fields[6:-1]) \
                and "E" in "".join(fields[6:-1]):
            yield f"segment at {fields[2]} is writable and executable"
        if fields and fields[0] == "GNU_STACK" and "E" in "".join(fields[6:-1]):
            yield "executable stack"


def check_canary(code):
    """At least one canary load per ten functions would do; none at all is a build mistake."""
    if not any("%gs:0x28" in operands for _, _, operands in code):
        yield "no canary is read through %gs:0x28: built without the stack protector?"


def check(elf):
    code = list(disassemble(elf))
    table = symbols(elf)
    bad = [f"no symbol {name}" for name in ("usercopy_text_start", "usercopy_text_end",
                                           "entry_text_start", "entry_text_end")
           if name not in table]
    if len(code) < 1000:
        bad.append(f"only {len(code)} instructions found: wrong sections?")
    bad += check_user_access(code, table)
    bad += check_registers(code, elf)
    bad += check_branches(code, table)
    bad += check_masks(code, table)
    if "syscall_linux" in table:
        bad += check_indices(code, table)
    bad += check_segments(elf)
    bad += check_canary(code)
    return bad


def main():
    elf = sys.argv[1] if len(sys.argv) > 1 else os.path.join(
        os.path.dirname(__file__), "..", "build", "bartizan.elf")
    problems = check(elf)
    print("\n".join(problems) or "elf: clean")
    return bool(problems)


if __name__ == "__main__":
    sys.exit(main())
