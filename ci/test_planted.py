# SPDX-License-Identifier: BSD-2-Clause
"""The harness as a test subject: kernels with a fault planted get exactly the right outcome."""

import time

import pytest

from ci import planted
from ci.vm.machine import Config
from ci.vm.session import Session
from ci.vm.verdict import NOT_REACHED

SILENCE_S = 6.0  # the kernel itself gives a silent CPU up after 10 s
PLANTS = planted.plants("oracle") + planted.plants("panic")


@pytest.fixture(scope="module", name="base_seconds")
def fixture_base_seconds(kernel):
    """How long the unmodified kernel takes, green as it must be."""
    start = time.monotonic()
    config = Config(kernel.path, kernel.path.parent / "initramfs.cpio", words="selftest=only")
    with Session(config, kernel) as session:
        verdict = session.run()
    assert verdict.outcome == "pass", str(verdict)
    return time.monotonic() - start


@pytest.mark.parametrize("plant", PLANTS, ids=lambda plant: plant.id)
def test_planted(plant, tree, base_seconds, boot):
    kernel = planted.build(plant, tree)
    start = time.monotonic()
    session = boot(plant.words, kernel=kernel, smp=plant.smp, strict=True,
                   patience=plant.patience or min(base_seconds, SILENCE_S))
    seconds = time.monotonic() - start
    assert (session.verdict.outcome, plant.says in str(session.verdict)) == \
        (plant.verdict, True), str(session.verdict)
    if plant.not_reached_from:
        later = [test.label for number, tests in session.expected.tests.items()
                 if number >= plant.not_reached_from for test in tests]
        assert later and {session.verdict.tests[label] for label in later} == {NOT_REACHED}
    for text in plant.console:
        assert session.wait_for_console(text), text
    assert session.console.count(b"KERNEL PANIC on CPU ") <= 1
    if plant.verdict == "timeout":
        assert seconds < 3 * base_seconds
