#!/usr/bin/python3
# SPDX-License-Identifier: BSD-2-Clause
"""Compares docs/promises.md with the selftests in the kernel ELF, in both directions.

A promise must name exactly the tests that the ELF holds for its row; a row without a test must
be deferred or name the host suite that proves it, and a row with one must not be deferred as a
whole; a test must belong to a row.

Usage: ci/check_promises.py [ELF] [--update]   exit 0 = they agree, 1 = they do not
"""

import argparse
import pathlib
import re
import sys

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent))
from ci.vm import elf  # noqa: E402

DOC = pathlib.Path(__file__).resolve().parent.parent / "docs" / "promises.md"
ROW = re.compile(r"^\| (P-M\d+-\d+) \| (.*) \| (.*?) \|$")


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
    problems = list(compare(*split(text), tests))
    print("\n".join(problems) or "promises: document and kernel agree")
    return 1 if problems else 0


if __name__ == "__main__":
    sys.exit(main())
