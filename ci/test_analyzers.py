# SPDX-License-Identifier: BSD-2-Clause
"""gcc's analyzer and cppcheck find nothing in the kernel but what tests/analyzers.toml explains."""

import pytest

from ci import analyzers

DEFECT = """
void *take(unsigned long size);
int *defect(int wanted);
int *defect(int wanted)
{
	int *at = 0;

	if (wanted > 3)
		at = take(8);
	*at = wanted;
	return at;
}
"""
FOUND = [("fs/a.c", "nullPointer"), ("fs/a.c", "nullPointer")]


@pytest.mark.parametrize("tool", analyzers.TOOLS)
def test_nothing_is_found_that_is_not_known(tool):
    found = analyzers.TOOLS[tool](analyzers.sources())
    assert analyzers.compare(tool, found, analyzers.known_findings()) == []


@pytest.mark.parametrize("tool, check", (("gcc", "null-dereference"), ("cppcheck", "nullPointer")))
def test_a_defect_is_found(tool, check, tmp_path):
    path = tmp_path / "defect.c"
    path.write_text(DEFECT, encoding="utf-8")
    assert analyzers.TOOLS[tool]([str(path)]) == [(str(path), check)]


@pytest.mark.parametrize("times, is_wrong", ((1, True), (2, False), (3, True)))
def test_a_list_that_does_not_fit_is_told(times, is_wrong):
    known = [{"tool": "cppcheck", "file": "fs/a.c", "check": "nullPointer", "times": times}]
    assert bool(analyzers.compare("cppcheck", FOUND, known)) == is_wrong
    assert analyzers.compare("gcc", [], known) == []


def test_each_known_finding_has_its_reason():
    assert all(row["reason"] and row["tool"] in analyzers.TOOLS
               for row in analyzers.known_findings())
