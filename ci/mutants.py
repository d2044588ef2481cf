#!/usr/bin/python3
# SPDX-License-Identifier: BSD-2-Clause
"""Shows that the selftests can fail: kernels with one defect each, tests/mutants/*.toml.

A mutant is killed if the test that it names is the first red one, a test of its own row is red, none
is red that is neither named nor listed in `also`, and the boot ends as declared. What is green,
red elsewhere, or changes no code fails the run. The reports of such boots go to build/mutants/.

Usage: ci/mutants.py [--only PATTERN[,PATTERN…]] [--tier star|all] [--jobs N] [--share K/N]
"""

import argparse
import fnmatch
import sys
import tempfile
import threading
import time
import tomllib
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from ci import planted, results  # noqa: E402
from ci.vm.elf import Elf  # noqa: E402
from ci.vm.expected import expect  # noqa: E402
from ci.vm.machine import Config  # noqa: E402
from ci.vm.session import Session  # noqa: E402
from ci.vm.verdict import NOT_REACHED, PASS, SKIP  # noqa: E402

TABLES = planted.ROOT / "tests" / "mutants"
REPORTS = planted.ROOT / "build" / "mutants"
INITRAMFS = planted.ROOT / "build" / "initramfs.cpio"
KILLED, SURVIVED, STALE = "killed", "survived", "stale"
GREEN = (PASS, SKIP, NOT_REACHED)


@dataclass(frozen=True)
class Mutant(planted.Fault):
    """One entry of a table. `also` holds labels, or rows for all their tests.

    With `stop` only the first red test is judged: what is behind it is red, or crashes, by chance,
    as memory was given away twice.
    """

    red: str
    also: tuple[str, ...] = ()
    verdict: str = "fail"
    boot: str = ""
    cpu: str = "max"
    smp: int = 1
    tier: str = "all"
    stop: bool = False

    @property
    def row(self) -> str:
        return self.id.rstrip("abcdefghijklmnopqrstuvwxyz")

    def may_redden(self, label: str) -> bool:
        return label == self.red or label in self.also or label.split()[0] in self.also


def mutants() -> list[Mutant]:
    """The entries of all tables, in the order of the milestones."""
    found = []
    for path in sorted(TABLES.glob("*.toml"), key=lambda path: int(path.stem[1:])):
        for row in tomllib.loads(path.read_text(encoding="utf-8"))["mutant"]:
            edit = planted.Edit(row.pop("find"), row.pop("replace"), row.pop("inside", ""))
            found.append(Mutant(edits=(edit,), **row))
    return found


def code_of(elf: Elf) -> bytes:
    """What the CPU and the tests can see of a kernel: all that is loaded, without the build id."""
    loaded = b"".join(elf.data[part.offset:part.offset + part.file_size]
                      for part in elf.segments if part.kind == 1)
    return loaded.replace(bytes.fromhex(elf.build_id), b"")


def last_milestone(mutant: Mutant, elf: Elf) -> int:
    """The milestone at whose end all that the entry names has run, of a row the first test."""
    runs = {test.label: test.runs_at for test in elf.selftests()}
    names = (mutant.red, *mutant.also)
    return max((min((at for label, at in runs.items() if name in (label, label.split()[0])),
                    default=0) for name in names), default=0)


def session_of(mutant: Mutant, elf: Elf) -> Session:
    """A boot as far as the mutant's entry says something, not started yet."""
    last = last_milestone(mutant, elf)
    words = f"selftest=M1-M{last}{'' if mutant.stop else ',continue'},only {mutant.boot}".strip()
    config = Config(elf.path, INITRAMFS, words=words, cpu=mutant.cpu,
                    smp=mutant.smp)
    return Session(config, elf, expect(elf, words, mutant.cpu, smp=config.smp))


def reds_of(session: Session) -> list[str]:
    """The red tests in the order in which the kernel ran them."""
    return [label for label in session.expected.labels
            if session.verdict.tests[label] not in GREEN]


def judge(mutant: Mutant, session: Session) -> str:
    """Empty if the mutant was killed as its entry says, else why not."""
    reds = reds_of(session)
    if not reds:
        return "green" if session.verdict.outcome == PASS else f"{session.verdict}"
    if mutant.stop:
        reds = reds[:1]
    if reds[0] != mutant.red:
        return "another test was the first red one"
    undeclared = [label for label in reds if not mutant.may_redden(label)]
    if undeclared:
        return f"red and not in `also`: {', '.join(undeclared)}"
    if not any(label.startswith(f"{mutant.row} ") for label in reds):
        return f"no test of {mutant.row} is red"
    if session.verdict.outcome not in (mutant.verdict, "crash" if mutant.stop else ""):
        return f"{session.verdict.outcome}, not {mutant.verdict}"
    return ""


