# SPDX-License-Identifier: BSD-2-Clause
"""P-M9-12 over many executions: each bit of a base is set in half of them, for itself and together with
those of the other bases."""

import itertools
import subprocess

import pytest

from ci.guest import BUILD, Guest
from ci.vm.initramfs import Archive

EXECS = 256
# A fair bit is so often set, or not, once in 4 * 10^11 times; there are some 300 sums.
LEAST = EXECS // 2 - 56
# Lowest random bit, and how many: Linux's, or more.
BASES = {"stack": (4, 30), "mmap": (12, 28), "PIE": (12, 28), "brk": (12, 18), "vDSO": (12, 22)}


@pytest.fixture(scope="module", name="samples")
def fixture_samples(tmp_path_factory):
    """Of each base, its random bits as a number for each execution."""
    program = tmp_path_factory.mktemp("bases") / "bases"
    subprocess.run(["gcc", "-O1", "-w", "-D_GNU_SOURCE", "-static-pie", "-fPIE", "-o", program,
                    BUILD.parent / "tests/guest/bases.c"], check=True)
    archive = Archive().add_file("bin/bases", program.read_bytes(), 0o755)
    with Guest(second=archive.bytes()) as guest:
        done = guest.run(["/bin/bases", str(EXECS)], timeout=100)
    assert done.status == 0, done
    rows = [[int(word, 16) for word in line.split()] for line in done.stdout.decode().splitlines()]
    assert len(rows) == EXECS
    return {name: [row[i] >> first & (1 << bits) - 1 for row in rows]
            for i, (name, (first, bits)) in enumerate(BASES.items())}


def unfair(values, bits):
    """Bits that are set too often, or too seldom."""
    sums = [sum(value >> bit & 1 for value in values) for bit in range(bits)]
    return [(bit, times) for bit, times in enumerate(sums) if not LEAST <= times <= EXECS - LEAST]


@pytest.mark.parametrize("name", BASES)
def test_every_bit_is_drawn(name, samples):
    assert unfair(samples[name], BASES[name][1]) == []


@pytest.mark.parametrize("one, other", itertools.combinations(BASES, 2))
def test_no_base_tells_another(one, other, samples):
    both = [a ^ b for a, b in zip(samples[one], samples[other], strict=True)]
    assert unfair(both, min(BASES[one][1], BASES[other][1])) == []


def test_a_poor_draw_is_seen():
    constant, low = [5] * EXECS, [i * 0x9e3779b97f4a7c15 & 0xfff for i in range(EXECS)]
    assert len(unfair(constant, 28)) == 28
    assert {bit for bit, _ in unfair(low, 28)} >= set(range(12, 28))
