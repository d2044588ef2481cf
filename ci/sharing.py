# SPDX-License-Identifier: BSD-2-Clause
"""Which cache lines two CPUs share while each does the same operation on objects of its own.

Both CPUs are stopped at the operation's begin; then each runs alone to its end, while QEMU logs its
registers before each instruction. From those and the instruction comes what memory of the kernel it
touches. An operation that an interrupt came into is done again.

In the kernel's image, which the linker lays out, a line that both touch is shared whatever lies in
it. Of what is allocated only an object that both touch counts, in one of its lines: which objects
are neighbours is another matter in every boot. Now and then a frame or a table goes from one CPU to
the other by way of what all have in common; an operation has several rounds, and what is shared in
all of them is shared by design.
"""

import threading
import traceback
from collections import Counter, defaultdict
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path

from . import execution_log, memory_operands
from .guest import BUILD, Guest
from .kernel_objects import LINE, Objects
from .vm.elf import Elf
from .vm.gdbstub import GdbStub

# What tests/guest/hot_paths.c does, in its order.
OPERATIONS = ("getppid", "read", "pipe", "fault", "open", "fork")
ROUNDS_MOST = 5
HOT = 0x686f74  # the program's word for itself: other programs have code at these addresses, too


@dataclass
class Trace:
    """The kernel's memory that one CPU touched in one operation: by address and size the code that
    read and that wrote it, by each address of code how often."""

    readers: dict = field(default_factory=lambda: defaultdict(Counter))
    writers: dict = field(default_factory=lambda: defaultdict(Counter))
    steps: int = 0
    interrupted: bool = False

    def by_line(self, objects: Objects):
        """The same by line and object: {(line, where it starts): (readers, writers, names)}."""
        lines = defaultdict(lambda: (Counter(), Counter(), set()))
        for writes, accesses in enumerate((self.readers, self.writers)):
            for (address, size), code in accesses.items():
                for line in range(address // LINE, (address + size - 1) // LINE + 1):
                    start, name = objects.at(max(address, line * LINE))
                    lines[line, start][writes].update(code)
                    lines[line, start][2].add(name)
        return lines


@dataclass
class Shared:
    """A line of an object that one CPU writes and the other touches."""

    line: int
    name: str
    writes: int  # of the CPU that does more of them
    writers: set
    touchers: set

    def __str__(self):
        return (f"{self.name}, {self.line * LINE:#x}: {self.writes} writes, by "
                f"{sorted(self.writers)}, touched by {sorted(self.touchers)}")


def compare(one, other) -> list[Shared]:
    """What both touch and at least one writes, of two results of by_line()."""
    found = []
    for key in sorted(one.keys() & other.keys()):
        (reads, writes, name), (others_reads, others_writes, others_name) = one[key], other[key]
        writers = writes.keys() | others_writes.keys()
        if writers:
            found.append(Shared(key[0], ", ".join(sorted(name | others_name)),
                                max(writes.total(), others_writes.total()), writers,
                                writers | reads.keys() | others_reads.keys()))
    return found


class Follower:
    """Follows every operation of tests/guest/hot_paths.c on both CPUs."""

    def __init__(self, socket: Path, kernel: Elf, program: Elf, operations):
        self._socket = socket
        self._operations = operations
        self._rounds = Counter()
        self._kernel = kernel
        self._symbolise = cache(kernel.symbolise)
        self._accesses = memory_operands.read(kernel.path)
        self._interrupt = kernel.addresses["trap_irq"]
        self._program = program.addresses
        self.shared: dict[str, list[Shared]] = {}
        self.steps: dict[str, list[int]] = {}
        self.error = None
        self.is_armed = threading.Event()  # or has failed

    def run(self):
        """For a thread of its own; what goes wrong is in `error`."""
        try:
            stub = GdbStub.connect(self._socket)
            stub.break_at(self._program["hot_begin"])
            self.is_armed.set()
            while not all(self._is_done(name) for name in self._operations):
                self._stopped(stub, stub.go())
            stub.forget(self._program["hot_begin"])
            stub.ask(b"D")
            stub.close()
        except Exception as error:  # the test shows it
            self.error = error
            self.is_armed.set()
            traceback.print_exc()

    def _stopped(self, stub, cpu):
        """At a breakpoint. The program does the operation again until both were followed."""
        if not self._is_ours(stub, cpu):
            stub.step(cpu)
            return
        name = OPERATIONS[stub.registers(cpu)["rdi"]]
        if name in self._operations:
            self._follow(stub, cpu, name)
            return
        self._needs_no_more(stub, cpu)
        stub.step(cpu)

    def _is_ours(self, stub, cpu):
        registers = stub.registers(cpu)
        return (registers["rip"], registers["rsi"]) == (self._program["hot_begin"], HOT)

    def _needs_no_more(self, stub, cpu):
        stub.registers(cpu)  # whose memory it is
        stub.write(self._program["hot_again"], bytes(4))

    def _follow(self, stub, cpu, name):
        """Both stand at the begin, in ring 3, before either goes on: what one gives back during the
        operation the other cannot have got for its own."""
        stub.go_alone(3 - cpu)
        while not self._is_ours(stub, 3 - cpu):
            stub.step(3 - cpu)
            stub.go_alone(3 - cpu)
        stub.forget(self._program["hot_begin"])
        traces = [self._record(stub, number) for number in (1, 2)]
        stub.break_at(self._program["hot_begin"])
        if not any(trace.interrupted for trace in traces):
            objects = Objects(stub, self._kernel)
            self.steps[name] = [trace.steps for trace in traces]
            self.shared[name] = compare(*(trace.by_line(objects) for trace in traces))
            self._rounds[name] += 1
            for number in (1, 2) if self._is_done(name) else ():
                self._needs_no_more(stub, number)

    def _is_done(self, name):
        return name in self.shared and (self._rounds[name] == ROUNDS_MOST or
                                        not self.shared[name])

    def _record(self, stub, cpu):
        log = self._socket.with_suffix(".log")
        execution_log.record(stub, cpu, self._program["hot_end"], log)
        trace = self._trace(log)
        log.unlink()
        return trace

    def _trace(self, log):
        trace = Trace()
        before = None
        for registers in execution_log.read(log):
            rip = registers["rip"]
            if registers == before:  # it was begun, and then done after all
                continue
            before = registers
            trace.steps += 1
            trace.interrupted |= rip == self._interrupt
            for access in self._accesses.get(rip, ()):
                address = access.address(registers)
                if address >= execution_log.KERNEL_HALF:
                    found = trace.writers if access.writes else trace.readers
                    found[address, access.size][self._symbolise(rip)] += 1
        return trace


def follow(program: Elf, archive: bytes, socket, kernel=None,
           operations=OPERATIONS) -> Follower:
    """Boots two CPUs and runs the program under the follower, each operation until it shares
    nothing, ROUNDS_MOST times at most."""
    changes = {"kernel": kernel} if kernel else {}
    with Guest("selftest=off nokaslr", second=archive, smp=2, gdb=socket, icount=True,
               extra=[*execution_log.WORDS], **changes) as guest:
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
