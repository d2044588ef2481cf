# SPDX-License-Identifier: BSD-2-Clause
"""Standard input, read as it comes and without changing its mode, which other programs share."""

import os
import select

from .machine import Machine

PAUSE_S = 0.1


class StandardInput:
    """Descriptor 0 beside a machine's own channels."""

    def __init__(self, machine: Machine):
        self.open = True
        self._machine = machine
        self._watched = False
        self._watchable = True
        self._wanted = False

    @property
    def pause(self) -> float:
        """How long the machine may wait in one step: not at all while a plain file has more."""
        return 0 if self._wanted and not self._watchable else PAUSE_S

    def read(self, limit: int) -> bytes | None:
        """At most `limit` bytes; None when there is nothing now, b"" once at the end."""
        self._wanted = self.open and limit > 0
        self._watch()
        if not self._wanted:
            return None
        try:
            if not select.select([0], [], [], 0)[0]:
                return None
            data = os.read(0, limit)
        except OSError:
            data = b""
        if not data:
            self.open = self._wanted = False
            self._watch()
        return data

    def _watch(self):
        """Watches the descriptor exactly while its bytes are wanted."""
        try:
            if self._wanted and not self._watched and self._watchable:
                self._watchable = self._watched = self._machine.watch(0)
            elif self._watched and not self._wanted:
                self._machine.unwatch(0)
                self._watched = False
        except (OSError, KeyError):
            self._watchable = self._watched = False
