#!/usr/bin/python3
# SPDX-License-Identifier: BSD-2-Clause
"""Fail when an include goes up, or user addresses are made where they may not be.

Usage: ci/check_layers.py [ROOT]     exit 0 = clean, 1 = at least one violation

Every #include is written from the repository root ("mm/frame.h"), so the rules are textual:
  1. the floor of the included file is the same or a lower one;
  2. on one floor a sub-folder stands above the files of its parent: a file may include from its
     own folder and from the folders above it in the path, not from below or from a neighbour;
  3. *_internal.h is for its own folder and for the selftests that mirror it;
  4. no "..", no bare names, no .c file;
  5. a struct uaddr is made only where user addresses come from (UADDR_MAKERS).
"""
import pathlib
import re
import sys

# Low to high. This table is the architecture's picture.
FLOORS = [
    "kernel/lib",    # no dependencies, also compiled for the host
    "kernel/x86",    # instructions, tables, entry
    "kernel/core",   # log, panic, locks, time, irq, random, audit ring
    "kernel/sched",  # threads, run queues, wait queues, mutexes
    "mm",            # frames, slabs, page tables, user copies
    "mm/space",      # areas, memory objects, faults
    "sec",           # credentials, handles, policy
    "ipc",
    "drv",
    "drv/space",
    "fs",
    "proc",
    "syscall",       # the only code that sees raw user arguments
    "selftest",
    "boot",          # doors, main.c
]
# Programs of their own: they share headers with the kernel, but are not on a floor.
OUTSIDE = ("boot/uefi/", "selftest/user/")
# mm defines the type and adds offsets; the others are where addresses enter the kernel.
UADDR_MAKERS = ("syscall/", "selftest/", "mm/addr.h", "mm/usercopy.c", "mm/io_iter.c",
                "mm/io_iter.h", "proc/signal_frame.c", "proc/exec_stack.c", "proc/thread_exit.c")
SUFFIXES = (".c", ".h", ".asm", ".inc", ".def")
INCLUDE = re.compile(r'^\s*[#%]\s*include\s+"([^"]+)"', re.M)
UADDR = re.compile(r"\(\s*struct\s+uaddr\s*\)\s*\{|\bstruct\s+uaddr\s+\w+\s*=\s*\{")
# Made by the build, in no folder.
GENERATED = {"offsets.inc"}


def floor_of(path):
    """(index, folder) of the floor that holds a file, or None."""
    found = [f for f in FLOORS if path.startswith(f + "/")]
    if not found:
        return None
    best = max(found, key=len)
    return FLOORS.index(best), best


def check_include(path, here, name):
    """The first rule an include breaks, or None."""
    if name in GENERATED:
        return None
    if ".." in name.split("/") or "/" not in name:
        return f"write {name!r} from the repository root"
    if name.endswith(".c"):
        return f"includes the source {name}"
    there = floor_of(name)
    if there is None:
        return f"includes {name}, which is on no floor"
    folder, own = name.rpartition("/")[0], path.rpartition("/")[0]
    if name.endswith("_internal.h") and own not in (folder, "selftest/" + folder) \
            and not own.startswith((folder + "/", "selftest/" + folder + "/")):
        return f"{name} is private to {folder}/"
    if there[0] > here[0]:
        return f"(floor {here[1]}) includes {name} (higher floor {there[1]})"
    if there[0] == here[0] and not (own + "/").startswith(folder + "/"):
        return f"includes {name} from beside or below; only its own folder and those above it"
    return None


def sources(root):
    for path in sorted(root.rglob("*")):
        rel = path.relative_to(root).as_posix()
        if path.suffix in SUFFIXES and not rel.startswith(("build/",) + OUTSIDE):
            yield rel, path


def check(root):
    """All violations below root, one line each."""
    bad = []
    for rel, path in sources(root):
        here = floor_of(rel)
        if here is None:
            continue
        text = path.read_text(errors="replace")
        for name in INCLUDE.findall(text):
            problem = check_include(rel, here, name)
            if problem:
                bad.append(f"{rel}: {problem}")
        if UADDR.search(text) and not rel.startswith(UADDR_MAKERS):
            bad.append(f"{rel}: makes a struct uaddr (allowed: {', '.join(UADDR_MAKERS)})")
    return bad


def main():
    root = pathlib.Path(sys.argv[1]) if len(sys.argv) > 1 else pathlib.Path(__file__).parent.parent
    problems = check(root)
    print("\n".join(problems) or "layers: clean")
    return bool(problems)


if __name__ == "__main__":
    sys.exit(main())
