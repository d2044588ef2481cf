# SPDX-License-Identifier: BSD-2-Clause
"""Kernels with a fault planted: anchored edits in a copy of the tree, never in the tree itself.

The copy takes the base build along with its times, so make compiles only what was edited.
"""

import os
import re
import shutil
import subprocess
import time
import tomllib
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
TABLES = ROOT / "tests" / "planted"
BUILT = ("obj", "flags", "offsets.d", "offsets.inc", "font_table.c",
         "selftest", "vdso")


class PlantError(Exception):
    """The entry does not fit the tree any more, or the edited kernel does not build."""


@dataclass(frozen=True)
class Edit:
    """One anchored edit: `find` stands exactly once in the file, or in what `inside` names.

    White space counts as equal however much it is. `inside` is a function or a table of C, a label
    or a macro of NASM.
    """

    find: str
    replace: str
    inside: str = ""

    def applied_to(self, text: str) -> str:
        """The edited text; PlantError if the anchor does not hold."""
        start, end = self._region(text) if self.inside else (0, len(text))
        words = r"\s+".join(map(re.escape, self.find.split()))
        places = [match.span() for match in re.finditer(words, text[start:end])]
        if not words or len(places) != 1:
            where = f" inside {self.inside}" if self.inside else ""
            raise PlantError(f"{len(places)} places{where} read {self.find!r}, exactly one must")
        first, last = places[0]
        return text[:start + first] + self.replace + text[start + last:]

    def _region(self, text):
        name = re.escape(self.inside)
        found = [match.span() for match in re.finditer(
            rf"^(?![\s/#*])[^\n;]*\b{name}(?:\(|\[| =|\s*\{{)[^;{{]*\{{.*?^\}}|"
            rf"^{name}:.*?(?=^\w+:|\Z)|^%macro {name} .*?^%endmacro", text, re.M | re.S)]
        if len(found) != 1:
            raise PlantError(f"{len(found)} places define {self.inside}, exactly one must")
        return found[0]


@dataclass(frozen=True)
class Fault:
    """What every planted fault has: a name, a file and what is edited there."""

    id: str
    file: str
    edits: tuple[Edit, ...]

    def applied_to(self, text: str) -> str:
        """The edited text. Every anchor must hold."""
        for edit in self.edits:
            try:
                text = edit.applied_to(text)
            except PlantError as error:
                raise PlantError(f"{self.id}: {self.file}: {error}") from error
        return text


@dataclass(frozen=True)
class Plant(Fault):
    """One entry of a table below tests/planted."""

    verdict: str
    says: str
    console: tuple[str, ...] = ()
    not_reached_from: int = 0
    words: str = "selftest=only"
    smp: int = 1
    patience: float = 0.0


def plants(table: str) -> list[Plant]:
    """The entries of tests/planted/<table>.toml."""
    rows = tomllib.loads((TABLES / f"{table}.toml").read_text(encoding="utf-8"))["plant"]
    for row in rows:
        row["edits"] = tuple(Edit(**edit) for edit in row.pop("edit"))
    return [Plant(**row) for row in rows]


def copy_tree(folder: Path, build_folder: str = "build"):
    """The tracked files and the base build (or another one), with their times."""
    names = subprocess.run(["git", "ls-files", "-z"], cwd=ROOT, check=True, capture_output=True)
    for name in names.stdout.decode().split("\0")[:-1]:
        if (ROOT / name).exists():
            (folder / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copy2(ROOT / name, folder / name, follow_symlinks=False)
    (folder / build_folder).mkdir(parents=True)
    for name in BUILT:
        source = ROOT / build_folder / name
        if source.is_dir():
            shutil.copytree(source, folder / build_folder / name)
        elif source.exists():
            shutil.copy2(source, folder / build_folder / name)
    _move_flags(folder, folder / build_folder / "flags")


def _move_flags(folder, flags):
    """The recorded flags name the tree's folder; the copy's must name the copy. A warning about
    what an edit has left unused is none of the fault's business."""
    before = flags.stat()
    text = flags.read_text().replace(str(ROOT), str(folder)).replace("-Werror", "")
    flags.write_text(text)
    os.utime(flags, ns=(before.st_atime_ns, before.st_mtime_ns))


def build_base(folder: Path) -> Path:
    """The kernel without a fault, from the copy; what the tree had not built yet is built now."""
    _make(folder, "the copy of the tree", "build")
    return folder / "build" / "bartizan.elf"


@contextmanager
def _edited(fault: Fault, folder: Path):
    """The fault's edit, for a while."""
    path = folder / fault.file
    original, times = path.read_text(encoding="utf-8"), path.stat()
    edited = fault.applied_to(original)
    try:
        path.write_text(edited, encoding="utf-8")
        yield
    finally:
        path.write_text(original, encoding="utf-8")
        os.utime(path, ns=(times.st_atime_ns, times.st_mtime_ns))


def build(fault: Fault, folder: Path, build_folder: str = "build", *words: str) -> Path:
    """The faulty kernel, built in a copy of the tree that copy_tree() made. Undoes the edit.
    `words` are what `make` was told for another build than the base one."""
    return build_together([fault], folder, build_folder, *words)


def build_together(faults, folder: Path, build_folder: str = "build", *words: str) -> Path:
    """The same with several faults in one kernel, each in a file of its own."""
    kernel = folder / f"{faults[0].id}.elf"
    start = time.time()
    try:
        with ExitStack() as edits:
            for fault in faults:
                edits.enter_context(_edited(fault, folder))
            _make(folder, faults[0].id, build_folder, *words)
            shutil.copy2(folder / build_folder / "bartizan.elf", kernel)
    finally:
        _forget_since(folder / build_folder, start)
    return kernel


def build_with(flags: str, folder: Path) -> Path:
    """The kernel with these CFLAGS_EXTRA, out of a copy that is for nothing else. Only what names
    one of their macros is compiled: the other objects would be what they are."""
    macros = re.findall(r"-D(\w+)", flags)
    stamp = folder / "build" / "flags"
    times, (line, objects) = stamp.stat(), stamp.read_text().splitlines()
    stamp.write_text(f"{line}{flags}\n{objects}\n")
    os.utime(stamp, ns=(times.st_atime_ns, times.st_mtime_ns))
    for path in folder.rglob("*"):
        if path.suffix in (".c", ".h", ".def") and path.is_file():
            text = path.read_text(encoding="utf-8")
            if any(macro in text for macro in macros):
                path.touch()
    _make(folder, flags, "build", f"CFLAGS_EXTRA={flags}", "O=build")
    return folder / "build" / "bartizan.elf"


def _make(folder, what, build_folder, *words):
    """WERROR is said here because it comes down from `make check WERROR=1`, and other flags than
    those of the copied objects would compile all of them, for every fault again."""
    flags = folder / build_folder / "flags"
    before = flags.read_text()
    done = subprocess.run(["make", "-s", "WERROR=", *words, f"{build_folder}/bartizan.elf"],
                          cwd=folder, capture_output=True, text=True, check=False)
    if done.returncode:
        raise PlantError(f"{what} does not build: {done.stderr[-2000:]}")
    if flags.read_text() != before:
        raise PlantError(f"{what} is built with other flags than the base build")


def _forget_since(build_folder, start):
    """Removes what was made from the edited file, be it one object or all that include it."""
    for path in build_folder.rglob("*"):
        if path.is_file() and path.name != "flags" and path.stat().st_mtime >= start - 0.01:
            path.unlink()
