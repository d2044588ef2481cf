# SPDX-License-Identifier: BSD-2-Clause
"""The default boot by PVH, test by test; the other four doors stand in test_iso.py."""

import re
from pathlib import Path

import pytest

from ci.vm.elf import Elf
from ci.vm.expected import expect
from ci.vm.machine import Config
from ci.vm.session import Session
from ci.vm.verdict import PASS, SKIP

BUILD = Path(__file__).resolve().parent.parent / "build"
KERNEL = BUILD / "bartizan.elf"
LABELS = expect(Elf(KERNEL)).labels if KERNEL.exists() else []


@pytest.fixture(scope="module", name="verdict")
def fixture_verdict():
    """One boot serves all the tests below."""
    config = Config(KERNEL, BUILD / "initramfs.cpio")
    elf = Elf(KERNEL)
    with Session(config, elf, expect(elf, sources=BUILD.parent)) as session:
        verdict = session.run()
        if verdict.outcome != PASS:
            print(session.report(verdict))
        return verdict


def test_verdict(verdict):
    assert verdict.outcome == PASS, str(verdict)


@pytest.mark.parametrize("label", LABELS)
def test_selftest(verdict, label):
    assert verdict.tests[label] in (PASS, SKIP)


@pytest.mark.parametrize("words", ("", "selftest=off"))
def test_a_boot_has_nothing_to_warn_of(boot, words):
    """But of calls that are not there: those are named whoever asks. Nor do the selftests."""
    session = boot(words)
    assert session.wait_for_console("Bartizan, with Debian's BusyBox")
    log = session.console.decode().splitlines()
    assert [line for line in log if re.match(r"\[ *[0-9.]+\] [WE] (?!syscall: )", line)] == []


def test_only_ends_with_the_exit_code(boot):
    session = boot("selftest=only")
    assert session.verdict.outcome == PASS, str(session.verdict)


def test_a_range_runs_its_milestones_alone(boot):
    session = boot("selftest=only,M2-M3")
    ran = {block.milestone for block in session.stream.subtests if block.skip is None}
    assert ran == {2, 3}
    assert session.verdict.outcome == PASS, str(session.verdict)
