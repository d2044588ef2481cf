# SPDX-License-Identifier: BSD-2-Clause
"""The debug build's selftests and suites at length: other numbers of CPUs, other delays."""

import pytest

from ci import debug_build
from ci.vm.verdict import PASS

SEEDS = (1, 2, 3)


@pytest.fixture(scope="module", name="debug_kernel")
def fixture_debug_kernel():
    return debug_build.kernel()


@pytest.mark.parametrize("smp", (1, 2, 4, 8))
@pytest.mark.parametrize("seed", SEEDS)
def test_selftests(boot, debug_kernel, smp, seed):
    session = boot(f"selftest=only delay.seed={seed}", kernel=debug_kernel, smp=smp, patience=120.0)
    assert session.verdict.outcome == PASS, str(session.verdict)
    assert session.wait_for_console(f"delay.seed={seed}")
