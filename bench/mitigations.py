#!/usr/bin/python3
# SPDX-License-Identifier: BSD-2-Clause
"""What the mitigations cost in instructions: operations of bench, once for each set of boot words.

`make bench-mitigations` runs it. The table is Markdown's: docs/security.md has one of this tree.
"""

import argparse
import pathlib
import subprocess
import sys
import tempfile

ROOT = pathlib.Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT / "bench"))
import compare  # noqa: E402

OPERATIONS = ("getpid", "read_zero_1", "pipe_rt", "futex_rt", "yield_2thr_pair", "ring_8",
              "fork_exit_wait", "fork_exec_tiny_wait", "fault_anon_write", "fault_cow",
              "sig_deliver_return")
# The first is what the others are compared with. None: what this CPU needs, by itself.
WORDS = ("mitigations=off", "", "pti=on")
BY_ITSELF = "by itself"


def run(build: pathlib.Path, words: str, log: pathlib.Path) -> dict[str, int]:
    """The figures of one boot by operation. Exits with what was said if one is missing."""
    command = [ROOT / "bartizan", "sh", "--build", build, "--icount", "--timeout", "300",
               "--append", f"selftest=off {words}", "--root", build / "bench-root",
               " ".join(("/bench/bench", *OPERATIONS))]
    with log.open("w", encoding="utf-8") as out:
        done = subprocess.run(command, stdin=subprocess.DEVNULL, stdout=out, check=False)
    results, last = compare.read_lines(log)
    problems = compare.check_complete(words or BY_ITSELF, results, last)
    if done.returncode or problems or last != len(OPERATIONS):
        raise SystemExit("\n".join([*problems, log.read_text(encoding="utf-8")]))
    return results


def row(name: str, figures: list[int]) -> str:
    """One operation: the first figure, and the others with what they are more."""
    first, *others = figures
    cells = [f"{other} ({100 * (other / first - 1):+.1f} %)" for other in others]
    return f"| {' | '.join([name, str(first), *cells])} |"


def mean(columns: list[dict[str, int]]) -> str:
    first, *others = columns
    means = [compare.geometric_mean([other[name] / first[name] for name in OPERATIONS])
             for other in others]
    return f"| geometric mean | | {' | '.join(f'{100 * (value - 1):+.1f} %' for value in means)} |"


def table(columns: list[dict[str, int]]) -> str:
    titles = [f"`{words}`" if words else BY_ITSELF for words in WORDS]
    return "\n".join([f"| operation | {' | '.join(titles)} |", "|---" * (len(WORDS) + 1) + "|",
                      *(row(name, [column[name] for column in columns]) for name in OPERATIONS),
                      mean(columns)])


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--build", type=pathlib.Path, default=ROOT / "build")
    args = parser.parse_args()
    with tempfile.TemporaryDirectory() as work:
        columns = [run(args.build, words, pathlib.Path(work) / "log") for words in WORDS]
    print(table(columns))
    return 0


if __name__ == "__main__":
    sys.exit(main())
