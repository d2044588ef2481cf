#!/usr/bin/python3
# SPDX-License-Identifier: BSD-2-Clause
"""What gcc's analyzer and cppcheck say of the kernel's sources, beside what is known to be wrong.

tests/analyzers.toml names each finding that is none, with its reason; what is not named there, and
what is named there but found no more, is told, and the exit status is 1. clang-tidy has no such
list: it is `make lint-tidy`.

Usage: ci/analyzers.py [gcc] [cppcheck]
"""

import re
import subprocess
import sys
import tomllib
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
KNOWN = ROOT / "tests" / "analyzers.toml"
NOT_KERNEL = re.compile(r"(boot/uefi|selftest|user|tests|bench)/|kernel/x86/offsets\.c")
GCC = re.compile(r"^(?:\./)?(?P<file>[^:\n]+):\d+:\d+: warning: .*\[-Wanalyzer-(?P<check>[\w-]+)\]$",
                 re.M)
CPPCHECK = re.compile(r"^(?P<file>[^:\n]+):\d+: (?P<check>\w+)$", re.M)
SIGNALS = ROOT / "proc" / "signal_numbers.h"
# Automatic variables are zero (-ftrivial-auto-var-init); and gcc 12 takes the padding of a small
# structure that is returned in registers for one that is not set.
GCC_FLAGS = ("-DCONFIG_DEBUG=1", "-DCONFIG_COVERAGE=1", "-fanalyzer",
             "-Wno-analyzer-use-of-uninitialized-value", "-c", "-o", "/dev/null")


def sources() -> list[str]:
    names = subprocess.run(["git", "ls-files", "*.c"], cwd=ROOT, check=True, capture_output=True,
                           text=True).stdout.split()
    return [name for name in names if not NOT_KERNEL.match(name)]


def gcc(names: list[str]) -> list[tuple[str, str]]:
    """[(file, check)] of one compiler run for each source, two side by side."""
    built_with = (ROOT / "build" / "flags").read_text(encoding="utf-8").splitlines()[0]
    compiler, *flags = built_with.split()
    flags = [flag for flag in flags if flag != "-Werror"]

    def one(name):
        done = subprocess.run([compiler, *flags, *GCC_FLAGS, name], cwd=ROOT, check=True,
                              capture_output=True, text=True)
        return [(found["file"], found["check"]) for found in GCC.finditer(done.stderr)]

    with ThreadPoolExecutor(2) as pool:
        return [found for of_file in pool.map(one, names) for found in of_file]


def cppcheck(names: list[str]) -> list[tuple[str, str]]:
    """[(file, check)]. It believes that signals are macros, as in the host's headers."""
    signals = re.findall(r"\b(SIG[A-Z]+) =", SIGNALS.read_text(encoding="utf-8"))
    done = subprocess.run(
        ["cppcheck", "-j2", "--quiet", "--enable=warning,portability", "-I.", "-DCONFIG_DEBUG=0",
         *(f"-U{name}" for name in signals), "--template={file}:{line}: {id}", *names],
        cwd=ROOT, check=True, capture_output=True, text=True)
    return sorted((found["file"], found["check"]) for found in CPPCHECK.finditer(done.stderr))


TOOLS = {"gcc": gcc, "cppcheck": cppcheck}


def compare(tool: str, found: list[tuple[str, str]], known: list[dict]) -> list[str]:
    """What is in one of the two only."""
    counts = Counter(found)
    expected = Counter({(row["file"], row["check"]): row.get("times", 1)
                        for row in known if row["tool"] == tool})
    return [f"{tool}: {file}: {check}: found {counts[file, check]} times, "
            f"{expected[file, check]} are known"
            for file, check in sorted(counts.keys() | expected.keys())
            if counts[file, check] != expected[file, check]]


def known_findings() -> list[dict]:
    return tomllib.loads(KNOWN.read_text(encoding="utf-8"))["finding"]


def main() -> int:
    names, known, wrong = sources(), known_findings(), []
    for tool in sys.argv[1:] or TOOLS:
        wrong += compare(tool, TOOLS[tool](names), known)
    print("\n".join(wrong) or "analyzers: nothing that is not known")
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
