# SPDX-License-Identifier: BSD-2-Clause
"""This terminal as the guest's console: raw while the guest has it, restored whatever happens."""

import os
import signal
import sys
import termios
import time
import tty

from .session import PATIENCE_S, Session
from .standard_input import StandardInput

ESCAPE = 0x01  # Ctrl-A, as in QEMU: then x ends the machine, a second Ctrl-A is sent


class RawTerminal:
    """Puts the terminal on standard input into raw mode for a with block. `leaving`: the signals
    that end the block, and the program with it."""

    def __init__(self, leaving=(signal.SIGTERM, signal.SIGHUP)):
        self._leaving = leaving
        self._saved = None

    def __enter__(self):
        if sys.stdin is not None and sys.stdin.isatty():
            self._saved = termios.tcgetattr(0)
            for number in self._leaving:
                signal.signal(number, self._leave)
            tty.setraw(0)
        return self

    def __exit__(self, *_):
        if self._saved is not None:
            termios.tcsetattr(0, termios.TCSADRAIN, self._saved)

    @staticmethod
    def _leave(number, _frame):
        raise SystemExit(128 + number)


class Console:
    """Relays standard input and output to COM1 until the guest ends or the user leaves."""

    def __init__(self, session: Session, deadline: float | None):
        """`deadline` is a value of time.monotonic()."""
        self._session = session
        self._deadline = deadline
        self._input = StandardInput(session.machine)
        self._escaped = False
        self._shown = 0
        self.left = False
        self.timed_out = False

    def run(self):
        """Returns when the guest has ended, the user has left, or time is up."""
        machine = self._session.machine
        last_growth = time.monotonic()
        while not (machine.over or self.left or self._session.stopped):
            self._session.step(self._input.pause)
            if self._show():
                last_growth = time.monotonic()
            self._pass_input()
            silent = time.monotonic() - last_growth
            if self._session.stream.up is None and silent > PATIENCE_S or self._late():
                self.timed_out = True
                return
        machine.drain()
        self._session.step(0)
        self._show()

    def _late(self):
        return self._deadline is not None and time.monotonic() > self._deadline

    def _show(self) -> bool:
        new = bytes(self._session.console[self._shown:])
        self._shown += len(new)
        while new:
            new = new[os.write(1, new):]
            if not new:
                return True
        return False

    def _pass_input(self):
        data = self._input.read(4096 - self._session.machine.com1.unsent)
        if data and sys.stdin.isatty():
            data = self._without_escapes(data)
        if data:
            self._session.machine.com1.send(data)

    def _without_escapes(self, data):
        kept = bytearray()
        for byte in data:
            if not self._escaped and byte == ESCAPE:
                self._escaped = True
                continue
            if self._escaped and byte in b"xX":
                self.left = True
            else:
                kept.append(byte)
            self._escaped = False
        return bytes(kept)
