# SPDX-License-Identifier: BSD-2-Clause
"""tests/sim: the scheduler keeps each promise, and a defect breaks each one before all others."""

import re

import pytest

from tests.host_mutants import Program, make

PROGRAM = Program("sim", "sched-sim", r"^BROKEN\s+(.+?)\s+\d+ \(bound", "first")
KEPT = re.compile(r"^ok\s+(.+?)\s+\d+ \(bound", re.MULTILINE)


@pytest.fixture(scope="module", name="built")
def fixture_built():
    return PROGRAM.build()


def test_every_promise_is_kept_and_can_be_broken(built):
    """Each has exactly one defect that it is the first to show."""
    assert built
    report = make("sched-sim")
    assert not PROGRAM.failure.search(report), report
    assert sorted(KEPT.findall(report)) == sorted(mutant.breaks for mutant in PROGRAM.mutants())


@pytest.mark.parametrize("mutant", PROGRAM.mutants(), ids=lambda mutant: mutant.id)
def test_planted_defect_breaks_its_promise(mutant, built, tmp_path):
    assert PROGRAM.first_failure(mutant, built, tmp_path) == mutant.breaks
