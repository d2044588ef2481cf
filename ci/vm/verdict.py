# SPDX-License-Identifier: BSD-2-Clause
"""Judges one boot: its marker stream and its end, held against what the ELF promises.

Six outcomes; of several that apply the first of this list counts:
  broken       the harness or the stream cannot be trusted
  crash        panic, reset, or QEMU ended by itself
  timeout      no progress before the deadline
  fail         a test failed, or the kernel's own account does not add up
  not-reached  an expected line did not come
  pass         everything expected came, was right, and was sealed
"""

import bisect
from dataclasses import dataclass, field

from .expected import Expected, feature_of
from .markers import MarkerReader, Subtest, seal_of

BROKEN, CRASH, TIMEOUT, FAIL, NOT_REACHED, PASS = OUTCOMES = (
    "broken", "crash", "timeout", "fail", "not-reached", "pass")
SKIP = "skip"

EXIT_PASS, EXIT_FAIL = 0x10, 0x11
# A test's deadline is in guest time. A busy host may be this much slower, and no test gets less
# than this many seconds of host time: they are for hangs, not for judging how fast something is.
HOST_SLOWNESS = 10
LEAST_DEADLINE_S = 60.0


@dataclass
class Evidence:
    """All that was seen of one boot."""

    markers: MarkerReader
    nonce: bytes
    arrivals: list[tuple[int, float]] = field(default_factory=list)
    exit_status: int | None = None
    shutdown: str = ""
    timed_out: bool = False
    broken: str = ""

    def arrival(self, offset: int) -> float:
        """When the byte before this offset came."""
        at = bisect.bisect_left(self.arrivals, (offset, 0.0))
        return self.arrivals[min(at, len(self.arrivals) - 1)][1]


@dataclass
class Verdict:
    """The outcome, every reason for it, and each expected test's own outcome."""

    reasons: list[tuple[str, str]] = field(default_factory=list)
    tests: dict[str, str] = field(default_factory=dict)
    where: str = ""

    @property
    def outcome(self) -> str:
        return min((outcome for outcome, _ in self.reasons), key=OUTCOMES.index, default=PASS)

    @property
    def first(self) -> str:
        """The reason to name first."""
        return next((text for outcome, text in self.reasons if outcome == self.outcome), "")

    def add(self, outcome: str, text: str):
        self.reasons.append((outcome, text))

    def __str__(self) -> str:
        text = f"{self.outcome}: {self.first}" if self.first else self.outcome
        return f"{text} ({self.where})" if self.where and self.outcome != PASS else text


def test_deadline(expected: Expected, label: str) -> float:
    """Seconds of host time that the test may take."""
    test = expected.test(label)
    guest = test.deadline_ms / 1000 if test else 0
    return max(LEAST_DEADLINE_S, guest * HOST_SLOWNESS)


def judge(expected: Expected, evidence: Evidence) -> Verdict:
    """The one verdict on a boot."""
    verdict = Verdict()
    stream = evidence.markers.stream
    verdict.where = _where(stream)
    _judge_trust(verdict, expected, evidence)
    _judge_end(verdict, expected, evidence)
    _judge_milestones(verdict, expected, evidence)
    _judge_totals(verdict, expected, stream)
    _judge_exit_code(verdict, expected, evidence.exit_status)
    _judge_seal(verdict, evidence)
    _judge_reach(verdict, expected, evidence)
    return verdict


def _where(stream):
    """The place to name when a boot did not get to its end."""
    if stream.milestone is None:
        return "before M1"
    if stream.begun:
        return f"M{stream.milestone}, last test begun {stream.begun.label}"
    results = stream.results
    last = f", last test ended {results[-1].label}" if results else ""
    return f"M{stream.milestone}{last}"


