#!/usr/bin/python3
# SPDX-License-Identifier: BSD-2-Clause
"""Compare a target kernel's bench lines with Linux's: name, Linux, target, target/Linux.

Fails (exit 1) if a run is incomplete, if the two count differently, if fewer than --need operations
are supported, or if a ratio is above --max. Ratios below 1 are better than Linux.
"""

import argparse
import math
import re
import sys

# The same user-mode instructions everywhere: it shows only how they are counted.
CALIBRATION = "memset_4k"
CALIBRATION_TOLERANCE = 0.02
LINE = re.compile(r"BENCH (\w+) (?:([a-z]+) )?(\d+)\s*$")


def read_lines(path):
    """({operation: figure, or why there is none}, number that the last line claims or None)."""
    results, done = {}, None
    with open(path, encoding="utf-8", errors="replace") as file:
        for match in filter(None, map(LINE.search, file)):
            name, why, number = match.groups()
            if name == "done":
                done = int(number)
            elif name in results:
                results[name] = "reported twice"
            else:
                results[name] = f"{why} {number}" if why else int(number)
    return results, done


def check_complete(path, results, done):
    figures = sum(isinstance(value, int) for value in results.values())
    if done is None:
        return [f"{path}: no 'BENCH done' line: the run did not end"]
    if done != figures:
        return [f"{path}: 'BENCH done {done}', but {figures} figures"]
    return []


def check_calibration(linux, target):
    pair = linux.get(CALIBRATION), target.get(CALIBRATION)
    if not all(isinstance(value, int) and value for value in pair):
        return [f"no {CALIBRATION} figure to check the counting with"]
    if abs(pair[1] / pair[0] - 1) > CALIBRATION_TOLERANCE:
        return [f"{CALIBRATION} is {pair[0]} and {pair[1]}: rdtsc counts differently (-icount?)"]
    return []


def print_table(linux, target):
    """Prints every operation and returns {name: ratio} for those that both support."""
    ratios = {}
    print(f"{'operation':<26}{'Linux':>12}{'target':>22}{'ratio':>8}")
    for name in [*linux, *(name for name in target if name not in linux)]:
        ours, theirs = target.get(name, "missing"), linux.get(name, "missing")
        if isinstance(ours, int) and isinstance(theirs, int) and theirs:
            ratio = f"{ours / theirs:.3f}"
            if name != CALIBRATION:
                ratios[name] = ours / theirs
        else:
            ratio = "-"
        print(f"{name:<26}{theirs:>12}{ours:>22}{ratio:>8}")
    return ratios


def geometric_mean(values):
    # A figure of 0 (less than half an instruction) has no logarithm.
    return math.exp(sum(math.log(max(value, 1e-9)) for value in values) / len(values))


def main():
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("linux", help="for example linux-6.1.txt")
    parser.add_argument("target", help="the target's serial output, other lines included")
    parser.add_argument("--max", type=float, help="the highest ratio allowed for an operation")
    parser.add_argument("--need", type=int, default=0, help="operations that must be supported")
    args = parser.parse_args()

    linux, linux_done = read_lines(args.linux)
    target, target_done = read_lines(args.target)
    ratios = print_table(linux, target)

    problems = check_complete(args.linux, linux, linux_done)
    problems += check_complete(args.target, target, target_done)
    problems += check_calibration(linux, target)
    if not ratios:
        problems.append("nothing to compare")
    if len(ratios) < args.need:
        problems.append(f"{len(ratios)} operations supported, {args.need} needed")
    if args.max is not None:
        problems += [f"{name}: {ratio:.3f} is above {args.max}"
                     for name, ratio in ratios.items() if ratio > args.max]

    if ratios:
        faster = sum(ratio < 1 for ratio in ratios.values())
        print(f"\n{len(ratios)} operations (without {CALIBRATION}), {faster} below Linux, "
              f"geometric mean {geometric_mean(ratios.values()):.3f}")
    for problem in problems:
        print(f"FAIL {problem}", file=sys.stderr)
    return 1 if problems else 0


if __name__ == "__main__":
    sys.exit(main())
