# SPDX-License-Identifier: BSD-2-Clause
"""/bin/attack, the table of attacks: complete, each held, nothing lost; and each able to fail."""

import re
import subprocess
import time

import pytest

from ci import planted
from ci.attack_table import rows_of
from ci.guest import BUILD, Guest
from ci.page_tables import Memory, violations
from ci.test_load import nothing_lost
from ci.test_page_tables import Watched
from ci.vm import image
from ci.vm.elf import Elf
from ci.vm.machine import Config
from ci.vm.session import Session

ATTACK = "/bin/attack"
MEGABYTES = 256
DEADLINE_S = 300
SLACK_KIB = 512  # of what each CPU keeps; the first runs have filled it already
# What the log may say of some thousand refusals and crashes, however slow the machine.
LOG_LINES = 400


def listed(guest):
    return guest.run([ATTACK, "--list"]).stdout.decode().split()


def judge_whole(text, names):
    rows = rows_of(text)
    assert [name for _, name, _, _ in rows] == names and len(names) > 200
    assert not [name for verdict, name, _, _ in rows if verdict == "BROKEN"], text
    assert "accounting: memory and tasks are what they were before" in text


@pytest.mark.parametrize("smp", (1, 2))
def test_every_attack_is_held(smp, kernel, tmp_path):
    memory = Memory(tmp_path, MEGABYTES)
    with Guest(smp=smp, memory=str(MEGABYTES), extra=memory.words) as guest:
        names = listed(guest)
        for _ in range(2):  # the second time nothing is new to the kernel
            done = guest.run([ATTACK], timeout=DEADLINE_S)
            judge_whole(done.stdout.decode(), names)
            assert done.status == 0, done
        with nothing_lost(guest, SLACK_KIB):
            assert guest.run([ATTACK, "exhaustion/", "flood/"], timeout=DEADLINE_S).status == 0
        assert int(guest.sh("dmesg | wc -l").stdout) < LOG_LINES
        assert violations(Watched(guest, memory, kernel).picture()) == []


def test_the_iso_has_a_menu_entry_that_does_it(tmp_path, monkeypatch):
    """The menu is told to wait for longer than this test takes."""
    iso = image.assemble(BUILD / "bartizan.elf", BUILD / "initramfs.cpio", None, "selftest=off",
                         tmp_path, menu_s=2 * DEADLINE_S)
    monkeypatch.setattr(image, "assemble", lambda *_: iso)
    config = Config(kernel=BUILD / "bartizan.elf", initramfs=BUILD / "initramfs.cpio",
                    door="bios-cd", images=tmp_path)
    with Session(config, Elf(config.kernel)) as session:
        session.start()
        until(session, b"Attack demo")
        session.machine.com1.send(b"a")
        until(session, b"accounting: ", b"\n")
        text = bytes(session.console).decode(errors="replace").replace("\r", "")
    names = subprocess.run([BUILD / "user/attack/attack", "--list"], check=True,
                           capture_output=True, text=True).stdout.split()
    judge_whole(text + "\n", names)


def until(session, text, end=b""):
    """Until the console has shown the text, and behind it the end."""
    deadline = time.monotonic() + DEADLINE_S
    while text not in session.console or end not in session.console.split(text, 1)[1]:
        assert time.monotonic() < deadline and not session.machine.over, bytes(session.console)
        session.step(0.1)


@pytest.mark.parametrize("plant", planted.plants("attack"), ids=lambda plant: plant.id)
def test_a_defect_makes_its_lines_red(plant, tree):
    """Of the whole subjects that `says` names attacks of, exactly those are red."""
    subjects = sorted({name.split("/")[0] + "/" for name in plant.says.split()})
    with Guest(kernel=planted.build(plant, tree)) as guest:
        done = guest.run([ATTACK, *subjects], timeout=DEADLINE_S)
    red = [name for verdict, name, *_ in rows_of(done.stdout.decode()) if verdict == "BROKEN"]
    assert (red, done.status) == (plant.says.split(), 1), done
