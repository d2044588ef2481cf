# SPDX-License-Identifier: BSD-2-Clause
"""The same as ci/test_torture.py with many seeds: about ten minutes."""

import pytest

from ci.test_torture import fixture_archive, run_seeds  # noqa: F401

SEEDS = 15


@pytest.mark.parametrize("smp", (4, 8))
def test_many_seeds(smp, archive):
    run_seeds(archive, smp, range(100, 100 + SEEDS))
