# SPDX-License-Identifier: BSD-2-Clause
"""One boot from start to verdict: a machine, the reader of its markers, and the judge."""

import re
import time

from .elf import Elf
from .expected import Expected, expect
from .machine import Config, Machine, MachineError
from .markers import MarkerReader
from .screen import Picture
from .verdict import Evidence, Verdict, judge, test_deadline

PATIENCE_S = 30.0
ADDRESS = re.compile(r"\[<?(?:0x)?([0-9a-f]{8,16})>?\]")
RIP = re.compile(r"\bRIP=([0-9a-f]{16})")


def addresses_of(text: str) -> list[int]:
    """Those of backtraces and registers."""
    return [int(found, 16) for found in ADDRESS.findall(text) + RIP.findall(text)]


class Session:
    """Drives one machine through its selftests. Use it as a context manager."""

    def __init__(self, config: Config, elf: Elf, expected: Expected | None = None):
        self.config = config
        self.elf = elf
        self.expected = expected or expect(elf, config.words, config.cpu, smp=config.smp)
        self.machine = Machine(config)
        self.reader = MarkerReader()
        self.console = bytearray()
        self.timed_out = False
        self.broken = ""
        self.verdict: Verdict | None = None
        self._fed = 0
        self._progress = 0.0

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.machine.close()

    @property
    def stream(self):
        return self.reader.stream

    def start(self):
        self.machine.start()
        self._progress = time.monotonic()

    def step(self, timeout: float = 0.1):
        """One step of the machine; new markers are read, console output is collected."""
        self.machine.step(timeout)
        self._read()

    def _read(self):
        markers = self.machine.markers
        if len(markers) > self._fed:
            if self.reader.feed(bytes(markers[self._fed:])):
                self._progress = time.monotonic()
            self._fed = len(markers)
        if self.machine.com1:
            self.console += self.machine.com1.take()

    def run(self, patience: float = PATIENCE_S, strict: bool = False) -> Verdict:
        """Boots and waits for the end of the selftests. Never raises for what the guest does.

        `patience` is how many seconds may pass without a marker line. A test whose own deadline is
        longer gets that, unless `strict`.
        """
        try:
            self.start()
        except MachineError as error:
            self.broken = str(error)
            return self.judge()
        return self.finish(patience, strict)

    def finish(self, patience: float = PATIENCE_S, strict: bool = False) -> Verdict:
        """Waits for the end of the selftests of a machine that has been started."""
        while not self._settled():
            self.step()
            allowed = patience if strict else self._patience(patience)
            if time.monotonic() > self._progress + allowed:
                self.timed_out = True
                break
        if self.machine.over or self.stream.bail is not None:
            self.machine.drain()
            self._read()
        return self.judge()

    def _patience(self, patience):
        begun = self.stream.begun
        return max(patience, test_deadline(self.expected, begun.label)) if begun else patience

    def _settled(self):
        """Whether nothing that is still to come can change the verdict."""
        stream = self.stream
        if stream.error or stream.restarted or self.machine.over or stream.up is not None:
            return True
        return self.stopped

    @property
    def stopped(self) -> bool:
        """Whether the kernel has stopped for good: panic, or a failed milestone before init."""
        stream = self.stream
        gate = stream.seal and not stream.claims_pass and not self.expected.keep_going
        return stream.bail is not None or bool(gate and not self.expected.only)

    def judge(self) -> Verdict:
        """The verdict on what has come so far."""
        machine = self.machine
        shutdown = machine.qmp.shutdown_reason() if machine.qmp else ""
        evidence = Evidence(self.reader, machine.nonce, machine.arrivals, machine.exit_status,
                            shutdown, self.timed_out, self.broken)
        self.verdict = judge(self.expected, evidence)
        return self.verdict

    # After the selftests

    def wait_for_console(self, text: str, patience: float = PATIENCE_S) -> bool:
        """Steps until the console has shown `text`, the guest ended, or nothing came in time."""
        deadline = time.monotonic() + patience
        while text.encode() not in self.console:
            if time.monotonic() > deadline or self.machine.over:
                self.machine.drain()
                self._read()
                return text.encode() in self.console
            self.step()
        return True

    def wait_for_screen(self, *texts: str, patience: float = PATIENCE_S) -> Picture:
        """Steps until the screen shows all of `texts`; the picture then, or the last one."""
        deadline = time.monotonic() + patience
        while True:
            picture = self.machine.screenshot()
            shown = picture.text()
            if all(text in shown for text in texts) or time.monotonic() > deadline:
                return picture
            self.step()

    def wait_until_over(self, patience: float = PATIENCE_S) -> bool:
        """Steps until the guest has stopped the machine, or the deadline."""
        deadline = time.monotonic() + patience
        while not self.machine.over and time.monotonic() < deadline:
            self.step()
        self.machine.drain()
        self._read()
        return self.machine.over

    def report(self, verdict: Verdict, lines: int = 40) -> str:
        """What a person needs after a boot that is not green."""
        console = self.console.decode("utf-8", "replace").replace("\r", "").splitlines()
        registers = self.machine.registers()
        slide = self.elf.slide(registers)
        places = self.elf.places(address - slide for address in
                                 addresses_of("\n".join(console[-lines:])))
        parts = [f"verdict: {verdict}"]
        parts += [f"  {outcome}: {text}" for outcome, text in verdict.reasons[:20]]
        parts += ["last marker: " + self.stream.last, "console:"]
        parts += ["  " + self._symbolised(line, slide, places) for line in console[-lines:]]
        if registers:
            parts += ["registers:"] + ["  " + self._symbolised(line, slide)
                                       for line in registers.splitlines()[:24]]
        if self.machine.stderr:
            parts += ["QEMU said:", self.machine.stderr]
        return "\n".join(parts)

    def _symbolised(self, line, slide, places=None):
        names = []
        for address in addresses_of(line):
            names += [self.elf.symbolise(address - slide), (places or {}).get(address - slide, "")]
        known = [name for name in names if name and name not in line]
        return f"{line}    <- {', '.join(known)}" if known else line
