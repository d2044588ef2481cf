# SPDX-License-Identifier: BSD-2-Clause
"""Every instruction that one CPU does, with the registers before it: QEMU logs them faster than its
gdb stub could be asked, and a hundred thousand of them take a second."""

import re
from collections.abc import Iterator
from pathlib import Path

from .vm.gdbstub import GdbStub

KERNEL_HALF = 0xffff800000000000
# For QEMU's command line: what runs in ring 3 is left out of the log.
WORDS = ("-dfilter", f"{KERNEL_HALF:#x}..0xffffffffffffffff")
GENERAL = ("rax", "rbx", "rcx", "rdx", "rsi", "rdi", "rbp", "rsp", "r8", "r9", "r10", "r11", "r12",
           "r13", "r14", "r15", "rip")
_HEX = rb"([0-9a-f]{16})"
STATE = re.compile(
    rb"RAX=%b RBX=%b RCX=%b RDX=%b\nRSI=%b RDI=%b RBP=%b RSP=%b\n"
    rb"R8 =%b R9 =%b R10=%b R11=%b\nR12=%b R13=%b R14=%b R15=%b\nRIP=%b .*\n"
    rb"(?:.. =.*\n){4}FS =[0-9a-f]{4} %b.*\nGS =[0-9a-f]{4} %b".replace(b"%b", _HEX))


def record(stub: GdbStub, cpu: int, end: int, path: Path):
    """Lets the CPU, which stands still as all do, run alone to the address `end`."""
    stub.break_at(end)
    stub.monitor("singlestep on")  # an instruction to a translated block: each is logged
    stub.monitor(f"logfile {path}")
    stub.monitor("log cpu")
    stub.go_alone(cpu)
    stub.monitor("log none")
    stub.monitor("singlestep off")
    stub.forget(end)


def read(path: Path) -> Iterator[dict[str, int]]:
    """The registers before each instruction of the kernel, in order."""
    names = (*GENERAL, "fs_base", "gs_base")
    for match in STATE.finditer(path.read_bytes()):
        yield {name: int(text, 16) for name, text in zip(names, match.groups(), strict=True)}
