# SPDX-License-Identifier: BSD-2-Clause
"""The QEMU Machine Protocol: one JSON object a line, over a socket that is already connected."""

import json
import socket
import time


class QmpError(Exception):
    """QEMU refused a command or did not answer."""


class Qmp:
    """Commands are answered one at a time; events are kept in `events` as they come."""

    def __init__(self, connection: socket.socket):
        self.socket = connection
        self.events: list[dict] = []
        self.closed = False
        self.version = (0, 0)
        self._rest = b""
        self._answers: list[dict] = []

    def start(self):
        """Leaves the negotiation mode that every session begins in."""
        self.command("qmp_capabilities")

    def fileno(self) -> int:
        return self.socket.fileno()

    def receive(self):
        """Takes what is there; call it when the socket is readable."""
        try:
            data = self.socket.recv(65536)
        except BlockingIOError:
            return
        except ConnectionError:
            data = b""
        if not data:
            self.closed = True
            return
        *lines, self._rest = (self._rest + data).split(b"\n")
        for line in lines:
            message = json.loads(line)
            if "event" in message:
                self.events.append(message)
            elif "QMP" in message:
                numbers = message["QMP"]["version"]["qemu"]
                self.version = (numbers["major"], numbers["minor"])
            else:
                self._answers.append(message)

    def command(self, name: str, timeout: float = 20, **arguments):
        """Runs one command and returns what it returns."""
        request = {"execute": name}
        if arguments:
            request["arguments"] = arguments
        try:
            self.socket.sendall(json.dumps(request).encode() + b"\n")
        except OSError as error:
            raise QmpError(f"{name}: QEMU is gone") from error
        answer = self._wait_for_answer(name, time.monotonic() + timeout)
        if "error" in answer:
            raise QmpError(f"{name}: {answer['error']['desc']}")
        return answer["return"]

    def _wait_for_answer(self, name, deadline):
        while not self._answers:
            left = deadline - time.monotonic()
            if left <= 0 or self.closed:
                raise QmpError(f"{name}: no answer")
            self.socket.settimeout(left)
            try:
                self.receive()
            except TimeoutError:
                continue
        return self._answers.pop(0)

    def monitor(self, line: str) -> str:
        """One command of the human monitor, such as `info registers`."""
        return self.command("human-monitor-command", **{"command-line": line})

    def shutdown_reason(self) -> str:
        """Why the guest stopped the machine: guest-reset, guest-shutdown, or empty."""
        for event in self.events:
            data = event.get("data", {})
            if event["event"] == "SHUTDOWN" and data.get("guest"):
                return data.get("reason", "")
            if event["event"] == "RESET" and data.get("guest"):
                return "guest-reset"
        return ""
