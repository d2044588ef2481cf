# SPDX-License-Identifier: BSD-2-Clause
"""What a boot must show: which tests, which skips, which end. Taken from the ELF, never guessed."""

import re
from dataclasses import dataclass, field
from pathlib import Path

from .elf import Elf, Selftest

# CPU features that a test may declare itself dependent on (`# SKIP <feature>`), by QEMU model.
ABSENT_IN_TCG = frozenset({"pcid", "invpcid", "x2apic", "tsc-deadline", "rdseed", "xsaves",
                           "xsavec", "rdpid", "cet"})
ABSENT_IN_QEMU64 = ABSENT_IN_TCG | {"smep", "smap", "umip", "rdrand", "fsgsbase", "xsave", "avx",
                                    "xsaveopt", "pku", "erms", "1gb-pages", "rdtscp"}
MODELS = {"max": ABSENT_IN_TCG, "qemu64": ABSENT_IN_QEMU64}

IN_SOURCE = re.compile(r"^SELFTEST\(\s*M(\d+),\s*(\d+),\s*(\w+)", re.M)
RANGE = re.compile(r"M(\d{1,2})(?:-M(\d{1,2}))?")


def absent_features(cpu: str) -> frozenset[str]:
    """The features that a `-cpu` argument such as `max,-smap` lacks."""
    model, *changes = cpu.split(",")
    absent = set(MODELS.get(model, ABSENT_IN_TCG))
    for change in changes:
        name = change.lstrip("+-")
        if change.startswith("-"):
            absent.add(name)
        else:
            absent.discard(name)
    if "smap" not in absent:
        absent.add("tcg-smap")  # TCG with SMAP cannot show what this test is about
    return frozenset(absent)


def feature_of(skip: str) -> str:
    """`no-smap` and `smap` name the same feature."""
    return skip.removeprefix("no-")


@dataclass
class Expected:
    """The list a boot is held against."""

    build_id: str
    milestones: list[int]
    tests: dict[int, list[Selftest]]
    absent: frozenset[str] = frozenset()
    first: int = 0
    last: int = 99
    only: bool = False
    keep_going: bool = False
    off: bool = False
    missing_from_elf: list[str] = field(default_factory=list)

    def selected(self, milestone: int) -> bool:
        return not self.off and self.first <= milestone <= self.last

    @property
    def labels(self) -> list[str]:
        """Every test of the ELF that this boot selects, in order."""
        return [test.label for number in self.milestones if self.selected(number)
                for test in self.tests.get(number, [])]

    def test(self, label: str) -> Selftest | None:
        return next((test for tests in self.tests.values() for test in tests
                     if test.label == label), None)


def labels_in_sources(root: Path) -> list[str]:
    """The labels of all SELFTEST(M3, 6, name) entries below `root`/selftest."""
    labels = []
    for path in sorted((root / "selftest").rglob("*.c")):
        for milestone, row, name in IN_SOURCE.findall(path.read_text(encoding="utf-8")):
            labels.append(f"P-M{int(milestone)}-{int(row):02} {name}")
    return labels


def expect(elf: Elf, words: str = "", cpu: str = "max", sources: Path | None = None,
           smp: int = 1) -> Expected:
    """What the kernel in `elf` must show when booted with these command-line words.

    With `sources`, the root of the tree, a test that the linker has dropped is noticed too.
    """
    tests: dict[int, list[Selftest]] = {}
    for test in elf.selftests():
        tests.setdefault(test.runs_at, []).append(test)
    expected = Expected(elf.build_id, [row.number for row in elf.milestones()], tests,
                        absent_features(cpu) | ({"smp"} if smp == 1 else set()))
    for word in words.split():
        if word.startswith("selftest="):
            _select(expected, word.removeprefix("selftest=").split(","))
    if sources:
        known = {test.label for test in elf.selftests()}
        expected.missing_from_elf = [label for label in labels_in_sources(sources)
                                     if label not in known]
    return expected


def _select(expected, choices):
    expected.only = "only" in choices
    expected.keep_going = "continue" in choices
    expected.off = "off" in choices
    for choice in choices:
        if match := RANGE.fullmatch(choice):
            expected.first = int(match[1])
            expected.last = int(match[2] or match[1])
