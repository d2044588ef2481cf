# SPDX-License-Identifier: BSD-2-Clause
"""One program in the guest with this process's streams: what `sh` and `run` do after the boot.

Where standard input and output are terminals, the program has one too, and this one is raw."""

import contextlib
import os
import signal
import time

from .agent import Agent, AgentError, exit_status
from .session import PATIENCE_S, Session
from .standard_input import StandardInput
from .terminal import RawTerminal

TIMEOUT, LAUNCHER, RESET, PANIC = 124, 125, 122, 123
PASSED_ON = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP, signal.SIGQUIT)


class RemoteError(Exception):
    """The program's status did not come. `status` is the launcher's exit status."""

    def __init__(self, status: int, text: str):
        super().__init__(text)
        self.status = status


class Remote:
    """Runs one command through the agent."""

    def __init__(self, session: Session, timeout: float | None):
        self._session = session
        self._agent = Agent(session.machine.com2)
        self._input = StandardInput(session.machine)
        self._deadline = time.monotonic() + timeout if timeout else None
        self._signals: list[int] = []
        self._terminal = os.isatty(0) and os.isatty(1)
        self._resized = False

    def run(self, argv: list[str], environment: dict[str, str], directory: str, uid: int) -> int:
        """The program's exit status. Raises RemoteError if there is none."""
        handlers = {number: signal.signal(number, self._note_signal) for number in PASSED_ON}
        handlers[signal.SIGWINCH] = signal.signal(signal.SIGWINCH, self._note_size)
        try:
            self._wait_for_agent()
            with RawTerminal(leaving=()) if self._terminal else contextlib.nullcontext():
                self._agent.start(argv, environment, directory, uid, self._size())
                self._follow()
        except AgentError as error:
            raise RemoteError(LAUNCHER, f"the guest's agent: {error}") from error
        finally:
            for number, handler in handlers.items():
                signal.signal(number, handler)
        return exit_status(self._agent.status)

    def _follow(self):
        while self._agent.status is None:
            self._step()
            self._pass_signals()
            self._pass_size()
            self._pass_input()

    def _note_signal(self, number, _frame):
        self._signals.append(number)

    def _note_size(self, _number, _frame):
        self._resized = True

    def _size(self) -> tuple[int, int] | None:
        """Rows and columns of the program's terminal, if it gets one."""
        if not self._terminal:
            return None
        columns, rows = os.get_terminal_size(1)
        return rows, columns

    def _pass_size(self):
        if self._resized and self._terminal:
            self._resized = False
            self._agent.send_window_size(*self._size())

    def _wait_for_agent(self):
        seen, since = 0, time.monotonic()
        while not self._agent.ready:
            self._step()
            if self._signals:
                raise RemoteError(128 + self._signals[0], "interrupted before the program started")
            size = len(self._session.console) + len(self._session.machine.markers)
            if size != seen:
                seen, since = size, time.monotonic()
            elif time.monotonic() - since > PATIENCE_S:
                raise RemoteError(LAUNCHER, "the guest does not answer" + self._last_line())

    def _step(self):
        """One step of everything; raises as soon as no status can come any more."""
        self._session.step(self._input.pause)
        self._deliver()
        if self._agent.status is not None:
            return
        stream = self._session.stream
        if stream.bail is not None or self._session.machine.over:
            self._session.machine.drain()
            self._session.step(0)
            self._deliver()
            if self._agent.status is None:
                raise self._end()
        elif self._session.stopped:
            raise RemoteError(LAUNCHER, f"no boot: {self._session.judge()}")
        if self._deadline and time.monotonic() > self._deadline:
            raise RemoteError(TIMEOUT, "timeout")

    def _end(self):
        machine, stream = self._session.machine, self._session.stream
        if stream.bail is not None:
            return RemoteError(PANIC, f"the guest panicked: {stream.bail}")
        if machine.exit_status is not None:
            return RemoteError(LAUNCHER, f"QEMU ended with status {machine.exit_status}")
        if machine.qmp.shutdown_reason() == "guest-reset":
            return RemoteError(RESET, "the guest was reset")
        return RemoteError(LAUNCHER, "the guest powered off" + self._last_line())

    def _last_line(self):
        lines = self._session.console.decode("utf-8", "replace").split("\n")
        last = next((line.strip() for line in reversed(lines) if line.strip()), "")
        return f"; its console last said: {last}" if last else ""

    def _deliver(self):
        self._agent.receive()
        for descriptor, data in self._agent.take_output():
            while data:
                data = data[os.write(descriptor, data):]

    def _pass_signals(self):
        while self._signals:
            self._agent.send_signal(self._signals.pop(0))

    def _pass_input(self):
        data = self._input.read(self._agent.room)
        if data:
            self._agent.send_input(data)
        elif data is not None:
            self._agent.send_end_of_input()
