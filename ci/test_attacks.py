# SPDX-License-Identifier: BSD-2-Clause
"""Programs that attack the kernel from ring 3: each checks itself and ends with "ok"."""

import subprocess

import pytest

from ci.guest import BUILD, launcher

SOURCES = sorted((BUILD.parent / "tests/attacks").glob("*.c"))
SMALL = ("--mem", "64M")


def attack(source, folder, *options):
    path = folder / source.stem
    subprocess.run(["gcc", "-O1", "-w", "-D_GNU_SOURCE", "-static", "-o", path, source],
                   check=True)
    return subprocess.run(launcher("run", "--append", "selftest=off", "--timeout", "100",
                                   *options, path), stdin=subprocess.DEVNULL,
                          capture_output=True, text=True, check=False)


@pytest.mark.parametrize("options", [(), SMALL], ids=["256M", "64M"])
@pytest.mark.parametrize("source", SOURCES, ids=[source.stem for source in SOURCES])
def test_attack(source, options, tmp_path):
    done = attack(source, tmp_path, *options)
    assert (done.stdout, done.returncode) == ("ok\n", 0), done.stdout + done.stderr
