# SPDX-License-Identifier: BSD-2-Clause
"""The kernel of `make DEBUG=1`: its selftests on four CPUs, and each detector with a defect planted
that it must report by file and line."""

import re
import subprocess

import pytest

from ci import debug_build, planted
from ci.guest import launcher
from ci.vm.verdict import PASS

PLANTS = planted.plants("locks")


@pytest.fixture(scope="module", name="debug_kernel")
def fixture_debug_kernel():
    return debug_build.kernel()


@pytest.fixture(scope="module", name="tree")
def fixture_tree(debug_kernel, tmp_path_factory):
    folder = tmp_path_factory.mktemp("detectors")
    assert debug_kernel.exists()
    planted.copy_tree(folder, debug_build.FOLDER)
    return folder


def test_selftests_on_four_cpus(boot, debug_kernel):
    session = boot("selftest=only", kernel=debug_kernel, smp=4, patience=60.0)
    assert session.verdict.outcome == PASS, str(session.verdict)
    assert session.wait_for_console("delay.seed=")


def test_lock_stat(debug_kernel):
    """A row for each class that was taken, with counts that add up."""
    done = subprocess.run(
        launcher("sh", "--build", str(debug_kernel.parent), "--append", "selftest=off",
                 "cat /proc/lock_stat"),
        capture_output=True, text=True, timeout=120, check=False)
    assert done.returncode == 0, done.stderr
    lines = done.stdout.splitlines()
    assert lines[0].split() == ["class", "taken", "contended", "moved"]
    rows = {name: tuple(map(int, counts)) for name, *counts in map(str.split, lines[1:])
            if name.startswith("LOCK_")}
    assert {"LOCK_PROCESS", "LOCK_FILES", "LOCK_RUN_QUEUE", "LOCK_SPACE"} <= rows.keys()
    assert all(contended <= taken and moved <= taken for taken, contended, moved in rows.values())
    assert sum(taken for taken, _, _ in rows.values()) > 1000
    deepest = re.search(r"deepest kernel stack: (\d+) of 16384 bytes", lines[-1])
    assert 0 < int(deepest[1]) < 16384


@pytest.mark.parametrize("plant", PLANTS, ids=lambda plant: plant.id)
def test_planted(plant, tree, boot):
    kernel = planted.build(plant, tree, debug_build.FOLDER, *debug_build.WORDS)
    session = boot(plant.words, kernel=kernel, strict=True, smp=plant.smp, patience=60.0)
    assert (session.verdict.outcome, plant.says in str(session.verdict)) == \
        (plant.verdict, True), str(session.verdict)
    for text in plant.console:
        assert session.wait_for_console(text), text
