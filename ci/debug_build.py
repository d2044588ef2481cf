# SPDX-License-Identifier: BSD-2-Clause
"""The kernel of `make DEBUG=1`, made when a suite first asks: `make` alone does not build it."""

import subprocess
from pathlib import Path

from .planted import ROOT

FOLDER = "build/debug"
WORDS = ("DEBUG=1",)


def kernel() -> Path:
    done = subprocess.run(["make", "-s", "-j2", "WERROR=", *WORDS, "all"], cwd=ROOT,
                          capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr[-2000:]
    return ROOT / FOLDER / "bartizan.elf"
