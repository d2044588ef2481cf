#!/usr/bin/python3
# SPDX-License-Identifier: BSD-2-Clause
"""`make operators`: every small slip of the pen in the pure parts, and the host test that must see it.

Usage: tests/operators.py [--jobs N] [--match] [PART…]      --match: only whether the table fits
Exit status: 0 every part scores 95 % and each survivor stands in tests/operators.toml.

Each mutant is one edit of tests/operators_edits.py, compiled as the part's test is and linked with its
other objects. Killed: a test fails, crashes or does not end. A survivor whose code at -O2 is byte for
byte that of the original is equivalent and counts nowhere, nor does what does not compile.
"""

import argparse
import os
import shlex
import subprocess
import sys
import tempfile
import tomllib
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

from tests.operators_edits import Mutant, mutants  # noqa: E402

TABLE = ROOT / "tests" / "operators.toml"
LEAST_SCORE = 95.0
# The deadline is one of CPU time, so that a busy machine changes no verdict.
DEADLINE_TIMES, DEADLINE_SECONDS = 5, 2
MEMORY_MIB = 1024
ENVIRONMENT = {**os.environ, "CCACHE_DISABLE": "1", "LC_ALL": "C",
               "ASAN_OPTIONS": f"hard_rss_limit_mb={MEMORY_MIB}:allocator_may_return_null=1"}
# What is compared: no debug information, no check of the sanitizers; the kernel's rules of C.
PLAIN = ("-O2", "-fwrapv", "-fno-strict-aliasing", "-fno-delete-null-pointer-checks")


def run(words, **options):
    return subprocess.run(list(map(str, words)), cwd=ROOT, check=False, stdin=subprocess.DEVNULL,
                          stdout=subprocess.DEVNULL, env=ENVIRONMENT, **options)


class Program:
    """One program of make's that tries a part: `target` is its file, `words` its arguments."""

    def __init__(self, target: str, *words: str):
        self.target, self.words = target, words

    @cached_property
    def commands(self) -> dict[str, list[str]]:
        """{object: the words that compile it}; "": those that link. As make would say them."""
        done = subprocess.run(["make", "-nB", "V=1", self.target], cwd=ROOT, text=True, check=True,
                              capture_output=True)
        lines = [shlex.split(line) for line in done.stdout.splitlines() if " -o " in line]
        return {"" if "-c" not in words else words[words.index("-o") + 1]: words for words in lines}

    @cached_property
    def seconds(self) -> float:
        """The CPU time it needs when all is well: it is built and run for that."""
        subprocess.run(["make", "-s", "-j2", self.target, *[word for word in self.words
                       if word.startswith("build/")]], cwd=ROOT, check=True)
        start = os.times()
        if run([self.target, *self.words]).returncode:
            raise SystemExit(f"operators: {self.target} fails without any mutant")
        return os.times().children_user - start.children_user

    def users(self, name: str) -> list[str]:
        """The objects made from a source, or from what includes it."""
        return [made for made in self.commands if made and name in
                Path(made).with_suffix(".d").read_text(encoding="utf-8").split()]

    def compile(self, made: str, overlay: Path, out: Path, *more: str) -> bool:
        """Compiles one object with the files of `overlay` in the place of the tree's."""
        words = [word for word in self.commands[made] if word not in ("-g", "-MMD", "-MP")
                 and not word.startswith("-W")]
        source = words[words.index("-c") + 1]
        if (overlay / source).exists():
            words[words.index("-c") + 1] = str(overlay / source)
        at = words.index("-I.")
        words[at:at] = ["-w", f"-ffile-prefix-map={overlay}/=", f"-I{overlay}"]
        words[words.index("-o") + 1] = str(out)
        return run([*words, *more], stderr=subprocess.DEVNULL).returncode == 0

    def link(self, new: dict[str, Path], binary: Path):
        words = [str(new.get(word, word)) for word in self.commands[""] if not word.startswith("-W")]
        words[words.index("-o") + 1] = str(binary)
        subprocess.run([*words, "-fuse-ld=gold"], cwd=ROOT, check=True, env=ENVIRONMENT)

    def sees(self, overlay: Path, mutant: Mutant) -> bool | None:
        """Whether the program with this mutant fails. None: it does not compile."""
        new = {made: overlay / f"{i}.o" for i, made in enumerate(self.users(mutant.file))}
        if not all(self.compile(made, overlay, out) for made, out in new.items()):
            return None
        if not new:
            return False
        self.link(new, overlay / "program")
        limit = DEADLINE_SECONDS + round(DEADLINE_TIMES * self.seconds)
        return run(["prlimit", "--core=0", f"--cpu={limit}", overlay / "program", *self.words],
                   stderr=subprocess.DEVNULL).returncode != 0

    def code(self, name: str, overlay: Path, text: str) -> list[bytes]:
        """What the objects of a file are with this text, plainly optimized."""
        write(overlay, name, text)
        flags = [f"-fno-sanitize={kind}" for kind in ("address", "undefined")]
        codes = []
        for made in self.users(name):
            self.compile(made, overlay, overlay / "plain.o", *PLAIN, *flags)
            codes.append((overlay / "plain.o").read_bytes())
        return codes


