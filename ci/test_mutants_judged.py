# SPDX-License-Identifier: BSD-2-Clause
"""O-16: what `make mutants` makes of entries that show nothing, and of one that shows something."""

import dataclasses

import pytest

from ci import mutants, planted
from ci.planted import Edit

ROW = "P-M4-05"
FILE = "mm/usercopy.c"
LENGTH_ZERO = f"{ROW} length_zero"


@pytest.fixture(scope="module", name="runner")
def fixture_runner(tmp_path_factory, kernel):
    return mutants.Runner(tmp_path_factory.mktemp("judged"), mutants.code_of(kernel))


def entry(edit, file=FILE, **more):
    return mutants.Mutant(id=f"{ROW}z", file=file, edits=(edit,), red=LENGTH_ZERO, **more)


def known(mutant_id):
    return next(mutant for mutant in mutants.mutants() if mutant.id == mutant_id)


@pytest.mark.parametrize("edit", (
    Edit("SPDX-License-Identifier: BSD-2-Clause", "SPDX-License-Identifier: MIT"),
    Edit("#define STRING_FAULT (-14)", "#define  STRING_FAULT  ((-14))"),
), ids=("a comment", "white space"))
def test_an_edit_that_changes_no_code_is_stale(runner, edit):
    result = runner.run(entry(edit))
    assert (result.fate, result.why) == (mutants.STALE, "changes no code")


@pytest.mark.parametrize("edit, says", (
    (Edit("no such words", ""), "0 places read"),
    (Edit('#include "kernel/lib/string.h"', "#include <nothing.h>"), "does not build"),
), ids=("no anchor", "no kernel"))
def test_an_edit_that_makes_no_kernel_is_stale(runner, edit, says):
    result = runner.run(entry(edit))
    assert result.fate == mutants.STALE and says in result.why


def test_a_defect_is_killed(runner):
    result = runner.run(known(f"{ROW}a"))
    assert (result.fate, result.why, result.reds[0]) == (mutants.KILLED, "", LENGTH_ZERO)


def test_without_selftests_nothing_is_killed(runner):
    """The same defect; a boot that tries nothing shows nothing."""
    result = runner.run(dataclasses.replace(known(f"{ROW}a"), boot="selftest=off"))
    assert result.fate == mutants.SURVIVED and "not-reached" in result.why, result.why


def test_the_wrong_test_does_not_count(runner):
    result = runner.run(dataclasses.replace(known(f"{ROW}a"), red="P-M4-01 null_and_the_first_64_kib"))
    assert (result.fate, result.why) == \
        (mutants.SURVIVED, "another test was the first red one")


def test_what_no_test_sees_survives(runner):
    """Other code, the same behaviour."""
    seen = Edit('log_info("random", "seeded with %u bits"', 'log_info("random", "seeded by %u bits"')
    result = runner.run(entry(seen, file="kernel/core/random.c"))
    assert (result.fate, result.why) == (mutants.SURVIVED, "green")


def test_a_red_kernel_is_no_base(runner):
    """The control: with a red test to begin with no other means anything."""
    kernel = planted.build(known(f"{ROW}a"), runner.tree())
    with pytest.raises(SystemExit, match="is not green"):
        mutants.control(kernel)
    kernel.unlink()
