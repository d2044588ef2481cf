# SPDX-License-Identifier: BSD-2-Clause
"""The static checks hold on this tree, and each of them is able to fail."""
import pathlib
import subprocess
import sys

import pytest

ROOT = pathlib.Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

from ci import check_elf, check_layers, check_style  # noqa: E402
from ci.suites import SUITES  # noqa: E402

ELF = ROOT / "build" / "bartizan.elf"
SPDX = "/* SPDX-License-Identifier: BSD-2-Clause */\n"


def test_every_test_file_is_in_one_suite():
    there = [path.relative_to(ROOT).as_posix() for folder in ("ci", "tests")
             for path in (ROOT / folder).glob("test_*.py")]
    run = [word for suite in SUITES for word in suite.command if word.endswith(".py")]
    assert sorted(there) == sorted(word for word in run if "/test_" in word)


def test_layers_are_clean():
    assert check_layers.check(ROOT) == []


def test_style_is_clean():
    assert check_style.check(ROOT) == []


def test_elf_is_clean():
    """P-M2-08, P-M3-05."""
    assert ELF.exists(), "no kernel is built: run make"
    assert check_elf.check(str(ELF)) == []


@pytest.mark.parametrize("path, include, clean", [
    ("mm/frame.c", "kernel/lib/list.h", True),
    ("mm/space/fault.c", "mm/frame.h", True),
    ("fs/tmpfs/tmpfs.c", "fs/inode.h", True),
    ("selftest/mm/frame_test.c", "mm/frame_internal.h", True),
    ("kernel/lib/list.c", "kernel/x86/cpu.h", False),
    ("kernel/core/log.c", "kernel/sched/thread.h", False),
    ("mm/frame.c", "mm/space/area.h", False),
    ("fs/tmpfs/tmpfs.c", "fs/procfs/procfs.h", False),
    ("fs/inode.c", "fs/tmpfs/tmpfs.h", False),
    ("proc/exec.c", "syscall/syscalls.h", False),
    ("proc/exec.c", "fs/walk_internal.h", False),
    ("proc/exec.c", "../fs/walk.h", False),
    ("proc/exec.c", "exec.h", False),
    ("proc/exec.c", "proc/elf.c", False),
    ("proc/exec.c", "tests/unit/check.h", False),
])
def test_layer_rules(tmp_path, path, include, clean):
    (tmp_path / path).parent.mkdir(parents=True)
    (tmp_path / path).write_text(f'#include "{include}"\n')
    assert (check_layers.check(tmp_path) == []) == clean


@pytest.mark.parametrize("path, clean", [
    ("syscall/file.c", True), ("proc/signal_frame.c", True), ("proc/exec.c", False),
    ("fs/file.c", False), ("drv/tty/tty.c", False)])
@pytest.mark.parametrize("text", [
    "\tread_it((struct uaddr){.raw = value}, n);\n", "\tstruct uaddr at = {value};\n"])
def test_user_addresses_are_made_in_few_places(tmp_path, path, clean, text):
    """P-M3-10."""
    (tmp_path / path).parent.mkdir(parents=True)
    (tmp_path / path).write_text(text)
    assert (check_layers.check(tmp_path) == []) == clean


@pytest.mark.parametrize("statement, compiles", [
    ("(void)at.raw", True), ("(void)*at", False), ("*(char *)at = 0", False),
    ("char *p = at; (void)p", False)])
def test_user_addresses_cannot_be_dereferenced(tmp_path, statement, compiles):
    """P-M3-10: the type itself refuses."""
    source = tmp_path / "x.c"
    source.write_text(f'#include "mm/addr.h"\nvoid f(struct uaddr at);\n'
                      f'void f(struct uaddr at) {{ {statement}; }}\n')
    done = subprocess.run(["gcc", "-std=gnu2x", "-ffreestanding", "-I", ROOT, "-fsyntax-only",
                           source], capture_output=True, check=False)
    assert (done.returncode == 0) == compiles


@pytest.mark.parametrize("name, text", [
    ("mm/x.c", "int x;\n"),
    ("mm/x.c", SPDX + "int x; \n"),
    ("mm/x.c", SPDX + "int x;"),
    ("mm/x.c", SPDX + "int x;\r\n"),
    ("mm/x.c", SPDX + "extern int y;\n"),
    ("mm/x.c", SPDX + "/* FIX" + "ME: later */\n"),
    ("mm/x.c", SPDX + "/* since 2024-01-31 */\n"),
    ("mm/x.c", SPDX + "int y __attribute__((weak));\n"),
    ("mm/x.c", SPDX + '\t__asm__ volatile("cli");\n'),
    ("mm/x.c", SPDX + "\n" * 400),
    ("ci/x.py", "#!/usr/bin/python3\nprint()\n"),
])
def test_style_rules(name, text):
    assert check_style.check_text(name, text)
    assert check_style.check_text("mm/x.c", SPDX + "int x;\n") == []


