# SPDX-License-Identifier: BSD-2-Clause
"""The kernel's marker stream: a strict reader of the one KTAP dialect that the kernel writes.

    KTAP version 1
    # bartizan <build id> <nonce hex | unsealed>
    1..<milestones>
      KTAP version 1
      # Subtest: M1
      1..<tests>
      # begin P-M1-01 frame_classes
      ok 1 P-M1-01 frame_classes            or: not ok … [# why]    or: ok … # SKIP feature
    # [M1][SELFTEST] 14/14 PASS
    ok 1 M1                                 or: ok 1 M1 # SKIP not selected
    # [SELFTEST] n/n PASS
    # seal <16 hex digits | unsealed>
    # up <tsc>
    Bail out! panic: <reason>               at any time

The reader accepts nothing else and guesses nothing: the first line that does not belong where it
stands is `Stream.error`, and nothing behind it is read. Numbers that are well formed but wrong
(plans, counts, order) are kept as they came; verdict.py compares them with the ELF.
"""

import re
from dataclasses import dataclass, field

from .siphash import siphash24

VERSION = "KTAP version 1"
LINE_LIMIT = 512

HEADER = re.compile(r"# bartizan ([0-9a-f]+) ([0-9a-f]{32}|unsealed)")
PLAN = re.compile(r"1\.\.(0|[1-9]\d{0,5})")
SUBTEST = re.compile(r"  # Subtest: M([1-9]\d?)")
LABEL = r"P-M[1-9]\d?-\d\d+ [a-z0-9_]+"
BEGIN = re.compile(rf"  # begin ({LABEL})")
RESULT = re.compile(rf"  (not ok|ok) ([1-9]\d{{0,5}}) ({LABEL})(?: # (.+))?")
SUMMARY = re.compile(r"# \[M([1-9]\d?)\]\[SELFTEST\] (\d{1,6})/(\d{1,6}) (PASS|FAIL)")
MILESTONE = re.compile(r"(not ok|ok) ([1-9]\d?) M([1-9]\d?)(?: # SKIP ([a-z ]+))?")
TOTAL = re.compile(r"# \[SELFTEST\] (\d{1,6})/(\d{1,6}) (PASS|FAIL)")
SEAL = re.compile(r"# seal ([0-9a-f]{16}|unsealed)")
UP = re.compile(r"# up ([1-9]\d{0,19})")
BAIL = re.compile(r"Bail out! (.*)")


@dataclass
class Result:
    """One test's line; `begun` and `ended` are byte offsets of the ends of its two lines."""

    label: str
    begun: int
    ended: int = 0
    number: int = 0
    ok: bool = False
    comment: str = ""

    @property
    def skip(self) -> str | None:
        """The feature named by a SKIP directive, None if the test ran."""
        return self.comment[5:] if self.comment.startswith("SKIP ") else None


@dataclass
class Subtest:
    """One milestone's block."""

    milestone: int
    plan: int | None = None
    results: list[Result] = field(default_factory=list)
    open: Result | None = None
    passed: int | None = None
    total: int | None = None
    claims_pass: bool = False
    ok: bool | None = None
    number: int = 0
    skip: str | None = None


@dataclass
class Stream:
    """All that a marker stream says, as far as it could be read."""

    build_id: str = ""
    nonce: str = ""
    plan: int | None = None
    subtests: list[Subtest] = field(default_factory=list)
    passed: int | None = None
    total: int | None = None
    claims_pass: bool = False
    seal: str = ""
    seal_offset: int = 0
    up: int | None = None
    up_offset: int = 0
    bail: str | None = None
    restarted: bool = False
    error: str = ""
    last: str = ""

    @property
    def begun(self) -> Result | None:
        """The test that was begun and has no result yet."""
        return self.subtests[-1].open if self.subtests else None

    @property
    def milestone(self) -> int | None:
        """The milestone in work: the last one begun."""
        return self.subtests[-1].milestone if self.subtests else None

    @property
    def results(self) -> list[Result]:
        return [result for subtest in self.subtests for result in subtest.results]


def seal_of(data: bytes, stream: Stream, nonce: bytes) -> str:
    """The seal that these bytes should carry under the nonce given to this QEMU."""
    return f"{siphash24(nonce, data[:stream.seal_offset]):016x}"