def write(overlay: Path, name: str, text: str):
    (overlay / name).parent.mkdir(parents=True, exist_ok=True)
    (overlay / name).write_text(text, encoding="utf-8")


@dataclass
class Part:
    """One row [part.<name>]: files (with the functions to edit, or all) and what tries them."""

    name: str
    files: dict[str, list[str]]
    programs: list[Program]

    def mutants(self) -> list[Mutant]:
        return [mutant for name, functions in self.files.items()
                for mutant in mutants(name, (ROOT / name).read_text(encoding="utf-8"), functions)]

    def judge(self, mutant: Mutant) -> str:
        text = (ROOT / mutant.file).read_text(encoding="utf-8")
        with tempfile.TemporaryDirectory(prefix="operators-") as folder:
            overlay = Path(folder)
            write(overlay, mutant.file, mutant.applied_to(text))
            for program in self.programs:
                seen = program.sees(overlay, mutant)
                if seen is not False:
                    return "killed" if seen else "no program"
            codes = [[program.code(mutant.file, overlay, each) for program in self.programs]
                     for each in (text, mutant.applied_to(text))]
        return "equivalent" if codes[0] == codes[1] else "survived"


def load(table: Path = TABLE) -> tuple[list[Part], list[dict]]:
    rows = tomllib.loads(table.read_text(encoding="utf-8"))
    parts = [Part(name, row["files"], [Program(*words.split()) for words in row["programs"]])
             for name, row in rows["part"].items()]
    return parts, rows.get("survivor", [])


def keys(entry: dict) -> list[tuple]:
    """What an entry names: one line and what it becomes, in one function of a file."""
    return [(entry["file"], entry["inside"], entry["line"], new) for new in entry["becomes"]]


def check(part: Part, entries: list[dict], jobs: int) -> list[str]:
    """Runs all mutants of a part, prints its row and returns what is wrong."""
    known = {key for entry in entries if entry["file"] in part.files for key in keys(entry)}
    all_mutants = part.mutants()
    print(f"{part.name}: {len(all_mutants)} edits", end="", flush=True)
    for program in part.programs:
        assert program.seconds >= 0
    with ThreadPoolExecutor(jobs) as pool:
        verdicts = list(pool.map(part.judge, all_mutants))
    count = Counter(verdicts)
    tried = count["killed"] + count["survived"]
    score = 100 * count["killed"] / max(tried, 1)
    print(f", {count['no program']} no program, {count['equivalent']} equivalent: {tried} mutants | "
          f"{count['killed']} killed | {count['survived']} survived | {score:.1f} %", flush=True)
    alive = [mutant for mutant, verdict in zip(all_mutants, verdicts) if verdict == "survived"]
    for mutant in alive:
        print(f"    {'' if mutant.key in known else 'NOT LISTED '}{mutant}")
    new = sum(mutant.key not in known for mutant in alive)
    wrong = [f"{part.name}: {new} survivors are not listed"] if new else []
    wrong += [f"listed, but no survivor: {key}" for key in sorted(known - {m.key for m in alive})]
    if score < LEAST_SCORE:
        wrong.append(f"{part.name}: {score:.1f} % are killed, not {LEAST_SCORE:.0f}")
    return wrong


def unmatched(parts: list[Part], entries: list[dict]) -> list[str]:
    """What of the table fits no edit any more, or says no reason."""
    there = {mutant.key for part in parts for mutant in part.mutants()}
    return [f"no such edit: {key}" for entry in entries for key in keys(entry)
            if key not in there or not entry["why"].strip()]


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--jobs", type=int, default=2)
    parser.add_argument("--match", action="store_true", help="only whether the table fits")
    parser.add_argument("names", metavar="PART", nargs="*")
    options = parser.parse_args()
    parts, entries = load()
    wrong = unmatched(parts, entries)
    chosen = [part for part in parts if not options.names or part.name in options.names]
    if options.names and len(chosen) != len(set(options.names)):
        wrong.append(f"parts are {' '.join(part.name for part in parts)}")
    for part in [] if options.match else chosen:
        wrong += check(part, entries, options.jobs)
    print("\n".join(wrong) or "operators: ok")
    return bool(wrong)


if __name__ == "__main__":
    sys.exit(main())
