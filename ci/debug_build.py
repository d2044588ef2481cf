# SPDX-License-Identifier: BSD-2-Clause
"""The kernels of `make DEBUG=1` and `make SAN=1`, made when a suite first asks: `make` alone builds
neither."""

import subprocess
from pathlib import Path

from .planted import ROOT

FOLDER = "build/debug"
WORDS = ("DEBUG=1",)
SAN_FOLDER = "build/san"
SAN_WORDS = ("SAN=1",)


def kernel(folder: str = FOLDER, *words: str) -> Path:
    """`words` are what make is told; with a target among them only that is built."""
    done = subprocess.run(["make", "-s", "-j2", "WERROR=", *(words or WORDS)], cwd=ROOT,
                          capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr[-2000:]
    return ROOT / folder / "bartizan.elf"
