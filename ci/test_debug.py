# SPDX-License-Identifier: BSD-2-Clause
"""`./bartizan debug`: gdb stops at the kernel's symbols and leaves no machine behind."""

import subprocess

from ci.guest import launcher

COMMANDS = """\
hbreak selftest_begin
continue
where
current
kill
quit
"""


def test_a_breakpoint_and_its_frames():
    done = subprocess.run(launcher("debug", "--append", "selftest=off"), input=COMMANDS,
                          capture_output=True, text=True, timeout=120, check=False)
    assert "Breakpoint 1, selftest_begin" in done.stdout, done.stdout + done.stderr
    assert "#2  kernel_start ()" in done.stdout
    assert "per-CPU head (GS base) $1 = 0xffffffff" in done.stdout
    assert done.returncode == 0, done.stderr
