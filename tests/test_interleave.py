# SPDX-License-Identifier: BSD-2-Clause
"""tests/interleave: every scenario holds in all its schedules, and each planted defect is found."""

import re

import pytest

from tests.host_mutants import Program, make

PROGRAM = Program("interleave", "interleave", r"^interleave: ([\w ]+), run ")
REPORT = re.compile(r"interleave: ([\w ]+), \d CPUs, \d preemptions: (\d+) schedules")


@pytest.fixture(scope="module", name="built")
def fixture_built():
    return PROGRAM.build()


def test_every_scenario_holds_and_can_fail(built):
    """Each is the first to find a defect, so none could be left out."""
    assert built
    report = dict(REPORT.findall(make("interleave")))
    assert report and all(int(count) >= 50 for count in report.values()), report
    assert set(report) == {mutant.breaks for mutant in PROGRAM.mutants()}


@pytest.mark.parametrize("mutant", PROGRAM.mutants(), ids=lambda mutant: mutant.id)
def test_planted_defect_is_found(mutant, built, tmp_path):
    assert PROGRAM.first_failure(mutant, built, tmp_path) == mutant.breaks
