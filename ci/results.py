# SPDX-License-Identifier: BSD-2-Clause
"""What runs came to, below build/results/: one JSON file a kind, the history, and JUnit's XML.

`make check`, `make mutants` and `make demo-attack` write it, `make report` reads it.
"""

import json
import subprocess
import time
import xml.etree.ElementTree as xml
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
FOLDER = ROOT / "build" / "results"
HISTORY = FOLDER / "history.jsonl"
JUNIT = FOLDER / "junit.xml"
HISTORY_SHOWN = 20


def commit() -> str:
    """The tree that is tried; "-dirty" behind it if it is not just that."""
    done = subprocess.run(["git", "describe", "--always", "--dirty"], cwd=ROOT, check=False,
                          capture_output=True, text=True)
    return done.stdout.strip() or "no commit"


def save(kind: str, rows: list[dict], **summary):
    """Replaces what the last run of this kind came to; `summary` goes to the history, too."""
    FOLDER.mkdir(parents=True, exist_ok=True)
    run = {"kind": kind, "commit": commit(), "at": time.strftime("%Y-%m-%d %H:%M"), **summary}
    (FOLDER / f"{kind}.json").write_text(json.dumps({**run, "rows": rows}, indent=1),
                                         encoding="utf-8")
    with HISTORY.open("a", encoding="utf-8") as file:
        file.write(json.dumps(run) + "\n")


def load(kind: str) -> dict:
    """The last run of a kind; empty if there was none."""
    path = FOLDER / f"{kind}.json"
    return json.loads(path.read_text(encoding="utf-8")) if path.exists() else {}


def history() -> list[dict]:
    """The last runs of all kinds, the newest first."""
    if not HISTORY.exists():
        return []
    lines = HISTORY.read_text(encoding="utf-8").splitlines()[-HISTORY_SHOWN:]
    return [json.loads(line) for line in reversed(lines)]


def junit_of(suite_name: str) -> Path:
    """Where pytest writes a suite's own XML."""
    return FOLDER / "junit" / f"{suite_name.replace(' ', '-').replace(',', '')}.xml"


def single_test(name: str, seconds: float, output: str) -> xml.Element:
    """A suite that is no pytest run, as one test; `output` is what it said when it failed."""
    suite = xml.Element("testsuite", name=name, tests="1", failures=str(int(bool(output))),
                        errors="0", skipped="0", time=f"{seconds:.3f}")
    case = xml.SubElement(suite, "testcase", classname="suites", name=name,
                          time=f"{seconds:.3f}")
    if output:
        xml.SubElement(case, "failure", message="failed").text = _printable(output)
    return suite


def pytest_suite(name: str) -> xml.Element | None:
    """What pytest wrote of a suite; None if it did not come to that."""
    path = junit_of(name)
    found = xml.parse(path).getroot().find("testsuite") if path.exists() else None
    if found is not None:
        found.set("name", name)
    return found


def write_junit(suites: list[xml.Element]):
    """One file of all suites."""
    root = xml.Element("testsuites")
    root.extend(suites)
    FOLDER.mkdir(parents=True, exist_ok=True)
    xml.ElementTree(root).write(JUNIT, encoding="utf-8", xml_declaration=True)


def _printable(text: str) -> str:
    """XML has no escape for control characters."""
    return "".join(char if char.isprintable() or char in "\n\t" else "?" for char in text)
