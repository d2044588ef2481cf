#!/usr/bin/python3
# SPDX-License-Identifier: BSD-2-Clause
"""Compares docs/promises.md with the selftests in the kernel ELF and with the mutants, both ways.

A promise must name exactly the tests that the ELF holds for its row; a row without a test must
be deferred or name the host suite that proves it, and a row with one must not be deferred as a
whole; a test must belong to a row. Each row that is not deferred must be shown able to fail: one
with selftests by a mutant in tests/mutants, one that is proven on the host only by what its line
under "Proven on the host" names: plants of the row, or tests of a defect.

Usage: ci/check_promises.py [ELF] [--update]   exit 0 = they agree, 1 = they do not
"""

import argparse
import pathlib
import re
import sys

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent))
from ci import mutants, planted  # noqa: E402
from ci.suites import SUITES  # noqa: E402
from ci.vm import elf  # noqa: E402

ROOT = pathlib.Path(__file__).resolve().parent.parent
DOC = ROOT / "docs" / "promises.md"
ROW = re.compile(r"^\| (P-M\d+-\d+) \| (.*) \| (.*?) \|$")
HOST = "\n## Proven on the host\n"
HOST_ROW = re.compile(r"^\| (P-M\d+-\d+) \| ([^|]*) \|$", re.MULTILINE)


def tests_of(path):
    """{row id: [test names]} of a kernel."""
    found = {}
    for test in elf.Elf(path).selftests():
        found.setdefault(f"P-M{test.milestone}-{test.row:02}", []).append(test.name)
    return {row: sorted(names) for row, names in found.items()}


def split(text):
    """The promise rows and the deferred parts of the document, by id."""
    head, _, tail = text.partition("\n## Deferred")
    rows = {m[1]: m[3] for m in map(ROW.match, head.splitlines()) if m}
    return rows, {m[1]: m[2] for m in map(ROW.match, tail.splitlines()) if m}


def given_twice(text):
    """Ids of more than one promise: the second would hide the first."""
    found = [m[1] for m in map(ROW.match, text.partition("\n## Deferred")[0].splitlines()) if m]
    return [f"{row}: two promises have this id" for row in sorted({row for row in found
                                                                   if found.count(row) > 1})]


def host_proofs(text):
    """{row id: [what shows that its host suite can fail]}."""
    return {row: places.split(", ") for row, places in HOST_ROW.findall(text.partition(HOST)[2])}


def shows(row, place):
    """Whether @place, a table of plants or FILE::TEST, is there and is about the row."""
    name, _, test = place.partition("::")
    if not test:
        path = ROOT / name
        return path.parent == planted.TABLES and path.exists() and any(
            plant.id.startswith(f"{row}-") for plant in planted.plants(path.stem))
    return any(name in suite.command for suite in SUITES) and \
        f"\ndef {test}(" in (ROOT / name).read_text(encoding="utf-8")


def compare_mutants(rows, deferred, tests, mutant_rows, proofs):
    """Whether each promise can be shown broken, and nothing else is."""
    for row in rows:
        whole = deferred.get(row, "").startswith("whole row")
        if row in tests and row not in mutant_rows:
            yield f"{row}: no mutant in tests/mutants"
        if row not in tests and not whole and row not in proofs:
            yield f"{row}: proven on the host only, and nothing shows that the proof can fail"
    for row in mutant_rows - tests.keys():
        yield f"{row}: a mutant, but no selftest"
    for row, places in proofs.items():
        if row not in rows:
            yield f"{row}: proven on the host, but no promise"
        yield from (f"{row}: {place} shows nothing of it" for place in places
                    if not shows(row, place))


def expected_column(names, old):
    """Host suites (`host: tests/…`) stay, kernel tests come from the ELF."""
    hosts = [part for part in old.split(", ") if part.startswith("host:")]
    return ", ".join(names + hosts)


def compare(rows, deferred, tests):
    for row, column in rows.items():
        wanted = expected_column(tests.get(row, []), column)
        if column != wanted:
            yield f"{row}: the document says '{column}', the kernel holds '{wanted}'"
        elif not column and row not in deferred:
            yield f"{row}: neither tested nor deferred"
        elif column and deferred.get(row, "").startswith("whole row"):
            yield f"{row}: deferred as a whole, yet '{column}' shows it"
    for row in deferred.keys() - rows.keys():
        yield f"{row}: deferred, but no promise"
    for row in tests.keys() - rows.keys():
        yield f"{row}: tests {tests[row]} belong to no promise"


def update(text, tests):
    def renew(line):
        match = ROW.match(line)
        if not match:
            return line
        column = expected_column(tests.get(match[1], []), match[3])
        return f"| {match[1]} | {match[2]} | {column} |"

    head, mark, tail = text.partition("\n## Deferred")
    return "\n".join(map(renew, head.split("\n"))) + mark + tail


def main():
    parser = argparse.ArgumentParser(description=__doc__,
                                     formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("elf", nargs="?", default="build/bartizan.elf")
    parser.add_argument("--update", action="store_true")
    args = parser.parse_args()

    tests, text = tests_of(args.elf), DOC.read_text(encoding="utf-8")
    if args.update:
        text = update(text, tests)
        DOC.write_text(text, encoding="utf-8")
    mutant_rows = {mutant.row for mutant in mutants.mutants()}
    problems = [*given_twice(text), *compare(*split(text), tests),
                *compare_mutants(*split(text), tests, mutant_rows, host_proofs(text))]
    print("\n".join(problems) or "promises: document, kernel and mutants agree")
    return 1 if problems else 0


if __name__ == "__main__":
    sys.exit(main())