KERNEL = """
.section .text
.globl entry_text_start, entry_text_end, usercopy_text_start, usercopy_text_end
entry_text_start: clac
entry_text_end:
usercopy_text_start: stac; movb %al, (%rdi); clac; ret
{usercopy}
usercopy_text_end:
mov %gs:0x28, %rax
{text}
.rept 1000
nop
.endr
"""


@pytest.mark.parametrize("usercopy, text, clean", [
    ("", "", True),
    ("", "ret; fxsave64 (%rdi); mov %ax, %fs", True),
    ("stac; ret", "", False),
    ("stac; stac; clac; ret", "", False),
    ("stac; call usercopy_text_start; clac; ret", "", False),
    ("", "stac; clac", False),
    ("", "clac", False),
    ("", "movaps %xmm0, (%rdi)", False),
    ("", "vzeroupper; vmovdqu %ymm3, %ymm4", False),
    ("", "fld %st(1)", False),
    ("", "mov %fs:0x28, %rax", False),
    ("", "lock incl %fs:8", False),
    ("", "call *%rax", False),
    ("", "jmp *8(%rdi)", False),
    ("", "call *entry_text_start(%rip)", False),
    ("", "notrack jmp *%rdx", False),
    ("", "indirect_thunks: jmp *%rdx; call *%r9; indirect_thunks_end:", True),
    ("", "indirect_thunks: jmp *%rdx; indirect_thunks_end: jmp *%rdx", False),
])
def test_elf_rules(tmp_path, usercopy, text, clean):
    source, elf = tmp_path / "x.s", tmp_path / "x.elf"
    source.write_text(KERNEL.format(usercopy=usercopy, text=text))
    subprocess.run(["gcc", "-nostdlib", "-static", "-Wl,-e,0", "-Wl,-z,noexecstack", "-o", elf,
                    source], check=True)
    assert (check_elf.check(str(elf)) == []) == clean


MASKED = """
.section .text
.globl entry_text_start, entry_text_end, usercopy_text_start, usercopy_text_end, usercopy_raw
.globl text_start, text_end
entry_text_start: nop
entry_text_end:
usercopy_text_start:
usercopy_raw: stac; movb %al, (%rdi); clac; ret
usercopy_text_end:
text_start: mov %gs:0x28, %rax
ret
{text}
text_end:
.rept 1000
nop
.endr
"""


@pytest.mark.parametrize("text, clean", [
    ("sar $63, %rdi; not %rdi; and %rdi, %rsi; call usercopy_raw; ret", True),
    ("sar $63, %rdi; not %rdi; and %rdi, %rsi; jmp usercopy_raw", True),
    ("call usercopy_raw; ret", False),
    ("jmp usercopy_raw", False),
    ("sar $62, %rdi; call usercopy_raw; ret", False),
    ("sar $63, %rdi; ret; call usercopy_raw; ret", False),
])
def test_elf_masks(tmp_path, text, clean):
    """P-M3-12."""
    source, elf = tmp_path / "x.s", tmp_path / "x.elf"
    source.write_text(MASKED.format(text=text))
    subprocess.run(["gcc", "-nostdlib", "-static", "-Wl,-e,0", "-Wl,-z,noexecstack", "-o", elf,
                    source], check=True)
    assert (check_elf.check(str(elf)) == []) == clean


@pytest.mark.parametrize("change, wrong", [
    ({}, []),
    ({0x20: ("mov", "%eax,%eax")}, ["handle_get"]),
    ({0x20: ("sar", "$0x3e,%rax")}, ["handle_get"]),
    ({0x10: ("nop", ""), 0x20: ("nop", "")}, ["swap_limit", "handle_get"]),
])
def test_elf_finds_an_index_without_its_mask(monkeypatch, change, wrong):
    """P-M3-12."""
    mask = ("sar", "$0x3f")
    monkeypatch.setattr(check_elf, "MASKS_OF", {"swap_limit": mask, "handle_get": mask})
    lines = {0x10: ("sar", "$0x3f,%rax"), 0x20: ("sar", "$0x3f,%rax"), 0x30: ("ret", ""), **change}
    code = [(address, *line) for address, line in sorted(lines.items())]
    table = {"swap_limit": 0x10, "handle_get": 0x20, "other": 0x30}
    assert [line.split(":")[0] for line in check_elf.check_indices(code, table)] == wrong
    gone = check_elf.check_indices(code, {"handle_get": 0x20, "other": 0x30})
    assert "swap_limit" in " ".join(gone)


def test_elf_finds_writable_code(tmp_path):
    source, elf = tmp_path / "x.s", tmp_path / "x.elf"
    source.write_text(KERNEL.format(usercopy="", text=""))
    subprocess.run(["gcc", "-nostdlib", "-static", "-Wl,-e,0", "-Wl,-N", "-Wl,--no-warn-rwx-segments",
                    "-o", elf, source], check=True)
    assert any("writable and executable" in line for line in check_elf.check(str(elf)))


def test_corpus_is_large_enough():
    """P-M10-01."""
    sys.path.insert(0, str(ROOT / "tests"))
    import elf_corpus  # pylint: disable=import-outside-toplevel
    assert sum(errno != "OK" for _, errno, _ in elf_corpus.cases()) >= 80
