# SPDX-License-Identifier: BSD-2-Clause
"""Random system calls by several processes at once: the machine lives on, and nothing is lost."""

import pytest

from ci.guest import BUILD, Guest
from ci.page_tables import Memory, violations
from ci.test_load import nothing_lost
from ci.test_page_tables import Watched
from ci.test_torture import TASKS
from ci.vm.initramfs import Archive

CALLS = 100000
MEGABYTES = 256
DEADLINE_S = 300
# Slabs of a hundred kinds that are not quite empty; and what root has made outside of /tmp.
SLACK_KIB = 1024
ROOT_SLACK_KIB = 8192
SWEEP = "rm -rf /tmp/* /link; rm -rf /tmp/.[!.]*"


def with_fuzz(program=BUILD / "user/fuzz/fuzz"):
    return Archive().add_file("bin/fuzz", program.read_bytes(), 0o755).bytes()


def fuzz(guest, *words):
    done = guest.run(["/bin/fuzz", *map(str, words)], timeout=DEADLINE_S)
    assert done.status == 0, (words, done)
    return done


def fuzz_and_look(guest, memory, kernel, calls, seed, *words):
    """Afterwards tasks, memory and page tables are as they must be."""
    fuzz(guest, "--calls", 2000, "--seed", seed, *words)
    guest.sh(SWEEP)
    tasks = guest.sh(TASKS).stdout
    with nothing_lost(guest, ROOT_SLACK_KIB if "--root" in words else SLACK_KIB):
        done = fuzz(guest, "--calls", calls, "--seed", seed, *words)
        guest.sh(SWEEP)
    made = int(done.stdout.split(b" calls,")[0].split()[-1])
    assert made >= calls, done
    found = violations(Watched(guest, memory, kernel).picture())
    if "--root" in words:
        # What root has started as somebody else, out of its group, may be there and share memory.
        found = [line for line in found if not line.startswith("writable in")]
    else:
        assert guest.sh(TASKS).stdout == tasks
    assert found == []


@pytest.mark.parametrize("smp, words", [(1, []), (2, ["--root"])], ids=["user", "root, two CPUs"])
def test_random_calls(smp, words, kernel, tmp_path):
    memory = Memory(tmp_path, MEGABYTES)
    with Guest(second=with_fuzz(), smp=smp, memory=str(MEGABYTES), extra=memory.words) as guest:
        fuzz_and_look(guest, memory, kernel, CALLS, 1, *words)


def test_a_batch_is_made_again_from_its_seed():
    """The calls that are written before they are made: the same ones each time, others with others."""
    with Guest(second=with_fuzz()) as guest:
        first, again, other = (fuzz(guest, "--seed", seed, "--batch", 7, "--trace").stderr
                               for seed in (5, 5, 6))
    length = min(len(first), len(again))
    assert length > 500 and first[:length] == again[:length] != other[:length]
