#!/usr/bin/python3
# SPDX-License-Identifier: BSD-2-Clause
"""Write newc cpio archives: the system's initramfs and what `--root` puts over it.

The same input gives the same bytes for every user, umask, directory and time: entries are sorted,
of time 0 and owned by root unless said otherwise. Nothing here needs to be root.
"""

from __future__ import annotations

import argparse
import os
import pathlib
import stat
import subprocess
import sys

SIZE_MAX = 0xFFFFFFFF
PATH_MAX = 4096

# Directories which git cannot keep, or whose mode or owner matters: name, mode, uid and gid.
DIRECTORIES = (
    ("dev", 0o755, 0),
    ("proc", 0o555, 0),
    ("root", 0o700, 0),
    ("home/user", 0o755, 1000),
    ("mnt", 0o755, 0),
    ("run", 0o755, 0),
    ("tmp", 0o1777, 0),
    ("var/tmp", 0o1777, 0),
)

# Files of iso/rootfs that not everybody may read.
PRIVATE = {"etc/shadow": 0o600}


def _padded(data: bytes) -> bytes:
    return data + bytes(-len(data) % 4)


def _clean(name: str) -> str:
    """A name as the archive has it: without leading, trailing and double slashes."""
    parts = [part for part in name.split("/") if part not in ("", ".")]
    if ".." in parts:
        raise ValueError(f"{name!r} climbs out of the archive")
    return "/".join(parts)


class Archive:
    """A newc archive in the making. Parent directories which are missing are added by themselves."""

    def __init__(self) -> None:
        self._chunks: list[bytes] = []
        self._directories: set[str] = set()
        self._inode = 0

    def add_dir(self, name: str, mode: int = 0o755, uid: int = 0, gid: int = 0) -> "Archive":
        name = _clean(name)
        if name:
            self._add(name, stat.S_IFDIR | mode, uid, gid)
            self._directories.add(name)
        return self

    def add_file(self, name: str, data: bytes, mode: int = 0o644,
                 uid: int = 0, gid: int = 0) -> "Archive":
        self._add(_clean(name), stat.S_IFREG | mode, uid, gid, data)
        return self

    def add_link(self, name: str, target: str) -> "Archive":
        self._add(_clean(name), stat.S_IFLNK | 0o777, 0, 0, os.fsencode(target))
        return self

    def add_node(self, name: str, mode: int, major: int = 0, minor: int = 0) -> "Archive":
        """A device or a pipe: `mode` holds its type too (stat.S_IFCHR | 0o666)."""
        self._add(_clean(name), mode, 0, 0, b"", (major, minor))
        return self

    def add_tree(self, root: pathlib.Path, prefix: str = "") -> "Archive":
        """What lies below `root`, owned by root, with its permissions. Sockets are left out."""
        if _clean(prefix) and _clean(prefix) not in self._directories:
            self.add_dir(prefix)
        for name in sorted(os.listdir(root), key=os.fsencode):
            self._add_entry(root / name, f"{prefix}/{name}")
        return self

    def bytes(self) -> bytes:
        end = self._entry("TRAILER!!!", 0, 0, 0, b"", (0, 0), inode=0)
        return b"".join([*self._chunks, end])

    def _add_entry(self, path: pathlib.Path, name: str) -> None:
        info = path.lstat()
        mode = stat.S_IMODE(info.st_mode)
        if stat.S_ISDIR(info.st_mode):
            self.add_dir(name, mode)
            self.add_tree(path, name)
        elif stat.S_ISLNK(info.st_mode):
            self.add_link(name, os.readlink(path))
        elif stat.S_ISREG(info.st_mode):
            self.add_file(name, path.read_bytes(), mode)
        elif not stat.S_ISSOCK(info.st_mode):
            self.add_node(name, info.st_mode, os.major(info.st_rdev), os.minor(info.st_rdev))

    def _add(self, name: str, mode: int, uid: int, gid: int, data: bytes = b"",
             device: tuple[int, int] = (0, 0)) -> None:
        parent = name.rpartition("/")[0]
        if parent and parent not in self._directories:
            self.add_dir(parent)
        self._inode += 1
        self._chunks.append(self._entry(name, mode, uid, gid, data, device, self._inode))

    @staticmethod
    def _entry(name: str, mode: int, uid: int, gid: int, data: bytes,
               device: tuple[int, int], inode: int) -> bytes:
        path = os.fsencode(name) + b"\0"
        if len(data) > SIZE_MAX or len(path) > PATH_MAX:
            raise ValueError(f"{name!r} is too large for an initramfs")
        links = 2 if stat.S_ISDIR(mode) else 1
        fields = (inode, mode, uid, gid, links, 0, len(data), 0, 0, *device, len(path), 0)
        header = b"070701" + b"".join(b"%08X" % field for field in fields)
        return _padded(header + path) + _padded(data)


