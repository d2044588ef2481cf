#!/usr/bin/python3
# SPDX-License-Identifier: BSD-2-Clause
"""`make report`: one self-contained HTML file of what is promised and what the last runs showed.

The selftests are those of a boot made now; suites, mutants, attacks and bench are those of their
last runs (build/results/, build/bench.log), with the commit they ran on. JUnit's XML is beside it.

Usage: ci/report.py [-o FILE]
"""

import argparse
import re
import sys
from html import escape
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))
sys.path.insert(0, str(Path(__file__).resolve().parent.parent / "bench"))

import compare  # noqa: E402  bench/compare.py

from ci import results  # noqa: E402
from ci.check_promises import DOC, ROW  # noqa: E402
from ci.vm.elf import Elf  # noqa: E402
from ci.vm.expected import expect  # noqa: E402
from ci.vm.machine import Config  # noqa: E402
from ci.vm.session import Session  # noqa: E402

ROOT = results.ROOT
BUILD = ROOT / "build"
BENCH_LINUX = ROOT / "bench" / "linux-6.1.txt"
BENCH_LOG = BUILD / "bench.log"
GOOD, BAD, NEITHER = "good", "bad", ""
STYLE = (ROOT / "ci" / "report.css").read_text(encoding="utf-8")
SCRIPT = (ROOT / "ci" / "report.js").read_text(encoding="utf-8")


def cell(text, kind: str = NEITHER) -> str:
    return f'<td{f" class={kind}" if kind else ""}>{escape(str(text))}</td>'


def table(heads: tuple[str, ...], rows: list[list[str]]) -> str:
    """`rows` are of cell()s."""
    head = "".join(f"<th>{escape(text)}</th>" for text in heads)
    body = "\n".join(f"<tr>{''.join(row)}</tr>" for row in rows)
    return f"<div><table><thead><tr>{head}</tr></thead>\n<tbody>{body}</tbody></table></div>"


def section(name: str, title: str, told: str, body: str) -> str:
    return (f'<section id="{name}"><h2>{escape(title)}</h2><p>{escape(told)}</p>\n{body}</section>')


def missing(name: str, title: str, command: str) -> str:
    return section(name, title, f"No run yet: {command}", "")


def told_of(run: dict) -> str:
    return f"Commit {run['commit']}, {run['at']}."


# --- promises, their selftests in a boot made now, their mutants in the last run ---


def boot() -> tuple[Elf, dict[str, str], str]:
    """The kernel, {label: outcome} of its selftests, and the verdict."""
    elf = Elf(BUILD / "bartizan.elf")
    words = "selftest=only,continue"
    config = Config(elf.path, BUILD / "initramfs.cpio", words=words)
    with Session(config, elf, expect(elf, words)) as session:
        verdict = session.run()
    return elf, verdict.tests, str(verdict)


def promise_rows() -> list[tuple[str, str, str]]:
    """(row, promise, tests) of docs/promises.md, without its markup."""
    head = DOC.read_text(encoding="utf-8").partition("\n## Deferred")[0]
    found = filter(None, map(ROW.match, head.splitlines()))
    return [(row[1], re.sub(r"[*`]", "", row[2]), row[3]) for row in found]


def mutants_of(row: str, run: dict) -> str:
    of_row = [mutant for mutant in run.get("rows", ()) if mutant["row"] == row]
    killed = sum(mutant["fate"] == "killed" for mutant in of_row)
    return cell(f"{killed} of {len(of_row)}", GOOD if killed == len(of_row) else BAD) if of_row \
        else cell("-")


def tests_of(row: str, elf: Elf, outcomes: dict[str, str]) -> str:
    """The row's tests, each with what became of it."""
    labels = [test.label for test in elf.selftests() if test.label.split()[0] == row]
    marks = {"pass": GOOD, "skip": NEITHER}
    return "<td>" + " ".join(
        f'<span class="{marks.get(outcomes.get(label), BAD)}" title="{outcomes.get(label)}">'
        f"{escape(label.split(maxsplit=1)[1])}</span>" for label in labels) + "</td>"


def milestones(elf: Elf, outcomes: dict[str, str], verdict: str) -> str:
    """A table for each milestone."""
    names = {row.number: row.name for row in elf.milestones()}
    run, parts = results.load("mutants"), []
    for number, name in names.items():
        rows = [[cell(row), cell(promise), tests_of(row, elf, outcomes), mutants_of(row, run)]
                for row, promise, _ in promise_rows() if row.startswith(f"P-M{number}-")]
        parts.append(f"<h3>M{number} {escape(name)}</h3>" +
                     table(("row", "promise", "selftests", "mutants killed"), rows))
    told = f"A boot of this kernel, made for this report: {verdict}. Mutants: " + \
        (told_of(run) if run else "no run yet: make mutants")
    return section("milestones", "Milestones and promises", told, "".join(parts))


