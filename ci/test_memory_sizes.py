# SPDX-License-Identifier: BSD-2-Clause
"""The kernel works from 32 MiB to beyond 8 GiB, and leaves nearly all of it to programs."""

import re

import pytest

from ci.guest import Guest

MEM_FREE = re.compile(rb"^MemFree: +(\d+) kB$", re.M)


@pytest.mark.parametrize("megabytes", (64, 128, 512, 4096, 9216))
def test_memory_size(boot, megabytes):
    session = boot("selftest=only", memory=str(megabytes))
    assert session.verdict.outcome == "pass", str(session.verdict)


def test_64_megabytes_by_bios(boot, tmp_path):
    session = boot("selftest=only", memory="64", door="bios-cd", images=tmp_path)
    assert session.verdict.outcome == "pass", str(session.verdict)


@pytest.mark.parametrize("door", ("pvh", "bios-cd"))
@pytest.mark.parametrize("megabytes,percent", ((32, 60), (64, 80), (512, 92), (4096, 92), (9216, 92)))
def test_free_at_the_shell(megabytes, percent, door, tmp_path):
    """Asked of all RAM, which is a little more than what the firmware hands to the kernel."""
    with Guest(memory=str(megabytes), door=door, images=tmp_path) as guest:
        text = guest.sh("cat /proc/meminfo").stdout
    free = int(MEM_FREE.search(text)[1])
    ram = megabytes * 1024
    assert ram * percent / 100 <= free < ram, text.decode()