@dataclass(frozen=True)
class Result:
    """What became of one mutant."""

    mutant: Mutant
    fate: str
    reds: list[str]
    why: str
    seconds: float

    def row(self) -> dict:
        return {"id": self.mutant.id, "row": self.mutant.row, "red": self.mutant.red,
                "fate": self.fate, "why": self.why, "seconds": round(self.seconds, 1)}

    def __str__(self):
        more = f" +{len(self.reds) - 1}" if len(self.reds) > 1 else ""
        red = f"{self.reds[0]}{more}" if self.reds else "-"
        fate = f"{self.fate}: {self.why}" if self.why else f"{self.fate} ({self.mutant.verdict})"
        return f"{self.mutant.id} | {self.mutant.red} | {red} | {fate} | {self.seconds:.1f}"


class Runner:
    """Builds and boots. Each worker thread has a copy of the tree for itself."""

    def __init__(self, folder: Path, base: bytes):
        self.folder = folder
        self.base = base
        self.own = threading.local()

    def tree(self) -> Path:
        if not hasattr(self.own, "tree"):
            self.own.tree = Path(tempfile.mkdtemp(dir=self.folder))
            planted.copy_tree(self.own.tree)
            planted.build_base(self.own.tree)
        return self.own.tree

    def run(self, mutant: Mutant) -> Result:
        tree, start = self.tree(), time.monotonic()
        fate, reds, why = STALE, [], ""
        try:
            elf = Elf(planted.build(mutant, tree))
        except planted.PlantError as error:
            why = str(error)
        else:
            if code_of(elf) == self.base:
                why = "changes no code"
            else:
                reds, why = self._boot(mutant, elf)
                fate = SURVIVED if why else KILLED
            elf.path.unlink()
        return Result(mutant, fate, reds, why, time.monotonic() - start)

    def _boot(self, mutant, elf):
        """(red tests, why it was not killed); a report is kept of what was not."""
        with session_of(mutant, elf) as session:
            session.run()
            why = judge(mutant, session)
            if why:
                REPORTS.mkdir(parents=True, exist_ok=True)
                (REPORTS / f"{mutant.id}.log").write_text(
                    f"{mutant.id}: {why}\n{session.report(session.verdict)}\n", encoding="utf-8")
        return reds_of(session), why


def control(kernel: Path) -> Elf:
    """The kernel without a defect must be green, or no red test means anything."""
    elf = Elf(kernel)
    words = "selftest=continue,only"
    with Session(Config(elf.path, INITRAMFS, words=words), elf) as session:
        verdict = session.run()
        if verdict.outcome != PASS:
            raise SystemExit(f"the kernel without a defect is not green\n{session.report(verdict)}")
    return elf


def rows_without(kernel: Elf) -> list[str]:
    """The rows whose selftests no mutant tries."""
    rows = {test.label.split()[0] for test in kernel.selftests()}
    return sorted(rows - {mutant.row for mutant in mutants()})


def chosen(only: str, tier: str) -> list[Mutant]:
    patterns = only.split(",") if only else ["*"]
    return [mutant for mutant in mutants() if tier in ("all", mutant.tier)
            and any(fnmatch.fnmatch(mutant.id, pattern) or mutant.row == pattern
                    for pattern in patterns)]


def share_of(selection: list[Mutant], share: str) -> list[Mutant]:
    """Every Nth from the Kth on: K/N."""
    first, step = map(int, share.split("/"))
    if not 1 <= first <= step:
        raise SystemExit(f"--share {share}: not one of {step} shares")
    return selection[first - 1::step]


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--only", default="", help="ids or rows, with * and ?")
    parser.add_argument("--tier", choices=("star", "all"), default="all")
    parser.add_argument("--jobs", type=int, default=2)
    parser.add_argument("--share", default="1/1", help="K/N: every Nth from the Kth on")
    options = parser.parse_args()
    selection = share_of(chosen(options.only, options.tier), options.share)
    done, start = [], time.monotonic()
    with tempfile.TemporaryDirectory(prefix="bartizan-mutants-") as folder:
        first = Path(folder) / "base"
        planted.copy_tree(first)
        kernel = control(planted.build_base(first))
        runner = Runner(Path(folder), code_of(kernel))
        print("mutant | expected first red test | what went red | verdict | s", flush=True)
        with ThreadPoolExecutor(options.jobs) as pool:
            for result in pool.map(runner.run, selection):
                print(result, flush=True)
                done.append(result)
    if not options.only and (rows := rows_without(kernel)):
        print(f"rows without a mutant: {', '.join(rows)}")
    fates = [result.fate for result in done]
    results.save("mutants", [result.row() for result in done], planted=len(fates),
                 killed=fates.count(KILLED), seconds=round(time.monotonic() - start))
    print(f"mutants: {len(fates)} planted, {fates.count(KILLED)} killed by the expected test, "
          f"{fates.count(SURVIVED)} survived, {fates.count(STALE)} stale")
    return 0 if fates and set(fates) == {KILLED} else 1


if __name__ == "__main__":
    sys.exit(main())
