# SPDX-License-Identifier: BSD-2-Clause
"""tests/interleave: every scenario holds in all its schedules, and each planted defect is found."""

import re
import shlex
import shutil
import subprocess
import sys
import tomllib
from dataclasses import dataclass, field
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

from ci.planted import Edit, Fault  # noqa: E402


@dataclass(frozen=True)
class Mutant(Fault):
    """One entry of mutants.toml."""

    scenario: str
    compile: tuple[str, ...] = field(default=())


def mutants():
    text = (ROOT / "tests/interleave/mutants.toml").read_text(encoding="utf-8")
    for row in tomllib.loads(text)["mutant"]:
        row["edits"] = tuple(Edit(**edit) for edit in row.pop("edit"))
        yield Mutant(**row)


def make(*words):
    done = subprocess.run(["make", "-s", "-j2", *words], cwd=ROOT, capture_output=True, text=True,
                          check=False)
    assert done.returncode == 0, done.stdout[-2000:] + done.stderr[-2000:]
    return done.stdout


@pytest.fixture(scope="module", name="words")
def fixture_words():
    """The compiler's words and the objects, once the tester is built."""
    make("build/interleave/interleave")
    command, objects = make("interleave-words").splitlines()[-2:]
    return shlex.split(command), objects.split()


def test_every_scenario_holds(words):
    assert words
    report = make("interleave").splitlines()
    schedules = [int(line.split(": ")[-1].split()[0]) for line in report]
    rows = re.findall(r"&\w+,", (ROOT / "tests/interleave/main.c").read_text(encoding="utf-8"))
    assert len(schedules) == len(rows) and all(count >= 50 for count in schedules), report


def build(mutant, words, folder):
    """The tester with one defect: only what sees it is compiled again."""
    command, objects = words
    edited = folder / mutant.file
    edited.parent.mkdir(parents=True)
    edited.write_text(mutant.applied_to((ROOT / mutant.file).read_text(encoding="utf-8")),
                      encoding="utf-8")
    for source in mutant.compile or (mutant.file,):
        old = f"build/interleave/{source.removesuffix('.c')}.o"
        new = folder / Path(old).name
        path = edited if source == mutant.file else ROOT / source
        index = command.index("-I.")
        subprocess.run([*command[:index], f"-I{folder}", *command[index:], "-w", "-c", path,
                        "-o", new], cwd=ROOT, check=True)
        assert old in objects
        objects = [str(new) if name == old else name for name in objects]
    subprocess.run([command[0], *objects, "-o", folder / "interleave"], cwd=ROOT, check=True)
    return folder / "interleave"


@pytest.mark.parametrize("mutant", mutants(), ids=lambda mutant: mutant.id)
def test_planted_defect_is_found(mutant, words, tmp_path):
    done = subprocess.run([build(mutant, words, tmp_path), mutant.scenario], capture_output=True,
                          text=True, check=False, timeout=60)
    assert done.returncode == 1, done.stdout
    assert f"interleave: {mutant.scenario}, run " in done.stdout, done.stdout
    shutil.rmtree(tmp_path)
