# SPDX-License-Identifier: BSD-2-Clause
"""Kernels with a fault planted: anchored edits in a copy of the tree, never in the tree itself.

The copy takes the base build along with its times, so make compiles only what was edited.
"""

import os
import shutil
import subprocess
import tomllib
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
TABLES = ROOT / "tests" / "planted"
BUILT = ("obj", "flags", "offsets.d", "offsets.inc", "selftest")


class PlantError(Exception):
    """The entry does not fit the tree any more, or the edited kernel does not build."""


@dataclass(frozen=True)
class Plant:
    """One entry of a table below tests/planted."""

    id: str
    file: str
    edits: tuple[tuple[str, str], ...]
    verdict: str
    says: str
    console: tuple[str, ...] = ()
    not_reached_from: int = 0
    words: str = "selftest=only"

    def applied_to(self, text: str) -> str:
        """The edited text. Every anchor must stand there exactly once."""
        for find, replace in self.edits:
            if text.count(find) != 1:
                raise PlantError(f"{self.id}: {text.count(find)} places in {self.file} "
                                 f"read {find!r}, exactly one must")
            text = text.replace(find, replace)
        return text


def plants(table: str) -> list[Plant]:
    """The entries of tests/planted/<table>.toml."""
    rows = tomllib.loads((TABLES / f"{table}.toml").read_text(encoding="utf-8"))["plant"]
    for row in rows:
        row["edits"] = tuple((edit["find"], edit["replace"]) for edit in row.pop("edit"))
    return [Plant(**row) for row in rows]


def copy_tree(folder: Path):
    """The tracked files and the base build, with their times."""
    names = subprocess.run(["git", "ls-files", "-z"], cwd=ROOT, check=True, capture_output=True)
    for name in names.stdout.decode().split("\0")[:-1]:
        if (ROOT / name).exists():
            (folder / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copy2(ROOT / name, folder / name, follow_symlinks=False)
    (folder / "build").mkdir()
    for name in BUILT:
        source = ROOT / "build" / name
        if source.is_dir():
            shutil.copytree(source, folder / "build" / name)
        elif source.exists():
            shutil.copy2(source, folder / "build" / name)
    _move_flags(folder)


def _move_flags(folder):
    """The recorded flags name the tree's folder; the copy's must name the copy."""
    flags = folder / "build" / "flags"
    before = flags.stat()
    flags.write_text(flags.read_text().replace(str(ROOT), str(folder)))
    os.utime(flags, ns=(before.st_atime_ns, before.st_mtime_ns))


def build(plant: Plant, folder: Path) -> Path:
    """The faulty kernel, built in a copy of the tree that copy_tree() made. Undoes the edit."""
    path = folder / plant.file
    original, times = path.read_text(encoding="utf-8"), path.stat()
    path.write_text(plant.applied_to(original), encoding="utf-8")
    kernel = folder / f"{plant.id}.elf"
    try:
        done = subprocess.run(["make", "-s", "build/bartizan.elf"], cwd=folder,
                              capture_output=True, text=True, check=False)
        if done.returncode:
            raise PlantError(f"{plant.id} does not build: {done.stderr[-2000:]}")
        shutil.copy2(folder / "build" / "bartizan.elf", kernel)
    finally:
        path.write_text(original, encoding="utf-8")
        os.utime(path, ns=(times.st_atime_ns, times.st_mtime_ns))
        (folder / "build" / "obj" / plant.file).with_suffix(".o").unlink(missing_ok=True)
    return kernel