def _judge_trust(verdict, expected, evidence):
    stream = evidence.markers.stream
    if evidence.broken:
        verdict.add(BROKEN, evidence.broken)
    if stream.error:
        verdict.add(BROKEN, stream.error)
    if not expected.labels and not expected.off:
        verdict.add(BROKEN, "the kernel ELF lists no selftests")
    for label in expected.missing_from_elf:
        verdict.add(BROKEN, f"{label} is in the sources, not in the ELF")
    if stream.build_id and stream.build_id != expected.build_id:
        verdict.add(BROKEN, f"another kernel runs: build {stream.build_id}, "
                            f"expected {expected.build_id}")
    if "unsealed" in (stream.nonce, stream.seal):
        verdict.add(BROKEN, "the stream is unsealed: the kernel did not read the nonce")
    if evidence.exit_status is not None and evidence.exit_status < 0:
        verdict.add(BROKEN, f"QEMU was killed by signal {-evidence.exit_status}")


def _judge_end(verdict, expected, evidence):
    stream = evidence.markers.stream
    if stream.restarted:
        verdict.add(CRASH, "the kernel started a second time")
    if stream.bail is not None:
        verdict.add(CRASH, stream.bail)
    if evidence.shutdown == "guest-reset":
        verdict.add(CRASH, "the guest was reset (triple fault or reset request)")
    if evidence.timed_out:
        verdict.add(TIMEOUT, "no progress before the deadline")


def _judge_exit_code(verdict, expected, status):
    if status is None or status < 0:
        return
    code = status >> 1
    if status % 2 == 0 or code not in (EXIT_PASS, EXIT_FAIL):
        verdict.add(CRASH if status % 2 == 0 else FAIL, f"QEMU ended with status {status}")
    elif not expected.only:
        verdict.add(FAIL, f"exit code {code:#x} from a boot that must not use the exit port")
    elif code == EXIT_FAIL:
        verdict.add(FAIL, "the kernel's exit code says FAIL")


def _judge_milestones(verdict, expected, evidence):
    stream = evidence.markers.stream
    if stream.plan not in (None, len(expected.milestones)):
        verdict.add(FAIL, f"{stream.plan} milestones planned, {len(expected.milestones)} exist")
    verdict.tests = {label: NOT_REACHED for label in expected.labels}
    last = 0
    for block in stream.subtests:
        if block.milestone not in expected.milestones:
            verdict.add(BROKEN, f"M{block.milestone} is not a milestone of this kernel")
            continue
        position = expected.milestones.index(block.milestone) + 1
        if position <= last:
            verdict.add(FAIL, f"M{block.milestone} is out of order or came twice")
        if block.ok is not None and block.number != position:
            verdict.add(FAIL, f"M{block.milestone} is numbered {block.number}, not {position}")
        last = position
        if block.skip is not None:
            _judge_skipped_milestone(verdict, expected, block)
        else:
            _judge_block(verdict, expected, evidence, block)


def _judge_skipped_milestone(verdict, expected, block):
    if not expected.selected(block.milestone):
        return
    if expected.tests.get(block.milestone):
        verdict.add(NOT_REACHED, f"M{block.milestone} was skipped: {block.skip}")


def _judge_block(verdict, expected, evidence, block: Subtest):
    tests = expected.tests.get(block.milestone, [])
    if not expected.selected(block.milestone):
        verdict.add(FAIL, f"M{block.milestone} ran and was not selected")
    missing = max(0, len(tests) - len(block.results)) if block.total is not None else 0
    if block.plan not in (None, len(tests)) and not (missing and block.plan == len(block.results)):
        verdict.add(FAIL, f"M{block.milestone} plans {block.plan} tests, the ELF has {len(tests)}")
    order = {test.label: position for position, test in enumerate(tests)}
    position = -1
    for index, result in enumerate(block.results):
        if result.label not in order:
            verdict.add(BROKEN, f"{result.label} is not a test of M{block.milestone} in the ELF")
            continue
        if result.number != index + 1:
            verdict.add(FAIL, f"{result.label} is numbered {result.number}, not {index + 1}")
        if order[result.label] <= position:
            verdict.add(FAIL, f"{result.label} is out of order or came twice")
        position = order[result.label]
        verdict.tests[result.label] = _judge_result(verdict, expected, evidence, result,
                                                    tests[position])
    if block.open is not None:
        _judge_open(verdict, block.open, order)
    _judge_block_sums(verdict, block, missing)


