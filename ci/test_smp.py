# SPDX-License-Identifier: BSD-2-Clause
"""More than one CPU: every selftest passes, whatever the number and the door."""

import pytest


@pytest.mark.parametrize("smp", (1, 2, 4, 8))
def test_cpus(boot, smp):
    session = boot("selftest=only", smp=smp)
    assert session.verdict.outcome == "pass", str(session.verdict)
    assert session.wait_for_console(f"cpu: {smp} of {smp} CPUs")


@pytest.mark.parametrize("door", ("bios-cd", "bios-usb", "uefi-cd", "uefi-usb"))
def test_doors(boot, door):
    session = boot("selftest=only", door=door, smp=3)
    assert session.verdict.outcome == "pass", str(session.verdict)
    assert session.wait_for_console("cpu: 3 of 3 CPUs")
