#!/usr/bin/python3
# SPDX-License-Identifier: BSD-2-Clause
"""Fail when a source breaks one of the rules that no compiler checks.

Usage: ci/check_style.py [ROOT]     exit 0 = clean, 1 = at least one violation
"""
import pathlib
import re
import subprocess
import sys

SOURCES = (".c", ".h", ".asm", ".inc", ".def", ".py", ".sh", ".mk", ".ld", ".cfg", ".toml")
KERNEL = ("kernel/", "mm/", "sec/", "ipc/", "drv/", "fs/", "proc/", "syscall/", "selftest/", "boot/")
MAX_LINES = 400
# Assembled so that this file passes its own rule.
UNFINISHED = re.compile(r"\b(" + "|".join(("TO" + "DO", "FIX" + "ME", "XX" + "X", "HA" + "CK",
                                           "for" + " now", "place" + "holder")) + r")\b")
DATE = re.compile(r"\b20[0-9]{2}-[01][0-9]-[0-3][0-9]\b")
# Per line, for the kernel's own C files: what to look for, where it is allowed, what to say.
C_RULES = (
    (re.compile(r"^\s*extern\b(?!.*\[\])"), ("",), (".h",), "declare it in a header"),
    (re.compile(r"\b__attribute__\s*\(\(\s*weak"), (), (), "no weak symbols"),
    (re.compile(r"\b(__asm__|asm)\s*(volatile|goto|\()"), ("kernel/x86/", "boot/", "selftest/",
                                                           "kernel/lib/compiler.h",
                                                           "kernel/lib/string.c"), (),
     "inline assembly belongs to kernel/x86"),
    (re.compile(r"\btypedef\s+struct\s+\w+\s*\*?\s*\w+;"), (), (), "no typedef of a struct"),
)


def files(root):
    """What git knows and would know, so that build products do not count."""
    out = subprocess.run(["git", "ls-files", "-co", "--exclude-standard"], cwd=root, check=True,
                         capture_output=True, text=True).stdout
    for name in sorted(set(out.splitlines())):
        path = root / name
        if path.is_file() and not path.is_symlink():
            yield name, path


def is_source(name):
    base = name.rpartition("/")[2]
    return name.endswith(SOURCES) or base in ("GNUmakefile", "bartizan", "run")


def check_whole(name, text):
    """Rules about a file as a whole."""
    lines = text.split("\n")
    first = lines[1] if lines[0].startswith("#!") and len(lines) > 1 else lines[0]
    if "SPDX-License-Identifier: BSD-2-Clause" not in first:
        yield 1, "no SPDX line at the top"
    if text and not text.endswith("\n"):
        yield len(lines), "no newline at the end"
    if "\r" in text:
        yield 1, "carriage returns"
    if len(lines) > MAX_LINES and name.endswith((".c", ".h", ".asm", ".py")):
        yield MAX_LINES, f"{len(lines)} lines: more than one subject?"


def check_lines(name, text):
    """Rules about single lines."""
    in_kernel = name.startswith(KERNEL) and name.endswith((".c", ".h"))
    for number, line in enumerate(text.split("\n"), 1):
        if line != line.rstrip():
            yield number, "trailing space"
        if UNFINISHED.search(line):
            yield number, "unfinished: finish it or drop the remark"
        if DATE.search(line) and not name.startswith(("ci/", "tests/", "bench/")):
            yield number, "a date: history is in git"
        if not in_kernel:
            continue
        for pattern, folders, suffixes, say in C_RULES:
            allowed = any(f and name.startswith(f) for f in folders)
            if pattern.search(line) and not allowed and not (suffixes and name.endswith(suffixes)):
                yield number, say


def check_text(name, text):
    return [f"{name}:{number}: {say}"
            for rule in (check_whole, check_lines) for number, say in rule(name, text)]


def check(root):
    bad = []
    for name, path in files(root):
        data = path.read_bytes()
        if b"\0" in data[:4096]:
            bad.append(f"{name}: a binary file")
        elif is_source(name):
            bad += check_text(name, data.decode(errors="replace"))
    return bad


def main():
    root = pathlib.Path(sys.argv[1]) if len(sys.argv) > 1 else pathlib.Path(__file__).parent.parent
    problems = check(root)
    print("\n".join(problems) or "style: clean")
    return bool(problems)


if __name__ == "__main__":
    sys.exit(main())
