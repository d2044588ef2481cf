# SPDX-License-Identifier: BSD-2-Clause
"""tests/interleave and tests/interleave-sched: every scenario holds in all its schedules, and each
planted defect is found."""

import re

import pytest

from tests.host_mutants import Program, make

FAILURE = r"^interleave: ([\w ]+), run "
PROGRAMS = {name: Program(name, "interleave", FAILURE) for name in ("interleave", "interleave-sched")}
DEFECTS = [(name, mutant) for name, program in PROGRAMS.items() for mutant in program.mutants()]
REPORT = re.compile(r"interleave: ([\w ]+), \d CPUs, \d preemptions: (\d+) schedules")


@pytest.fixture(scope="module", name="built")
def fixture_built():
    return {name: program.build() for name, program in PROGRAMS.items()}


def test_every_scenario_holds_and_can_fail(built):
    """Each is the first to find a defect, so none could be left out."""
    assert built
    report = dict(REPORT.findall(make("interleave")))
    assert report and all(int(count) >= 50 for count in report.values()), report
    assert set(report) == {mutant.breaks for _, mutant in DEFECTS}


@pytest.mark.parametrize("name, mutant", DEFECTS, ids=[mutant.id for _, mutant in DEFECTS])
def test_planted_defect_is_found(name, mutant, built, tmp_path):
    assert PROGRAMS[name].first_failure(mutant, built[name], tmp_path) == mutant.breaks