class _Reader:
    """One state a method; `state` is the method that takes the next line."""

    def __init__(self):
        self.stream = Stream()
        self.state = self.version

    def feed(self, line: str, offset: int, end: int):
        """Takes the line that stands at `offset` and ends before byte `end`."""
        if self.stream.bail is None and line == VERSION and self.state != self.version:
            self.stream.restarted = True
        elif match := BAIL.fullmatch(line):
            if self.stream.bail is None:
                self.stream.bail = match[1]
        elif self.stream.bail is not None:
            self.refuse(line)
        else:
            self.state(line, offset, end)
        self.stream.last = line

    def refuse(self, line):
        self.stream.error = f"unexpected marker line {line[:120]!r}"

    def version(self, line, _offset, _end):
        if line != VERSION:
            return self.refuse(line)
        self.state = self.header

    def header(self, line, _offset, _end):
        match = HEADER.fullmatch(line)
        if not match:
            return self.refuse(line)
        self.stream.build_id, self.stream.nonce = match[1], match[2]
        self.state = self.top_plan

    def top_plan(self, line, _offset, _end):
        match = PLAN.fullmatch(line)
        if not match:
            return self.refuse(line)
        self.stream.plan = int(match[1])
        self.state = self.between

    def between(self, line, _offset, _end):
        """Outside a subtest: the next one, a skipped milestone, or the total."""
        if line == "  " + VERSION:
            self.state = self.subtest
        elif (match := MILESTONE.fullmatch(line)) and match[1] == "ok" and match[4]:
            self.stream.subtests.append(
                Subtest(int(match[3]), number=int(match[2]), ok=True, skip=match[4]))
        elif match := TOTAL.fullmatch(line):
            self.stream.passed, self.stream.total = int(match[1]), int(match[2])
            self.stream.claims_pass = match[3] == "PASS"
            self.state = self.seal
        else:
            self.refuse(line)

    def subtest(self, line, _offset, _end):
        match = SUBTEST.fullmatch(line)
        if not match:
            return self.refuse(line)
        self.stream.subtests.append(Subtest(int(match[1])))
        self.state = self.subtest_plan

    def subtest_plan(self, line, _offset, _end):
        match = PLAN.fullmatch(line[2:])
        if not match or line[:2] != "  ":
            return self.refuse(line)
        self.stream.subtests[-1].plan = int(match[1])
        self.state = self.begin

    def begin(self, line, _offset, end):
        """Inside a subtest: the next test, or the summary."""
        block = self.stream.subtests[-1]
        if match := BEGIN.fullmatch(line):
            block.open = Result(match[1], end)
            self.state = self.result
        elif (match := SUMMARY.fullmatch(line)) and int(match[1]) == block.milestone:
            block.passed, block.total = int(match[2]), int(match[3])
            block.claims_pass = match[4] == "PASS"
            self.state = self.milestone
        else:
            self.refuse(line)

    def result(self, line, _offset, end):
        block = self.stream.subtests[-1]
        match = RESULT.fullmatch(line)
        if not match or match[3] != block.open.label:
            return self.refuse(line)
        result = block.open
        result.ok, result.number = match[1] == "ok", int(match[2])
        result.comment, result.ended = match[4] or "", end
        if result.ok and result.comment and result.skip is None:
            return self.refuse(line)
        block.results.append(result)
        block.open = None
        self.state = self.begin

    def milestone(self, line, _offset, _end):
        block = self.stream.subtests[-1]
        match = MILESTONE.fullmatch(line)
        if not match or match[4] or int(match[3]) != block.milestone:
            return self.refuse(line)
        block.ok, block.number = match[1] == "ok", int(match[2])
        self.state = self.between

    def seal(self, line, offset, _end):
        match = SEAL.fullmatch(line)
        if not match:
            return self.refuse(line)
        self.stream.seal, self.stream.seal_offset = match[1], offset
        self.state = self.up

    def up(self, line, _offset, end):
        match = UP.fullmatch(line)
        if not match:
            return self.refuse(line)
        self.stream.up, self.stream.up_offset = int(match[1]), end
        self.state = self.after

    def after(self, line, _offset, _end):
        self.refuse(line)


class MarkerReader:
    """Reads a growing stream; bytes without their newline wait for the rest."""

    def __init__(self):
        self.data = bytearray()
        self._reader = _Reader()
        self._read = 0

    @property
    def stream(self) -> Stream:
        return self._reader.stream

    def feed(self, more: bytes) -> bool:
        """Takes more bytes. Returns whether a whole line came, which is progress."""
        self.data += more
        before = self._read
        while not self.stream.error and not self.stream.restarted:
            newline = self.data.find(b"\n", self._read)
            if newline < 0:
                self._check_unfinished()
                break
            self._take_line(newline)
        return self._read > before

    def _take_line(self, newline):
        raw = bytes(self.data[self._read:newline])
        if len(raw) > LINE_LIMIT or not all(32 <= byte < 127 for byte in raw):
            self.stream.error = f"not a line of text: {raw[:80]!r} ({len(raw)} bytes)"
            return
        self._reader.feed(raw.decode("ascii"), self._read, newline + 1)
        self._read = newline + 1

    def _check_unfinished(self):
        rest = len(self.data) - self._read
        if rest > LINE_LIMIT:
            self.stream.error = f"a line of more than {rest} bytes"
        elif b"\0" in self.data[self._read:]:
            self.stream.error = "a NUL byte in the marker stream"


def read_markers(data: bytes) -> MarkerReader:
    """A whole recorded stream."""
    reader = MarkerReader()
    reader.feed(data)
    return reader
