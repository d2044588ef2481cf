# SPDX-License-Identifier: BSD-2-Clause
"""The host's side of the agent protocol on COM2: frames of u32 type, u32 length, payload."""

import os
import struct

from .port import Port

START, STDIN, EOF, SIGNAL, WINSIZE = 1, 2, 3, 4, 5
READY, CREDIT, STDOUT, STDERR, STATUS = 16, 17, 18, 19, 20
VERSION = 2
LONGEST = 16384
FIRST_CREDIT = 65536
HEADER = struct.Struct("<II")
WORD = struct.Struct("<I")


class AgentError(Exception):
    """The guest sent something that is not a frame."""


class Agent:
    """Starts one program in the guest and follows it to its end."""

    def __init__(self, port: Port):
        self.ready = False
        self.credit = FIRST_CREDIT
        self.status: int | None = None
        self.output: list[tuple[int, bytes]] = []
        self._port = port
        self._rest = bytearray()

    def start(self, argv: list[str], environment: dict[str, str], directory: str, uid: int = 0,
              size: tuple[int, int] | None = None):
        """Asks for one program. argv[0] is the path that is executed; `size` are the rows and
        columns of the terminal that it gets instead of pipes."""
        strings = [*argv, *(f"{name}={value}" for name, value in environment.items()), directory]
        payload = struct.pack("<IIIIIHH", VERSION, uid, len(argv), len(environment),
                              size is not None, *(size or (0, 0)))
        payload += b"".join(os.fsencode(text) + b"\0" for text in strings)
        if len(payload) > LONGEST:
            raise AgentError(f"the command is too long: {len(payload)} bytes, {LONGEST} at most")
        self._send(START, payload)

    @property
    def room(self) -> int:
        """How many bytes of standard input may be sent now."""
        return 0 if self._port.unsent > LONGEST else min(self.credit, LONGEST)

    def send_input(self, data: bytes):
        """Bytes for the program's standard input, at most `room`."""
        self.credit -= len(data)
        self._send(STDIN, data)

    def send_end_of_input(self):
        self._send(EOF, b"")

    def send_signal(self, number: int):
        self._send(SIGNAL, WORD.pack(number))

    def send_window_size(self, rows: int, columns: int):
        self._send(WINSIZE, struct.pack("<HH", rows, columns))

    def _send(self, kind, payload):
        self._port.send(HEADER.pack(kind, len(payload)) + payload)

    def receive(self):
        """Takes the frames that have come. Output is in `output`, the end in `status`."""
        self._rest += self._port.take()
        if not self.ready and not self._found_ready():
            return
        while len(self._rest) >= HEADER.size:
            kind, length = HEADER.unpack_from(self._rest)
            if length > LONGEST:
                raise AgentError(f"a frame of {length} bytes")
            if len(self._rest) < HEADER.size + length:
                return
            payload = bytes(self._rest[HEADER.size:HEADER.size + length])
            del self._rest[:HEADER.size + length]
            self._take(kind, payload)

    def _found_ready(self) -> bool:
        """UEFI firmware shows its console on every serial port: nothing counts before READY."""
        header = HEADER.pack(READY, WORD.size)
        at = self._rest.find(header)
        del self._rest[:at if at >= 0 else max(0, len(self._rest) - len(header) + 1)]
        return at >= 0

    def _take(self, kind, payload):
        if kind in (STDOUT, STDERR):
            self.output.append((1 if kind == STDOUT else 2, payload))
        elif kind in (READY, CREDIT, STATUS) and len(payload) == WORD.size:
            self._take_word(kind, WORD.unpack(payload)[0])
        else:
            raise AgentError(f"a frame of type {kind} with {len(payload)} bytes")

    def _take_word(self, kind, value):
        if kind == CREDIT:
            self.credit += value
        elif kind == STATUS:
            self.status = value
        elif value != VERSION:
            raise AgentError(f"the agent speaks version {value}, not {VERSION}")
        else:
            self.ready = True

    def take_output(self) -> list[tuple[int, bytes]]:
        output, self.output = self.output, []
        return output


def exit_status(wait_status: int) -> int:
    """A shell's view of a wait status: the exit code, or 128 and the signal's number."""
    number = wait_status & 0x7F
    return 128 + number if number else wait_status >> 8 & 0xFF
