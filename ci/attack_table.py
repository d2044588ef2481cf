#!/usr/bin/python3
# SPDX-License-Identifier: BSD-2-Clause
"""`make demo-attack`: runs /bin/attack, shows its table as it comes, keeps it for the report.

Usage: ci/attack_table.py [WORD…]    WORD: of ./bartizan sh, such as --smp 2
Exit status: that of /bin/attack: 0 all held.
"""

import re
import subprocess
import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from ci import results  # noqa: E402

LINE = re.compile(r"^(held|shown|BROKEN) +(\S+) +\| (.*?) +\| (.+)$", re.M)
PAINT = re.compile(r"\x1b\[[0-9;]*m")
LAUNCHER = ("./bartizan", "sh", "--timeout", "600")


def rows_of(text: str) -> list[tuple[str, str, str, str]]:
    """(verdict, name, what happened, what stopped it) of each line."""
    return LINE.findall(PAINT.sub("", text))


def keep(text: str):
    rows = [{"attack": name, "happened": happened, "stopped_by": stopped_by, "verdict": verdict}
            for verdict, name, happened, stopped_by in rows_of(text)]
    results.save("attacks", rows, attacks=len(rows),
                 failed=sum(row["verdict"] == "BROKEN" for row in rows))


def main() -> int:
    command = [*LAUNCHER, *sys.argv[1:], "/bin/attack --colour"]
    lines = []
    with subprocess.Popen(command, cwd=results.ROOT, stdout=subprocess.PIPE, text=True,
                          errors="replace") as done:
        for line in done.stdout:
            print(line, end="", flush=True)
            lines.append(line.rstrip("\r\n"))
    keep("\n".join(lines))
    return done.returncode


if __name__ == "__main__":
    sys.exit(main())
