# SPDX-License-Identifier: BSD-2-Clause
"""W^X of programs from outside: refused by default, given up by the boot word wx=allow."""

import subprocess

import pytest

from ci.guest import BUILD, launcher

SOURCE = BUILD.parent / "tests/guest/wx.c"
REFUSED = "mmap: EACCES\nmprotect: EACCES\ntwin: EACCES\none after the other: 42\n"
ALLOWED = "mmap: 42\nmprotect: 42\ntwin: 42\none after the other: 42\n"


def run(folder, words, *arguments, stack="noexecstack"):
    program = folder / "wx"
    subprocess.run(["gcc", "-O1", "-D_GNU_SOURCE", "-static", "-Wl,-z," + stack, "-o", program,
                    SOURCE], check=True)
    return subprocess.run(launcher("run", "--append", words, "--timeout", "60", program,
                                   *arguments), stdin=subprocess.DEVNULL, capture_output=True,
                          text=True, check=False)


@pytest.mark.parametrize("words", ("selftest=off", "selftest=off wx=yes", "selftest=off wx"))
def test_refused(words, tmp_path):
    done = run(tmp_path, words)
    assert (done.stdout, done.returncode) == (REFUSED, 0), done.stderr


def test_the_boot_word_allows_it(tmp_path):
    done = run(tmp_path, "selftest=off wx=allow")
    assert (done.stdout, done.returncode) == (ALLOWED, 0), done.stderr


def test_a_stack_is_executed_only_where_it_is_allowed_and_asked_for(tmp_path):
    asked = run(tmp_path, "selftest=off wx=allow", "stack", stack="execstack")
    assert (asked.stdout, asked.returncode) == (ALLOWED + "stack: 42\n", 0), asked.stderr
    not_asked = run(tmp_path, "selftest=off wx=allow", "stack")
    assert (not_asked.stdout, not_asked.returncode) == (ALLOWED, 139), not_asked.stderr
    refused = run(tmp_path, "selftest=off", stack="execstack")
    assert (refused.stdout, refused.returncode) == ("", 126), refused.stderr


def test_selftests_hold_with_the_word(boot):
    """The word counts from the last milestones on: every test of the promise has run before."""
    session = boot("wx=allow")
    assert session.verdict.outcome == "pass", str(session.verdict)
