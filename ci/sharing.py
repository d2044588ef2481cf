# SPDX-License-Identifier: BSD-2-Clause
"""Which cache lines two CPUs share while each does the same operation on objects of its own.

Each CPU is stopped at the operation's begin and followed to its end, an instruction at a time, by
QEMU's gdb stub; from the registers and the instruction comes what memory of the kernel it touches.
"""

import threading
import traceback
from collections import defaultdict

from . import memory_operands
from .guest import BUILD, Guest
from .vm.elf import Elf
from .vm.gdbstub import GdbStub

# What tests/guest/hot_paths.c does, in its order.
OPERATIONS = ("getppid", "read", "pipe", "fault", "open")
KERNEL_HALF = 0xffff800000000000
LINE_BYTES = 64
STEPS_MAX = 200_000


class Trace:
    """The cache lines that one CPU touched in one operation, and the code that did."""

    def __init__(self):
        self.readers = defaultdict(set)
        self.writers = defaultdict(set)
        self.steps = 0

    def note(self, address, size, writes, place):
        for line in range(address // LINE_BYTES, (address + size - 1) // LINE_BYTES + 1):
            (self.writers if writes else self.readers)[line].add(place)


def shared(one: Trace, other: Trace) -> dict[int, tuple[set[str], set[str]]]:
    """Lines that one writes and the other touches: who writes, and who reads or writes there."""
    found = {}
    for first, second in ((one, other), (other, one)):
        for line, writers in first.writers.items():
            touchers = second.readers.get(line, set()) | second.writers.get(line, set())
            if touchers:
                before = found.get(line, (set(), set()))
                found[line] = (before[0] | writers, before[1] | touchers)
    return found


class Follower:
    """Follows every operation of tests/guest/hot_paths.c on both CPUs."""

    def __init__(self, path, kernel: Elf, program: Elf, operations):
        self._path = path
        self._operations = operations
        self._kernel = kernel
        self._accesses = memory_operands.read(kernel.path)
        self._begin = program.addresses["hot_begin"]
        self._end = program.addresses["hot_end"]
        self.traces: dict[tuple[str, int], Trace] = {}
        self.error = None
        self.is_armed = threading.Event()  # or has failed

    def run(self):
        """For a thread of its own; what goes wrong is in `error`."""
        try:
            stub = GdbStub(self._path)
            stub.break_at(self._begin)
            self.is_armed.set()
            while len(self.traces) < 2 * len(self._operations):
                self._follow(stub, stub.go())
            stub.forget(self._begin)
            stub.ask(b"D")
            stub.close()
        except Exception as error:  # the test shows it
            self.error = error
            self.is_armed.set()
            traceback.print_exc()

    def _follow(self, stub, cpu):
        registers = stub.registers(cpu)
        name = OPERATIONS[registers["rdi"] & 0xffffffff]
        if registers["rip"] != self._begin or name not in self._operations:
            stub.step(cpu)
            return
        trace = self.traces[name, cpu - 1] = Trace()
        while registers["rip"] != self._end:
            rip = registers["rip"]
            for access in self._accesses.get(rip, ()):
                address = access.address(registers)
                if address >= KERNEL_HALF:
                    trace.note(address, access.size, access.writes, self._kernel.symbolise(rip))
            stub.step(cpu)
            registers = stub.registers(cpu)
            trace.steps += 1
            if trace.steps > STEPS_MAX:
                raise RuntimeError(f"no end after {STEPS_MAX} instructions, at {rip:#x}")


def follow(program: Elf, archive: bytes, socket, kernel=None, operations=OPERATIONS) -> Follower:
    """Boots two CPUs and runs the program under the follower."""
    changes = {"kernel": kernel} if kernel else {}
    with Guest("selftest=off nokaslr", second=archive, smp=2, gdb=socket, **changes) as guest:
        assert guest.run(["/bin/true"]).status == 0
        follower = Follower(socket, Elf(kernel or BUILD / "bartizan.elf"), program, operations)
        thread = threading.Thread(target=follower.run, daemon=True)
        thread.start()
        follower.is_armed.wait()
        done = guest.run(["/bin/hot_paths"], timeout=100)
        thread.join(10)
        if follower.error:
            raise follower.error
        assert done.status == 0, done
    return follower
