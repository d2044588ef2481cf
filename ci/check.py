#!/usr/bin/python3
# SPDX-License-Identifier: BSD-2-Clause
"""`make check`: builds, then runs the suites of suites.py, two side by side, and reports.

Usage: ci/check.py [--all] [--werror] [NAME…]    NAME: only suites whose name contains it
Exit status: 0 everything passed, 1 something failed.
"""

import argparse
import re
import subprocess
import sys
import time
from concurrent.futures import ThreadPoolExecutor, as_completed
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

from ci import results  # noqa: E402
from ci.suites import SUITES, Suite  # noqa: E402

SIDE_BY_SIDE = 2
SHOWN_LINES = 60
COUNT = re.compile(r"(\d+) (passed|failed|error|errors|skipped|xfailed|xpassed)\b")
DEFERRED = re.compile(r"^\| (P-M\d+-\d+) \| (.*) \| (.*?) \|$")


@dataclass
class Outcome:
    """What one suite came to."""

    suite: Suite
    seconds: float
    passed: int
    failed: int
    output: str

    @property
    def is_pytest(self) -> bool:
        return "pytest" in self.suite.command

    def junit(self):
        """Its element in JUnit's file."""
        found = results.pytest_suite(self.suite.name) if self.is_pytest else None
        if found is not None:
            return found
        return results.single_test(self.suite.name, self.seconds,
                                   self.output[-4000:] or "no output" if self.failed else "")


def run(suite: Suite) -> Outcome:
    """Runs one suite to its end."""
    start = time.monotonic()
    junit = results.junit_of(suite.name)
    junit.unlink(missing_ok=True)
    command = [*suite.command, f"--junitxml={junit}"] if "pytest" in suite.command \
        else suite.command
    done = subprocess.run(command, cwd=ROOT, stdin=subprocess.DEVNULL, text=True,
                          errors="replace", stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
                          check=False)
    passed, failed = count(suite, done)
    return Outcome(suite, time.monotonic() - start, passed, failed, done.stdout)


def count(suite: Suite, done) -> tuple[int, int]:
    """(passed, failed). A suite counts its tests if pytest ran it, else it counts as one.

    What was skipped was not shown, so it counts as failed, and so does a suite without a test.
    """
    if "pytest" not in suite.command:
        return (1, 0) if done.returncode == 0 else (0, 1)
    lines = done.stdout.strip().splitlines()
    counts = {word: int(number) for number, word in COUNT.findall(lines[-1] if lines else "")}
    passed = counts.pop("passed", 0)
    failed = sum(counts.values())
    if not failed and (done.returncode or not passed):
        failed = 1
    return passed, failed


def build(werror: bool) -> bool:
    """The kernel and its files, before any suite."""
    start = time.monotonic()
    command = ["make", "-s", "-j2", "all"] + (["WERROR=1"] if werror else [])
    done = subprocess.run(command, cwd=ROOT, stdout=subprocess.DEVNULL, check=False)
    print_row(done.returncode == 0, time.monotonic() - start, "build", "")
    return done.returncode == 0


def print_row(good: bool, seconds: float, name: str, text: str):
    print(f"{'ok  ' if good else 'FAIL'} {seconds:7.1f} s  {name:<24} {text}".rstrip(), flush=True)


def report(outcome: Outcome):
    text = f"{outcome.passed} passed"
    if outcome.failed:
        text += f", {outcome.failed} failed"
    print_row(not outcome.failed, outcome.seconds, outcome.suite.name, text)
    if outcome.failed:
        for line in outcome.output.splitlines()[-SHOWN_LINES:]:
            print(f"    {line}")
        sys.stdout.flush()


def keep(outcomes: list[Outcome], **summary):
    """For `make report` and for who reads JUnit's XML."""
    results.save("suites", [{"name": outcome.suite.name, "seconds": round(outcome.seconds, 1),
                             "passed": outcome.passed, "failed": outcome.failed}
                            for outcome in outcomes], **summary)
    results.write_junit([outcome.junit() for outcome in outcomes])


def print_deferred():
    """Promises that no test shows yet, from docs/promises.md."""
    tail = (ROOT / "docs" / "promises.md").read_text(encoding="utf-8").partition("\n## Deferred")[2]
    rows = [match for match in map(DEFERRED.match, tail.splitlines()) if match]
    print(f"deferred, {len(rows)} parts of promises:")
    for row in rows:
        print(f"    {row[1]}  {row[2]} (until: {row[3]})")


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--all", action="store_true", help="the long suites too")
    parser.add_argument("--werror", action="store_true", help="warnings are errors")
    parser.add_argument("names", metavar="NAME", nargs="*", help="only suites named like this")
    options = parser.parse_args()
    suites = [suite for suite in SUITES if options.all or not suite.only_in_check_all]
    if options.names:
        suites = [suite for suite in suites if any(name in suite.name for name in options.names)]
    start = time.monotonic()
    if not suites or not build(options.werror):
        print("0 passed, 1 failed")
        return 1
    outcomes = []
    with ThreadPoolExecutor(SIDE_BY_SIDE) as pool:
        for future in as_completed([pool.submit(run, suite) for suite in suites]):
            outcomes.append(future.result())
            report(outcomes[-1])
    print_deferred()
    passed = sum(outcome.passed for outcome in outcomes)
    failed = sum(outcome.failed for outcome in outcomes)
    seconds = time.monotonic() - start
    keep(outcomes, passed=passed, failed=failed, seconds=round(seconds))
    print(f"{passed} passed, {failed} failed in {seconds:.0f} s")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
