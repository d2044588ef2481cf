# SPDX-License-Identifier: BSD-2-Clause
"""Rules of Linux's interface: what tests/rules/ says on Bartizan is what it says on this machine."""

import os
import re
import subprocess
from pathlib import Path

import pytest

from ci.guest import BUILD, Guest
from ci.vm.initramfs import Archive

FOLDER = BUILD.parent / "tests/rules"
SOURCES = sorted(path for path in FOLDER.glob("*.c") if path.stem != "rules")
COMPILERS = {"glibc": "gcc", "musl": "musl-gcc"}
PROGRAMS = tuple((source.stem, kind) for source in SOURCES for kind in COMPILERS)
RULE = re.compile(r"^(?:RULE|\w+_RULE)\((\w+)[,)]", re.MULTILINE)
NAMES = [name for source in SOURCES for name in RULE.findall(source.read_text(encoding="utf-8"))]
DEADLINE_S = 120


def compile_rules(stem: str, kind: str, to: Path) -> Path:
    # The rules stand in a section, in the source's order.
    subprocess.run([COMPILERS[kind], "-O1", "-w", "-D_GNU_SOURCE", "-fno-toplevel-reorder",
                    "-static", "-o", to, FOLDER / "rules.c", FOLDER / f"{stem}.c"], check=True)
    return to


@pytest.fixture(scope="module", name="programs")
def fixture_programs(tmp_path_factory):
    folder = tmp_path_factory.mktemp("rules")
    return {(stem, kind): compile_rules(stem, kind, folder / f"{stem}-{kind}")
            for stem, kind in PROGRAMS}


@pytest.fixture(scope="module", name="guest")
def fixture_guest(programs):
    archive = Archive()
    for path in programs.values():
        archive.add_file(f"rules/{path.name}", path.read_bytes(), 0o755)
    with Guest(second=archive.bytes()) as guest:
        yield guest


def here(program: Path, tmp_path: Path) -> list[str]:
    """On a tmpfs where there is one: sizes and limits of file systems differ."""
    folder = "/dev/shm" if os.path.isdir("/dev/shm") else os.fspath(tmp_path)
    done = subprocess.run([program], env={"PATH": "/bin", "RULES_IN": folder}, check=True,
                          capture_output=True, text=True, timeout=DEADLINE_S)
    return done.stdout.splitlines()


def test_there_are_three_hundred():
    assert len(NAMES) >= 300 and len(set(NAMES)) == len(NAMES)


@pytest.mark.parametrize("stem, kind", PROGRAMS)
def test_rules(stem, kind, programs, guest, tmp_path):
    expected = here(programs[stem, kind], tmp_path)
    assert len(expected) == len(RULE.findall((FOLDER / f"{stem}.c").read_text(encoding="utf-8")))
    done = guest.run([f"/rules/{stem}-{kind}"], timeout=DEADLINE_S)
    assert done.status == 0, done
    assert done.stdout.decode().splitlines() == expected
