# SPDX-License-Identifier: BSD-2-Clause
"""What `run PROG` and `--root DIR` put over the guest's root file system: a second cpio archive."""

import os
import shutil
import stat
from pathlib import Path

from .elf import DT_NEEDED, DT_RPATH, DT_RUNPATH, Elf, ElfError
from .initramfs import Archive

GUEST_FOLDER = "/run/host"
LIBRARY_FOLDERS = ("/lib/x86_64-linux-gnu", "/usr/lib/x86_64-linux-gnu", "/lib64", "/usr/lib64",
                   "/lib", "/usr/lib", "/usr/local/lib")
NOT_EXECUTABLE, NOT_FOUND = 126, 127


class ProgramError(Exception):
    """The program or directory cannot be taken along. `status` is the launcher's exit status."""

    def __init__(self, status: int, text: str):
        super().__init__(text)
        self.status = status


def add_root(archive: Archive, root: Path):
    """The tree of `--root`."""
    if not root.exists():
        raise ProgramError(125, f"--root {root}: no such directory")
    if not root.is_dir():
        raise ProgramError(125, f"--root {root}: not a directory")
    try:
        archive.add_tree(root)
    except (OSError, ValueError) as error:
        raise ProgramError(125, f"--root {root}: {error}") from error


def add_program(archive: Archive, name: str) -> str:
    """A program of the build machine with all it needs. Returns its path in the guest."""
    path = _find(name)
    data = path.read_bytes()
    if not data.startswith(b"#!"):
        for needed in _needs(path):
            archive.add_file(str(needed), needed.read_bytes(), 0o755)
    inside = f"{GUEST_FOLDER}/{path.name}"
    archive.add_file(inside, data, 0o755)
    return inside


def _find(name: str) -> Path:
    found = Path(name) if "/" in name else Path(shutil.which(name) or name)
    try:
        mode = found.stat().st_mode
    except OSError as error:
        raise ProgramError(NOT_FOUND, f"{name}: {error.strerror}") from error
    if not stat.S_ISREG(mode):
        raise ProgramError(NOT_EXECUTABLE, f"{name}: not a regular file")
    if not mode & 0o111 or not os.access(found, os.R_OK):
        raise ProgramError(NOT_EXECUTABLE, f"{name}: not executable")
    return found


def _needs(path: Path) -> list[Path]:
    """The loader and the libraries of a dynamic program; nothing for a static one."""
    try:
        program = Elf(path)
        if not program.interpreter:
            return []
        loader = Path(program.interpreter)
        if not loader.exists():
            raise ProgramError(NOT_FOUND, f"{path}: its loader {loader} does not exist here")
        return [loader, *_libraries(program, loader)]
    except ElfError as error:
        raise ProgramError(NOT_EXECUTABLE, str(error)) from error


def _libraries(program: Elf, loader: Path) -> list[Path]:
    found: dict[str, Path] = {loader.name: loader}
    if loader.name.startswith("ld-musl-"):
        found["libc.so"] = loader  # musl's loader is its C library
    todo = [program]
    while todo:
        user = todo.pop()
        for name in user.dynamic_strings(DT_NEEDED):
            if name not in found:
                found[name] = _library(user, name)
                todo.append(Elf(found[name]))
    return [path for path in found.values() if path != loader]


def _library(user: Elf, name: str) -> Path:
    folders = [folder.replace("$ORIGIN", str(user.path.parent))
               for entry in user.dynamic_strings(DT_RPATH, DT_RUNPATH)
               for folder in entry.split(":")]
    for folder in (*folders, *LIBRARY_FOLDERS):
        if (Path(folder) / name).exists():
            return Path(folder) / name
    raise ProgramError(NOT_FOUND, f"{user.path}: its library {name} does not exist here")
