# SPDX-License-Identifier: BSD-2-Clause
"""docs/promises.md, the kernel's selftests and the mutants agree; each way to disagree is seen."""

import subprocess

import pytest

from ci import check_promises

ROWS = {"P-M1-01": "one", "P-M1-02": "host: ci/test_x.py", "P-M1-03": ""}
DEFERRED = {"P-M1-03": "whole row"}
TESTS = {"P-M1-01": ["one"]}
MUTANTS = {"P-M1-01"}
PROOFS = {"P-M1-02": ["ci/test_promises.py::test_they_agree"]}


def problems(rows=None, deferred=None, tests=None, mutants=None, proofs=None):
    rows, deferred, tests = rows or ROWS, deferred or DEFERRED, tests or TESTS
    return [*check_promises.compare(rows, deferred, tests),
            *check_promises.compare_mutants(rows, deferred, tests,
                                            MUTANTS if mutants is None else mutants,
                                            PROOFS if proofs is None else proofs)]


def test_they_agree():
    done = subprocess.run(["ci/check_promises.py"], cwd=check_promises.ROOT, capture_output=True,
                          text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr


def test_an_id_is_given_once():
    text = "| P-M1-01 | a | one |\n| P-M1-02 | b | two |\n| P-M1-01 | c |  |\n"
    assert check_promises.given_twice(text) == ["P-M1-01: two promises have this id"]
    deferred = "| P-M1-01 | a | one |\n## Deferred\n| P-M1-01 | a | b |"
    assert check_promises.given_twice(deferred) == []


def test_what_is_whole_is_accepted():
    assert not problems()


@pytest.mark.parametrize("changes, complaint", [
    ({"rows": {**ROWS, "P-M1-04": ""}}, "P-M1-04: neither tested nor deferred"),
    ({"rows": {**ROWS, "P-M1-01": "other"}}, "P-M1-01: the document says"),
    ({"tests": {**TESTS, "P-M1-05": ["five"]}}, "P-M1-05: tests ['five'] belong to no promise"),
    ({"deferred": {**DEFERRED, "P-M1-01": "whole row"}}, "P-M1-01: deferred as a whole"),
    ({"deferred": {**DEFERRED, "P-M1-09": "a part"}}, "P-M1-09: deferred, but no promise"),
    ({"mutants": set()}, "P-M1-01: no mutant"),
    ({"mutants": {*MUTANTS, "P-M1-03"}}, "P-M1-03: a mutant, but no selftest"),
    ({"proofs": {}}, "P-M1-02: proven on the host only"),
    ({"proofs": {**PROOFS, "P-M1-07": PROOFS["P-M1-02"]}}, "P-M1-07: proven on the host, but"),
    ({"proofs": {"P-M1-02": ["ci/test_promises.py::test_of_old"]}}, "shows nothing of it"),
    ({"proofs": {"P-M1-02": ["ci/suites.py::pytest_suite"]}}, "shows nothing of it"),
    ({"proofs": {"P-M1-02": ["tests/planted/panic.toml"]}}, "shows nothing of it"),
    ({"proofs": {"P-M1-02": ["tests/planted/gone.toml"]}}, "shows nothing of it"),
])
def test_what_is_missing_is_seen(changes, complaint):
    assert any(complaint in line for line in problems(**changes)), problems(**changes)
