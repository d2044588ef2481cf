# SPDX-License-Identifier: BSD-2-Clause
"""A person at a terminal: ./bartizan in a pseudo terminal, driven by what appears on it."""

import os
import select
import termios

import pexpect

from .guest import launcher

FAST = ("--append", "selftest=off")
DEADLINE_S = 60
ROOT_PROMPT = r"bartizan:[^#$\n]*# "
USER_PROMPT = r"bartizan:[^#$\n]*\$ "
INTERRUPT, QUIT, SUSPEND, END = "\x03", "\x1c", "\x1a", "\x04"
ESCAPE, UP, LEFT, HOME = "\x1b", "\x1b[A", "\x1b[D", "\x1b[H"


class Terminal:
    """One launcher on a terminal of 24 rows and 80 columns."""

    def __init__(self, *arguments: str, rows: int = 24, columns: int = 80):
        command, *rest = launcher(*arguments)
        self.child = pexpect.spawn(command, rest, timeout=DEADLINE_S, encoding="utf-8",
                                   codec_errors="replace", dimensions=(rows, columns), echo=False)
        self.child.delaybeforesend = None
        self.first_modes, self.last_modes = self.modes(), None

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.child.close(force=True)

    def expect(self, pattern: str):
        self.child.expect(pattern)

    def expect_text(self, *texts: str):
        """Each appears, in this order."""
        for text in texts:
            self.child.expect_exact(text)

    def type(self, text: str):
        """What follows from it is waited for by expect()."""
        self.child.send(text)

    def flood(self, data: bytes):
        """Type all of it; what appears meanwhile is dropped."""
        end = self.child.child_fd
        while data:
            readable, writable, _ = select.select([end], [end], [], DEADLINE_S)
            assert readable or writable, "the terminal takes nothing"
            if readable:
                os.read(end, 65536)
            if writable:
                data = data[os.write(end, data[:1024]):]

    def run(self, line: str, *texts: str, prompt: str = ROOT_PROMPT):
        """Type a line at the prompt and see these texts before the next one."""
        self.type(f"{line}\r")
        self.expect_text(*texts)
        self.expect(prompt)

    def finish(self) -> int:
        """The launcher's exit status, once it has ended by itself."""
        self.child.expect(pexpect.EOF)
        self.last_modes = self.modes()
        self.child.close()
        return self.child.exitstatus

    def modes(self) -> list:
        """Of the launcher's terminal, now."""
        return termios.tcgetattr(self.child.child_fd)