def _judge_result(verdict, expected, evidence, result, test):
    """One test line: its outcome."""
    absent = test.skip and feature_of(test.skip) in expected.absent
    if not result.ok:
        why = f": {result.comment}" if result.comment else ""
        verdict.add(FAIL, f"{result.label}{why}")
        return FAIL
    if result.skip is not None:
        if absent and feature_of(result.skip) == feature_of(test.skip):
            return SKIP
        verdict.add(FAIL, f"{result.label} skipped for {result.skip}, which is not declared")
        return FAIL
    if absent:
        verdict.add(FAIL, f"{result.label} ran, though {feature_of(test.skip)} is absent")
        return FAIL
    if evidence.arrivals:
        seconds = evidence.arrival(result.ended) - evidence.arrival(result.begun)
        if seconds > test_deadline(expected, result.label):
            verdict.add(FAIL, f"{result.label} passed after its deadline ({seconds:.1f} s)")
            return FAIL
    return PASS


def _judge_open(verdict, open_test, order):
    """The test that was begun and did not end takes the boot's outcome."""
    if open_test.label not in order:
        verdict.add(BROKEN, f"{open_test.label} is not a test of the ELF")
    elif verdict.outcome in (CRASH, TIMEOUT):
        verdict.tests[open_test.label] = verdict.outcome


def _judge_block_sums(verdict, block, missing):
    """The milestone's own account. Tests without a line are not-reached, not a wrong sum."""
    passed = sum(result.ok for result in block.results)
    good = passed == len(block.results)
    name = f"M{block.milestone}"
    if block.total is not None:
        right = passed <= block.passed <= passed + missing
        if not right or block.total < passed or not _fits(block.claims_pass, good, missing):
            verdict.add(FAIL, f"{name} claims {block.passed}/{block.total} "
                              f"{'PASS' if block.claims_pass else 'FAIL'}, "
                              f"{passed} of {len(block.results)} lines are ok")
    if block.ok is not None and not _fits(block.ok, good, missing):
        verdict.add(FAIL, f"{name}'s own line contradicts its tests")


def _fits(claim, good, missing):
    """Whether a claim of success fits the lines; with missing tests the kernel may know of both."""
    return claim == good or bool(missing and good)


def _judge_totals(verdict, expected, stream):
    if stream.total is None:
        return
    passed = sum(result.ok for result in stream.results)
    good = passed == len(stream.results)
    missing = max(0, len(expected.labels) - len(stream.results))
    right = passed <= stream.passed <= passed + missing
    if not right or not _fits(stream.claims_pass, good, missing):
        verdict.add(FAIL, f"the kernel claims {stream.passed}/{stream.total}, "
                          f"{passed} of {len(stream.results)} lines are ok")


def _judge_seal(verdict, evidence):
    stream = evidence.markers.stream
    if stream.nonce not in ("", "unsealed") and stream.nonce != evidence.nonce.hex():
        verdict.add(FAIL, "the stream carries another boot's nonce")
    elif stream.seal not in ("", "unsealed"):
        if stream.seal != seal_of(bytes(evidence.markers.data), stream, evidence.nonce):
            verdict.add(FAIL, "the seal does not fit the stream and this boot's nonce")


def _judge_reach(verdict, expected, evidence):
    stream = evidence.markers.stream
    for label, outcome in verdict.tests.items():
        if outcome == NOT_REACHED:
            verdict.add(NOT_REACHED, f"{label} did not run")
    seen = {block.milestone for block in stream.subtests}
    for number in expected.milestones:
        if number not in seen:
            verdict.add(NOT_REACHED, f"M{number} has no line")
    if expected.off:
        verdict.add(NOT_REACHED, "selftests are off")
    if not stream.seal:
        verdict.add(NOT_REACHED, "the stream has no seal")
    if expected.only:
        if evidence.exit_status is None:
            verdict.add(NOT_REACHED, "the kernel did not write its exit code")
    elif stream.up is None:
        verdict.add(NOT_REACHED, "PID 1 did not start")
