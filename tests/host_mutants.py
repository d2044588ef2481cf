# SPDX-License-Identifier: BSD-2-Clause
"""Defects planted in the kernel's own files as programs of this machine try them.

Two programs do: tests/interleave and tests/sim. Each has a table tests/<name>/mutants.toml; one entry
names the file, the edits (those of ci/planted.py), `breaks`: the scenario or promise that is the
first to fail, and `compile`: which files see an edited header. Only those are compiled again.
"""

import re
import shlex
import subprocess
import sys
import tomllib
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

from ci.planted import Edit, Fault  # noqa: E402


@dataclass(frozen=True)
class Mutant(Fault):
    """One entry of a table."""

    breaks: str
    compile: tuple[str, ...] = ()


def make(*words: str) -> str:
    done = subprocess.run(["make", "-s", "-j2", *words], cwd=ROOT, capture_output=True, text=True,
                          check=False)
    assert done.returncode == 0, done.stdout[-2000:] + done.stderr[-2000:]
    return done.stdout


class Program:
    """One of the programs: `name` is its folder below tests/ and build/, `binary` its file.

    `words` have it end at the first thing that fails, which the first group of `failure` names.
    """

    def __init__(self, name: str, binary: str, failure: str, *words: str):
        self.folder = f"build/{name}"
        self.path = f"{self.folder}/{binary}"
        self.table = ROOT / "tests" / name / "mutants.toml"
        self.goal = f"{name}-words"
        self.failure = re.compile(failure, re.MULTILINE)
        self.words = words

    def mutants(self) -> list[Mutant]:
        rows = tomllib.loads(self.table.read_text(encoding="utf-8"))["mutant"]
        for row in rows:
            row["edits"] = tuple(Edit(**edit) for edit in row.pop("edit"))
        return [Mutant(**row) for row in rows]

    def build(self) -> tuple[list[str], list[str]]:
        """The compiler's words and the objects of the program without a defect, which is built."""
        make(self.path)
        command, objects = make(self.goal).splitlines()[-2:]
        return shlex.split(command), objects.split()

    def build_mutant(self, mutant: Mutant, built, folder: Path) -> Path:
        command, objects = built
        edited = folder / mutant.file
        edited.parent.mkdir(parents=True)
        edited.write_text(mutant.applied_to((ROOT / mutant.file).read_text(encoding="utf-8")),
                          encoding="utf-8")
        at = command.index("-I.")
        command = [*command[:at], f"-I{folder}", *command[at:], "-w"]
        for source in mutant.compile or (mutant.file,):
            old = f"{self.folder}/{source.removesuffix('.c')}.o"
            new = folder / Path(old).name
            path = edited if source == mutant.file else ROOT / source
            subprocess.run([*command, "-c", path, "-o", new], cwd=ROOT, check=True)
            assert old in objects
            objects = [str(new) if name == old else name for name in objects]
        binary = folder / Path(self.path).name
        subprocess.run([*command, *objects, "-o", binary], cwd=ROOT, check=True)
        return binary

    def first_failure(self, mutant: Mutant, built, folder: Path) -> str:
        """What the program with this defect names first; empty if it finds nothing."""
        binary = self.build_mutant(mutant, built, folder)
        done = subprocess.run([binary, *self.words], capture_output=True, text=True, check=False,
                              timeout=60)
        binary.unlink()
        found = self.failure.search(done.stdout)
        assert done.returncode == (1 if found else 0), done.stdout[-2000:] + done.stderr[-2000:]
        return found[1] if found else ""