def mutants() -> str:
    run = results.load("mutants")
    if not run:
        return missing("mutants", "Mutants", "make mutants")
    rows = [[cell(row["id"]), cell(row["red"]),
             cell(row["fate"], GOOD if row["fate"] == "killed" else BAD), cell(row["why"])]
            for row in run["rows"]]
    return section("mutants", "Mutants", f"{told_of(run)} {run['planted']} kernels with one defect "
                   f"each, {run['killed']} killed by the expected test.",
                   table(("mutant", "first red test", "fate", "why"), rows))


# --- the other runs ---


def suites() -> str:
    run = results.load("suites")
    if not run:
        return missing("suites", "Suites", "make check")
    rows = [[cell(row["name"]), cell(row["passed"]),
             cell(row["failed"], BAD if row["failed"] else GOOD), cell(row["seconds"])]
            for row in run["rows"]]
    return section("suites", "Suites", told_of(run),
                   table(("suite", "passed", "failed", "seconds"), rows))


def attacks() -> str:
    run = results.load("attacks")
    if not run:
        return missing("attacks", "Attacks", "make demo-attack")
    rows = [[cell(row["attack"]), cell(row["happened"]), cell(row["stopped_by"]),
             cell(row["verdict"], {"held": GOOD, "BROKEN": BAD}.get(row["verdict"], NEITHER))]
            for row in run["rows"]]
    return section("attacks", "Attacks from ring 3", told_of(run),
                   table(("attack", "what happened", "stopped by", "verdict"), rows))


def bench() -> str:
    """Instructions per operation beside Linux's."""
    if not BENCH_LOG.exists():
        return missing("bench", "Bench", "make bench")
    linux, ours = compare.read_lines(BENCH_LINUX)[0], compare.read_lines(BENCH_LOG)[0]
    rows, ratios = [], []
    for name, theirs in linux.items():
        mine = ours.get(name, "missing")
        if isinstance(mine, int) and isinstance(theirs, int) and theirs:
            ratio = mine / theirs
            if name != compare.CALIBRATION:
                ratios.append(ratio)
            last = cell(f"{ratio:.3f}", GOOD if ratio < 1 else NEITHER)
        else:
            last = cell("-")
        rows.append([cell(name), cell(theirs), cell(mine), last])
    mean = f"{compare.geometric_mean(ratios):.3f}" if ratios else "none"
    return section("bench", "Bench", "Guest instructions per operation beside Linux 6.1 on the "
                   f"same QEMU, geometric mean of the ratios {mean}.",
                   table(("operation", "Linux", "Bartizan", "ratio"), rows))


def history() -> str:
    fixed = ("kind", "commit", "at")
    rows = [[*(cell(run[name]) for name in fixed),
             cell(", ".join(f"{name} {value}" for name, value in run.items() if name not in fixed),
                  BAD if run.get("failed") or run.get("planted") != run.get("killed") else GOOD)]
            for run in results.history()]
    return section("history", "The last runs", "Since build/ was made, the newest first.",
                   table(("run", "commit", "at", "came to"), rows))


def page() -> str:
    elf, outcomes, verdict = boot()
    parts = [milestones(elf, outcomes, verdict), mutants(), suites(), attacks(), bench(), history()]
    names = re.findall(r'<section id="(\w+)"', "".join(parts))
    links = " ".join(f'<a href="#{name}">{name}</a>' for name in names)
    return f"""<!doctype html>
<html lang="en"><head><meta charset="utf-8"><title>Bartizan: report</title>
<meta name="viewport" content="width=device-width, initial-scale=1">
<style>{STYLE}</style></head><body>
<h1>Bartizan</h1><p>Commit {escape(results.commit())}, kernel {escape(elf.build_id[:12])}.</p>
<nav>{links} <label>show rows with <input id="wanted" type="search"></label></nav>
{''.join(parts)}
<script>{SCRIPT}</script></body></html>
"""


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("-o", "--output", type=Path, default=BUILD / "report.html")
    options = parser.parse_args()
    options.output.write_text(page(), encoding="utf-8")
    print(f"{options.output}; JUnit: {results.JUNIT if results.JUNIT.exists() else 'make check'}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
