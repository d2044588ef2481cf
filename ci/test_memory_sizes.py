# SPDX-License-Identifier: BSD-2-Clause
"""The kernel works from 64 MiB to beyond 8 GiB."""

import pytest


@pytest.mark.parametrize("megabytes", (64, 128, 512, 4096, 9216))
def test_memory_size(boot, megabytes):
    session = boot("selftest=only", memory=str(megabytes))
    assert session.verdict.outcome == "pass", str(session.verdict)


def test_64_megabytes_by_bios(boot, tmp_path):
    session = boot("selftest=only", memory="64", door="bios-cd", images=tmp_path)
    assert session.verdict.outcome == "pass", str(session.verdict)
