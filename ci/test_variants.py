# SPDX-License-Identifier: BSD-2-Clause
"""Other compilers and optimisers: no warnings, and every selftest green on what they make."""

import subprocess

import pytest

from ci.guest import BUILD

ROOT = BUILD.parent
VARIANTS = {
    "gcc-O0": ("OPT=-O0",),
    "gcc-Os": ("OPT=-Os",),
    "clang-O2": ("CC=clang",),
}


def build(name, *flags):
    """One folder for each; warnings are errors."""
    folder = f"build/check-{name}"
    done = subprocess.run(["make", "-s", "-j2", "WERROR=1", f"O={folder}", *flags,
                           f"{folder}/bartizan.elf"],
                          cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr[-3000:]
    return ROOT / folder / "bartizan.elf"


@pytest.mark.parametrize("name", VARIANTS)
def test_selftests_pass_on(boot, name):
    session = boot("selftest=only", patience=60.0, kernel=build(name, *VARIANTS[name]))
    assert session.verdict.outcome == "pass", session.verdict


@pytest.mark.parametrize("flags", [("CC=clang", "OPT=-O0"), ("CC=clang", "OPT=-Os")],
                         ids=["clang-O0", "clang-Os"])
def test_no_warnings_with(flags):
    folder = f"build/check-{flags[1][5:]}-clang"
    done = subprocess.run(["make", "-s", "-j2", "WERROR=1", f"O={folder}", *flags, "objects"],
                          cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr[-3000:]
