# SPDX-License-Identifier: BSD-2-Clause
"""The hybrid ISO in QEMU: it boots four ways, and with no bytes but the recorded."""

import os
import pathlib
import shutil
import subprocess
import sys
import time

import pytest

ROOT = pathlib.Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))
from ci.vm import image  # noqa: E402
from ci.vm.elf import Elf  # noqa: E402
from ci.vm.initramfs import Archive  # noqa: E402
from ci.vm.machine import Config, Machine  # noqa: E402
from ci.vm.session import Session  # noqa: E402

BUILD = ROOT / "build"
KERNEL = BUILD / "bartizan.elf"
INITRAMFS = BUILD / "initramfs.cpio"
REFUSES = "Bartizan: not the file that this loader was made for: \\bartizan\\"
DEADLINE_S = 60


@pytest.fixture(scope="module", name="second")
def second_archive(tmp_path_factory):
    path = tmp_path_factory.mktemp("second") / "second.cpio"
    path.write_bytes(Archive().add_file("etc/second", b"the second archive\n" * 1000).bytes())
    return path


@pytest.fixture(scope="module", name="iso")
def assembled(tmp_path_factory, second):
    return image.assemble(KERNEL, INITRAMFS, second, "", tmp_path_factory.mktemp("iso"))


@pytest.mark.parametrize("door", ["bios-cd", "bios-usb", "uefi-cd", "uefi-usb"])
def test_boots(door, tmp_path):
    config = Config(kernel=KERNEL, initramfs=INITRAMFS, door=door, images=tmp_path)
    with Session(config, Elf(KERNEL)) as session:
        verdict = session.run()
    assert verdict.outcome == "pass", verdict.reasons


@pytest.mark.parametrize("door", ["bios-cd", "uefi-cd"])
def test_the_second_archive_arrives(door, tmp_path):
    (tmp_path / "etc").mkdir()
    (tmp_path / "etc/second").write_text("here\n")
    done = subprocess.run([ROOT / "bartizan", "sh", "--boot", door, "--root", tmp_path,
                           "--timeout", "60", "cat /etc/second"], capture_output=True, text=True,
                          check=False)
    assert (done.stdout, done.returncode) == ("here\n", 0), done.stderr


def boot_until(iso, door, text, monkeypatch, tmp_path):
    """Boot this very ISO until its console has said the text: (console, markers)."""
    monkeypatch.setattr(image, "assemble", lambda *_: iso)
    config = Config(kernel=KERNEL, initramfs=INITRAMFS, door=door, images=tmp_path)
    end = time.monotonic() + DEADLINE_S
    with Machine(config) as machine:
        machine.start()
        while time.monotonic() < end and text.encode() not in machine.com1.received:
            if machine.over:
                machine.drain()
                break
            machine.step(0.1)
        return bytes(machine.com1.received).decode(errors="replace"), bytes(machine.markers)


def flipped(iso, needle, to):
    """A copy of the ISO with one bit changed in the middle of the first occurrence of `needle`."""
    data = bytearray(iso.read_bytes())
    assert data.count(needle) == 1
    data[data.index(needle) + len(needle) // 2] ^= 1
    to.write_bytes(data)
    return to


@pytest.mark.parametrize("name", ["kernel.elf", "initramfs.cpio", "second.cpio"])
def test_one_flipped_bit_is_refused(name, iso, second, tmp_path, monkeypatch):
    content = {"kernel.elf": lambda: image.without_debug(KERNEL),
               "initramfs.cpio": INITRAMFS.read_bytes, "second.cpio": second.read_bytes}[name]()
    broken = flipped(iso, content, tmp_path / "broken.iso")
    console, markers = boot_until(broken, "uefi-cd", REFUSES + name, monkeypatch, tmp_path)
    assert REFUSES + name in console
    assert markers == b""


def change_esp(iso, to, *command):
    """A copy of the ISO whose EFI system partition an mtools command has changed."""
    shutil.copyfile(iso, to)
    at = iso.read_bytes().index(b"\xeb\x3c\x90MTOO")
    subprocess.run([command[0], "-i", f"{to}@@{at}", *command[1:]], check=True,
                   env={**os.environ, "MTOOLS_SKIP_CHECK": "1"})
    return to


def test_a_file_without_a_record_is_refused(second, tmp_path, monkeypatch):
    plain = image.assemble(KERNEL, INITRAMFS, None, "", tmp_path / "plain")
    added = change_esp(plain, tmp_path / "added.iso", "mcopy", second, "::/bartizan/second.cpio")
    console, markers = boot_until(added, "uefi-cd", REFUSES + "second.cpio", monkeypatch, tmp_path)
    assert REFUSES + "second.cpio" in console
    assert markers == b""


def test_a_missing_recorded_file_is_refused(iso, tmp_path, monkeypatch):
    says = "Bartizan: there is no file \\bartizan\\initramfs.cpio"
    less = change_esp(iso, tmp_path / "less.iso", "mdel", "::/bartizan/initramfs.cpio")
    console, markers = boot_until(less, "uefi-cd", says, monkeypatch, tmp_path)
    assert says in console
    assert markers == b""


def test_grub_says_what_it_cannot_start_and_halts(iso, tmp_path, monkeypatch):
    says = "Bartizan: GRUB cannot start this image. kernel"
    less = change_esp(iso, tmp_path / "less.iso", "mdel", "::/bartizan/kernel.elf")
    console, markers = boot_until(less, "bios-cd", says, monkeypatch, tmp_path)
    assert says in console
    assert markers == b""
