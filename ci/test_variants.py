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


def make(folder, target, *flags):
    """Warnings are errors. The selftests' programs are those of the base build."""
    done = subprocess.run(["make", "-s", "-j2", "WERROR=1", f"O={folder}",
                           "TEST_ELF_DIR=build/selftest", *flags, target],
                          cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr[-3000:]


def build(name, *flags):
    """One folder for each."""
    kernel = f"build/check-{name}/bartizan.elf"
    make(f"build/check-{name}", kernel, *flags)
    return ROOT / kernel


@pytest.mark.parametrize("name", VARIANTS)
def test_selftests_pass_on(boot, name):
    session = boot("selftest=only", patience=60.0, kernel=build(name, *VARIANTS[name]))
    assert session.verdict.outcome == "pass", session.verdict


@pytest.mark.parametrize("flags", [("CC=clang", "OPT=-O0"), ("CC=clang", "OPT=-Os")],
                         ids=["clang-O0", "clang-Os"])
def test_no_warnings_with(flags):
    make(f"build/check-{flags[1][5:]}-clang", "objects", *flags)