def applets(busybox: pathlib.Path) -> list[str]:
    """Where `busybox --install -s` would put its links, without leading slashes."""
    listing = subprocess.run([busybox, "--list-full"], check=True, stdout=subprocess.PIPE)
    return sorted(set(listing.stdout.decode().split()) - {"bin/busybox", "linuxrc"})


def add_overlay(archive: Archive, root: pathlib.Path) -> None:
    """iso/rootfs: a checkout keeps of the permissions only whether a file can be executed."""
    for path in sorted(root.rglob("*")):
        name = str(path.relative_to(root))
        if path.is_symlink():
            archive.add_link(name, os.readlink(path))
        elif path.is_dir():
            archive.add_dir(name)
        else:
            executable = path.stat().st_mode & stat.S_IXUSR
            mode = PRIVATE.get(name, 0o755 if executable else 0o644)
            archive.add_file(name, path.read_bytes(), mode)


def system(busybox: pathlib.Path, overlay: pathlib.Path, files: list[tuple[str, pathlib.Path]],
           documents: list[tuple[str, pathlib.Path]]) -> Archive:
    """The image's root file system; `files` are programs, `documents` are not executable."""
    archive = Archive()
    for name, mode, owner in DIRECTORIES:
        archive.add_dir(name, mode, owner, owner)
    add_overlay(archive, overlay)
    archive.add_file("bin/busybox", busybox.read_bytes(), 0o755)
    for applet in applets(busybox):
        archive.add_link(applet, "/bin/busybox")
    archive.add_link("init", "sbin/init")
    for name, path in files:
        archive.add_file(name, path.read_bytes(), 0o755)
    for name, path in documents:
        archive.add_file(name, path.read_bytes(), 0o644)
    return archive


def write(path: pathlib.Path, data: bytes) -> None:
    """All of the file or nothing of it: an interrupted build leaves no half of one."""
    temporary = path.with_name(f"{path.name}.{os.getpid()}")
    temporary.write_bytes(data)
    temporary.replace(path)


def _pair(text: str) -> tuple[str, pathlib.Path]:
    name, _, path = text.partition("=")
    if not name or not path:
        raise argparse.ArgumentTypeError(f"{text!r} is not NAME=FILE")
    return name, pathlib.Path(path)


def main() -> int:
    parser = argparse.ArgumentParser(description="Build the initramfs of the system.")
    parser.add_argument("out", type=pathlib.Path)
    parser.add_argument("--busybox", type=pathlib.Path, required=True, help="a static BusyBox")
    parser.add_argument("--overlay", type=pathlib.Path, required=True, help="files of the root")
    parser.add_argument("--file", type=_pair, action="append", default=[], metavar="NAME=FILE",
                        help="a program and its name in the image")
    parser.add_argument("--doc", type=_pair, action="append", default=[], metavar="NAME=FILE",
                        help="a document and its name in the image")
    args = parser.parse_args()
    try:
        archive = system(args.busybox, args.overlay, args.file, args.doc)
    except (OSError, ValueError, subprocess.CalledProcessError) as error:
        print(f"initramfs: {error}", file=sys.stderr)
        return 1
    write(args.out, archive.bytes())
    return 0


if __name__ == "__main__":
    sys.exit(main())
