# SPDX-License-Identifier: BSD-2-Clause
"""Features are detected, never assumed: every selftest passes, or skips where the CPU lacks it."""

import pytest


@pytest.mark.parametrize("cpu", ("qemu64", "max", "max,-smap", "max,-smep", "max,-umip",
                                 "max,-rdrand", "max,-erms", "max,-xsave", "max,-fsgsbase"))
def test_cpu_model(boot, cpu):
    session = boot("selftest=only", cpu=cpu)
    assert session.verdict.outcome == "pass", str(session.verdict)
