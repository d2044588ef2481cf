# SPDX-License-Identifier: BSD-2-Clause
"""The kernel of `make SAN=1` at length: other numbers of CPUs, other doors, along with the detectors of
a debug build; and suites that drive it from programs."""

import os
import subprocess

import pytest

from ci import debug_build, planted
from ci.guest import launcher
from ci.suites import PYTEST
from ci.vm.verdict import PASS

SUITES = ("ci/test_busybox.py", "ci/test_programs.py", "ci/test_bad_input.py", "ci/test_attacks.py",
          "ci/test_torture.py", "ci/test_rules.py", "ci/test_smp.py")
# The image and the shadow leave these machines less memory than they are about.
TOO_SMALL = "not little_memory and not memory_hogs-64M"


@pytest.fixture(scope="module", name="san_kernel")
def fixture_san_kernel():
    return debug_build.kernel(debug_build.SAN_FOLDER, *debug_build.SAN_WORDS)


@pytest.mark.parametrize("smp", (1, 4, 8))
def test_selftests(boot, san_kernel, smp):
    session = boot("selftest=only", kernel=san_kernel, smp=smp, patience=120.0)
    assert session.verdict.outcome == PASS, str(session.verdict)


@pytest.mark.parametrize("smp", (1, 2))
def test_selftests_of_both_kinds_of_detectors(boot, smp):
    kernel = debug_build.kernel("build/sandebug", *debug_build.SAN_WORDS, *debug_build.WORDS)
    session = boot("selftest=only", kernel=kernel, smp=smp, patience=120.0)
    assert session.verdict.outcome == PASS, str(session.verdict)


@pytest.mark.parametrize("door", ("bios-cd", "uefi-usb"))
def test_door(door, san_kernel):
    """The shadow of the first functions is in other tables for each."""
    done = subprocess.run(launcher("sh", "--build", str(san_kernel.parent), "--boot", door,
                                   "--append", "selftest=M1", "--timeout", "120", "echo up"),
                          capture_output=True, text=True, check=False)
    assert (done.returncode, done.stdout) == (0, "up\n"), done.stderr


@pytest.mark.parametrize("suite", SUITES)
def test_suite(suite, san_kernel):
    """What programs are promised holds there, too, and no report comes."""
    done = subprocess.run([*PYTEST, "-k", TOO_SMALL, suite], cwd=planted.ROOT, capture_output=True, text=True,
                          check=False, env={**os.environ, "O": str(san_kernel.parent)})
    assert done.returncode == 0, done.stdout[-6000:]
