# SPDX-License-Identifier: BSD-2-Clause
"""A million random system calls as a user and as root, by a new seed; with coverage; and Debian's trinity."""

import random
import subprocess

import pytest

from ci import coverage
from ci.guest import BUILD, Guest, launcher
from ci.page_tables import Memory
from ci.test_fuzz import MEGABYTES, fuzz_and_look, with_fuzz

CALLS = 1000000
COVERED_CALLS = 100000
TRINITY = "/usr/bin/trinity"
TRINITY_CALLS = 20000


@pytest.mark.parametrize("words", [[], ["--root"]], ids=["user", "root"])
def test_a_million_calls(words, kernel, tmp_path, monkeypatch):
    seed = random.randrange(1 << 32)
    monkeypatch.setattr("ci.test_fuzz.DEADLINE_S", 1800)
    memory = Memory(tmp_path, MEGABYTES)
    with Guest(second=with_fuzz(), smp=2, memory=str(MEGABYTES), extra=memory.words) as guest:
        fuzz_and_look(guest, memory, kernel, CALLS, seed, *words)


def test_both_ways_reach_much():
    subprocess.run(["make", "-s", "-j2", "WERROR=", "COVERAGE=1", "all"], cwd=BUILD.parent, check=True)
    without, _ = coverage.reached(COVERED_CALLS, 1, [])
    by_feedback, said = coverage.reached(COVERED_CALLS, 1, ["--feedback"])
    assert len(without) > 4000 and len(by_feedback) > 4000 and "inputs kept" in said


def test_trinity():
    """Without sockets, which are not there: it would look for one for ever."""
    done = subprocess.run(
        launcher("run", "--uid", "1000", "--append", "selftest=off", "--timeout", "600", TRINITY,
                 "-a", "64", "-N", str(TRINITY_CALLS), "-C", "2", "-q", "-s", "1",
                 "--disable-fds=sockets"),
        stdin=subprocess.DEVNULL, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout[-3000:] + done.stderr[-3000:]
    assert f"Ran {TRINITY_CALLS} syscalls" in done.stdout
