# SPDX-License-Identifier: BSD-2-Clause
"""The milestone demos: kernels of their own, whose lines a person reads too."""

import re
import subprocess

from ci import planted
from ci.guest import BUILD, launcher

TASKS = 6


def console_of(flags, tree, *options):
    """Builds with these CFLAGS_EXTRA, boots, and returns what the console said."""
    planted.copy_tree(tree)
    build = planted.build_with(f"-Werror {flags}", tree).parent
    (build / "initramfs.cpio").symlink_to(BUILD / "initramfs.cpio")
    done = subprocess.run(launcher("sh", "--build", str(build), "--icount", "--verbose", *options,
                                   "--timeout", "300", "--append", "selftest=off", "true"),
                          capture_output=True, check=False)
    assert done.returncode == 0, done.stderr.decode(errors="replace")[-2000:]
    return (done.stdout + done.stderr).decode(errors="replace")


def test_ring3_demo_alternates(tmp_path):
    console = console_of("-DM7_RING3_DEMO=1", tmp_path)
    steps = re.findall(r"ring3 demo: +([AB]) +runs at CPL 3, step (\d)", console)
    assert steps == [(who, str(step)) for step in range(1, 6) for who in "AB"]
    assert "ring3 demo: done, 200000 yields, both processes have left" in console


def test_sched_demo_shares_the_cpu(tmp_path):
    console = console_of(f"-DM8_SCHED_DEMO=1 -DM8_SCHED_TASKS={TASKS}", tmp_path)
    shares = [int(share) for share in re.findall(r"sched demo: task +\d+ +(\d+) %", console)]
    assert len(shares) == TASKS and min(shares) > 0
    assert f"sched demo: {TASKS} of {TASKS} hogs got their share" in console


def test_smp_demo_shows_every_cpu(tmp_path):
    console = console_of("-DM14_SMP_DEMO=1", tmp_path, "--smp", "4")
    assert "smp demo: 6 of 6 tasks ran, on 4 of 4 CPUs; A stayed on the last" in console
    frames = re.findall(r"smp demo: frame \d(.*?)(?=smp demo: frame|smp demo: 6)", console, re.S)
    assert len(frames) == 5
    for frame in frames:
        lines = re.findall(r"smp demo: CPU +(\d) (.*)", frame)
        assert [int(cpu) for cpu, _ in lines] == [0, 1, 2, 3]
        shares = [sum(map(int, re.findall(r"[A-F] +(\d+) %", text))) for _, text in lines]
        assert all(94 <= share <= 100 for share in shares), frame
        assert {cpu for cpu, text in lines if re.search(r"\bA\b", text)} == {"3"}, frame
