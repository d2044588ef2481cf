# SPDX-License-Identifier: BSD-2-Clause
"""QEMU's gdb stub: enough of the remote protocol to let one CPU do one instruction at a time."""

import re
import socket
import struct

# The order of QEMU's x86-64 register packet.
GENERAL = ("rax", "rbx", "rcx", "rdx", "rsi", "rdi", "rbp", "rsp", "r8", "r9", "r10", "r11", "r12",
           "r13", "r14", "r15", "rip")
SEGMENTS = 7  # eflags, cs, ss, ds, es, fs, gs: 4 bytes each
THREAD = re.compile(rb"thread:(?:p[0-9a-f]+\.)?([0-9a-f]+);")


class GdbStub:
    """One connection to a machine that has started. CPUs are numbered from 1, as the stub does."""

    def __init__(self, connected: socket.socket):
        self._socket = connected
        self._buffer = b""
        # The machine stops because somebody has connected, and says so before it answers.
        self._send(b"qAttached")
        while self._receive()[:1] == b"T":
            pass

    @classmethod
    def connect(cls, path):
        """To a machine that has made its socket."""
        connected = socket.socket(socket.AF_UNIX)
        connected.connect(str(path))
        return cls(connected)

    def close(self):
        self._socket.close()

    def _send(self, text):
        self._socket.sendall(b"$%s#%02x" % (text, sum(text) & 0xff))

    def _receive(self):
        while True:
            start = self._buffer.find(b"$")
            end = self._buffer.find(b"#", start)
            if start >= 0 and 0 <= end and len(self._buffer) >= end + 3:
                packet = self._buffer[start + 1:end]
                self._buffer = self._buffer[end + 3:]
                self._socket.sendall(b"+")
                return packet
            data = self._socket.recv(65536)
            if not data:
                raise EOFError("the machine has ended")
            self._buffer += data

    def ask(self, text: bytes) -> bytes:
        """One request and its answer."""
        self._send(text)
        return self._receive()

    def break_at(self, address: int):
        """Stops whichever CPU comes there."""
        assert self.ask(b"Z1,%x,1" % address) == b"OK"

    def forget(self, address: int):
        assert self.ask(b"z1,%x,1" % address) == b"OK"

    def go(self) -> int:
        """All CPUs run until one stops; its number."""
        return int(THREAD.search(self.ask(b"vCont;c"))[1], 16)

    def go_alone(self, cpu: int):
        """One CPU runs until it stops; the others stand still."""
        stopped = THREAD.search(self.ask(b"vCont;c:%x" % cpu))
        assert int(stopped[1], 16) == cpu

    def monitor(self, line: str):
        """A command of QEMU's human monitor that says nothing."""
        assert self.ask(b"qRcmd," + line.encode().hex().encode()) == b"OK", line

    def step(self, cpu: int):
        """One instruction of one CPU; the others stand still."""
        self.ask(b"vCont;s:%x" % cpu)

    def registers(self, cpu: int) -> dict[str, int]:
        """The general registers, rip, and the bases of fs and gs."""
        assert self.ask(b"Hg%x" % cpu) == b"OK"
        data = bytes.fromhex(self.ask(b"g").decode())
        values = dict(zip(GENERAL, struct.unpack_from("<17Q", data)))
        bases = struct.unpack_from("<2Q", data, 17 * 8 + SEGMENTS * 4)
        return values | {"fs_base": bases[0], "gs_base": bases[1]}

    def read(self, address: int, size: int) -> bytes:
        """Reads memory as the CPU whose registers were asked last sees it."""
        return bytes.fromhex(self.ask(b"m%x,%x" % (address, size)).decode())

    def write(self, address: int, data: bytes):
        """Writes memory, read-only or not, as the CPU whose registers were asked last sees it."""
        assert self.ask(b"M%x,%x:%s" % (address, len(data), data.hex().encode())) == b"OK"
