# SPDX-License-Identifier: BSD-2-Clause
"""The milestone demos: kernels of their own build folder, whose lines a person reads too."""

import re
import subprocess

from ci.guest import BUILD, launcher

ROOT = BUILD.parent

TASKS = 6


def console_of(flags, folder):
    """Builds with these CFLAGS_EXTRA, boots, and returns what the console said."""
    build = ROOT / "build" / folder
    subprocess.run(["make", "-s", "-j2", f"CFLAGS_EXTRA={flags}", f"O={build.relative_to(ROOT)}"],
                   cwd=ROOT, check=True, capture_output=True)
    done = subprocess.run(launcher("sh", "--build", str(build), "--icount", "--verbose", "--timeout", "300",
                                   "--append", "selftest=off", "true"),
                          capture_output=True, check=False)
    assert done.returncode == 0, done.stderr.decode(errors="replace")[-2000:]
    return (done.stdout + done.stderr).decode(errors="replace")


def test_ring3_demo_alternates():
    console = console_of("-DM7_RING3_DEMO=1", "demo-ring3")
    steps = re.findall(r"ring3 demo: +([AB]) +runs at CPL 3, step (\d)", console)
    assert steps == [(who, str(step)) for step in range(1, 6) for who in "AB"]
    assert "ring3 demo: done, 200000 yields, both processes have left" in console


def test_sched_demo_shares_the_cpu():
    console = console_of(f"-DM8_SCHED_DEMO=1 -DM8_SCHED_TASKS={TASKS}", "demo-sched")
    shares = [int(share) for share in re.findall(r"sched demo: task +\d+ +(\d+) %", console)]
    assert len(shares) == TASKS and min(shares) > 0
    assert f"sched demo: {TASKS} of {TASKS} hogs got their share" in console
