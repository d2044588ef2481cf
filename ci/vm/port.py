# SPDX-License-Identifier: BSD-2-Clause
"""One byte channel between the launcher and QEMU: a serial port on a socket, or debugcon."""

import selectors
import socket

CHUNK = 65536


class Port:
    """A non-blocking socket with an inbox (`received`) and a queue of bytes still to be sent."""

    def __init__(self, connection: socket.socket, selector: selectors.BaseSelector):
        self.received = bytearray()
        self.closed = False
        self._socket = connection
        self._selector = selector
        self._outbox = bytearray()
        connection.setblocking(False)
        selector.register(connection, selectors.EVENT_READ, self)

    def send(self, data: bytes):
        """Queues bytes; they go out as fast as the guest takes them."""
        if not self.closed:
            self._outbox += data
            self._flush()

    @property
    def unsent(self) -> int:
        return len(self._outbox)

    def take(self) -> bytes:
        """What has come since the last call."""
        data = bytes(self.received)
        self.received.clear()
        return data

    def ready(self, mask):
        if mask & selectors.EVENT_WRITE:
            self._flush()
        if mask & selectors.EVENT_READ:
            self._read()

    def _read(self):
        try:
            data = self._socket.recv(CHUNK)
        except BlockingIOError:
            return
        except ConnectionError:
            data = b""
        if data:
            self.received += data
        else:
            self.close()

    def _flush(self):
        try:
            while self._outbox:
                sent = self._socket.send(self._outbox[:CHUNK])
                del self._outbox[:sent]
        except BlockingIOError:
            pass
        except ConnectionError:
            self._outbox.clear()
        if not self.closed:
            write = selectors.EVENT_WRITE if self._outbox else 0
            self._selector.modify(self._socket, selectors.EVENT_READ | write, self)

    def close(self):
        if not self.closed:
            self.closed = True
            self._selector.unregister(self._socket)
            self._socket.close()
