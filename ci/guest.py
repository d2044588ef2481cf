# SPDX-License-Identifier: BSD-2-Clause
"""A booted Bartizan which runs one program after the other for a suite, by the agent on COM2."""

import os
import time
from dataclasses import dataclass
from pathlib import Path

from .vm.agent import FIRST_CREDIT, Agent, exit_status
from .vm.elf import Elf
from .vm.machine import Config
from .vm.session import Session

BUILD = Path(__file__).resolve().parent.parent / "build"
# O: the folder of another build whose kernel is tried, as for ./bartizan.
KERNEL = Path(os.environ.get("O", BUILD)) / "bartizan.elf"
PATH = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"
BOOT_PATIENCE_S = 60
SHOWN_BYTES = 4000


class GuestError(AssertionError):
    """The guest did not boot, died, or the program took too long. The text shows its console."""


def cpu_seconds(pid: int) -> float:
    """What a process and its children have computed so far, whatever else the host had to do."""
    total = 0.0
    for path in Path("/proc").glob("[0-9]*/stat"):
        try:
            name, fields = path.read_text(encoding="utf-8", errors="replace").rsplit(")", 1)
        except OSError:  # it has ended meanwhile
            continue
        number, parent = int(name.split(" ", 1)[0]), int(fields.split()[1])
        if pid in (number, parent):
            total += sum(map(int, fields.split()[11:13])) / os.sysconf("SC_CLK_TCK")
    return total


@dataclass(frozen=True)
class Done:
    """What a program left: its exit status as a shell sees it, and all it has written."""

    status: int
    stdout: bytes
    stderr: bytes


class Guest:
    """Boots when first needed, and again after a program that did not end. A context manager."""

    def __init__(self, words: str = "selftest=off", **changes):
        self._changes = {"kernel": KERNEL, "initramfs": BUILD / "initramfs.cpio",
                         "words": f"{words} agent=com2", "com2": True, **changes}
        self._session: Session | None = None
        self._agent: Agent | None = None

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.close()

    def close(self):
        """Ends the machine; the next run() boots a new one."""
        if self._session:
            self._session.machine.close()
        self._session = None

    @property
    def console(self) -> str:
        """What the present machine has shown so far."""
        return self._session.console.decode("utf-8", "replace") if self._session else ""

    @property
    def cpu_seconds(self) -> float:
        """What the present machine has computed so far."""
        return cpu_seconds(self._session.machine.pid)

    def run(self, argv: list[str], stdin: bytes = b"", uid: int = 0, timeout: float = 30) -> Done:
        """One program, executed by its path argv[0] in the root directory."""
        if self._session is None:
            self._boot()
        agent = self._agent
        agent.status, agent.credit, agent.output = None, FIRST_CREDIT, []
        environment = {"PATH": PATH, "HOME": "/root" if uid == 0 else "/home/user"}
        agent.start(argv, environment, "/", uid)
        output = {1: bytearray(), 2: bytearray()}
        self._follow(bytearray(stdin), output, timeout)
        return Done(exit_status(agent.status), bytes(output[1]), bytes(output[2]))

    def sh(self, line: str, **options) -> Done:
        """One line for the guest's shell."""
        return self.run(["/bin/sh", "-c", line], **options)

    def type(self, data: bytes):
        """Sends to the console as if typed there."""
        self._session.machine.com1.send(data)
        self._session.step(0.05)

    def _boot(self):
        config = Config(**self._changes)
        self._session = Session(config, Elf(config.kernel))
        self._session.start()
        self._agent = Agent(self._session.machine.com2)
        self._until(lambda: self._agent.ready, "no agent", BOOT_PATIENCE_S)

    def _follow(self, stdin, output, timeout):
        ended = False

        def settled():
            nonlocal ended
            for descriptor, data in self._agent.take_output():
                output[descriptor] += data
            if stdin and self._agent.room:
                part = bytes(stdin[:self._agent.room])
                del stdin[:len(part)]
                self._agent.send_input(part)
            if not stdin and not ended:
                ended = True
                self._agent.send_end_of_input()
            return self._agent.status is not None

        self._until(settled, f"so far {bytes(output[1])!r} and {bytes(output[2])!r}", timeout)

    def _until(self, settled, what, timeout):
        deadline = time.monotonic() + timeout
        self._agent.receive()
        while not settled():
            if self._session.machine.over or self._session.stream.bail is not None:
                self._session.machine.drain()
                self._give_up(f"the guest ended: {what}")
            if time.monotonic() > deadline:
                self._give_up(f"not within {timeout:.0f} s: {what}")
            self._session.step(0.05)
            self._agent.receive()

    def _give_up(self, why):
        self._session.step(0)
        shown = self.console[-SHOWN_BYTES:]
        self.close()
        raise GuestError(f"{why}\n{shown}")


def launcher(*arguments: str) -> list[str]:
    """The command line of ./bartizan, for suites that try it from outside."""
    return [os.fspath(BUILD.parent / "bartizan"), *map(os.fspath, arguments)]
