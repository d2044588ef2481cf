# SPDX-License-Identifier: BSD-2-Clause
"""The assembling of images, without booting one; needs what `make` builds."""

import pathlib
import subprocess
import sys
import time

import pytest

ROOT = pathlib.Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))
from ci.vm import image  # noqa: E402
from ci.vm.initramfs import Archive  # noqa: E402

BUILD = ROOT / "build"
KERNEL = BUILD / "bartizan.elf"
INITRAMFS = BUILD / "initramfs.cpio"


@pytest.fixture(scope="module", name="second")
def second_archive(tmp_path_factory):
    path = tmp_path_factory.mktemp("second") / "second.cpio"
    path.write_bytes(Archive().add_file("etc/second", b"the second archive\n" * 1000).bytes())
    return path


def until_another_stamp():
    """The event is the clock's: a FAT file system counts time by two seconds."""
    first = time.time() // 2
    while (now := time.time()) // 2 == first:
        time.sleep((first + 1) * 2 - now)


def test_two_builds_give_the_same_bytes(tmp_path, second):
    """Another folder, umask, time zone and time make no difference."""
    first = image.assemble(KERNEL, INITRAMFS, second, "a=b c", tmp_path / "one").read_bytes()
    script = (f"umask 077; cd {tmp_path}; export TZ=Asia/Tokyo SOURCE_DATE_EPOCH=1; "
              f"{ROOT}/ci/vm/image.py two.iso --kernel {KERNEL} --initramfs {INITRAMFS} "
              f"--second {second} --cmdline 'a=b c'")
    until_another_stamp()
    subprocess.run(["sh", "-c", script], check=True)
    assert (tmp_path / "two.iso").read_bytes() == first


def test_an_image_is_made_once(tmp_path):
    one = image.assemble(KERNEL, INITRAMFS, None, "", tmp_path)
    inode = one.stat().st_ino
    assert image.assemble(KERNEL, INITRAMFS, None, "", tmp_path).stat().st_ino == inode
    assert image.assemble(KERNEL, INITRAMFS, None, "word", tmp_path) != one


def test_every_file_is_in_it_once(tmp_path, second):
    data = image.assemble(KERNEL, INITRAMFS, second, "", tmp_path).read_bytes()
    for part in (image.without_debug(KERNEL), INITRAMFS.read_bytes(), second.read_bytes()):
        assert data.count(part) == 1


def test_a_missing_file_is_one_line(tmp_path):
    with pytest.raises(image.ImageError, match="nothing: No such file"):
        image.assemble(KERNEL, tmp_path / "nothing", None, "", tmp_path, BUILD / "BOOTX64.EFI")


def test_the_command_line_is_in_both_ways_of_booting(tmp_path):
    data = image.assemble(KERNEL, INITRAMFS, None, "one=1 two='x'", tmp_path).read_bytes()
    assert b"one=1 two='x'" in data  # the stub's file
    assert rb"kernel.elf 'one=1' 'two='\''x'\''" in data  # GRUB's script


@pytest.mark.parametrize("size", [1 << 20, 40 << 20])
def test_the_partition_is_fat16_and_holds_everything(tmp_path, size):
    """Below and above 32 MiB, where clusters get larger."""
    second = tmp_path / "second.cpio"
    second.write_bytes(Archive().add_file("big", bytes(size)).bytes())
    iso = image.assemble(KERNEL, INITRAMFS, second, "", tmp_path / "out")
    at = iso.read_bytes().index(b"\xeb\x3c\x90MTOO")
    assert iso.read_bytes()[at + 54:at + 59] == b"FAT16"
    out = tmp_path / "back"
    subprocess.run(["mcopy", "-i", f"{iso}@@{at}", "::/bartizan/second.cpio", out], check=True)
    assert out.read_bytes() == second.read_bytes()


def test_old_images_go(tmp_path):
    for number in range(image.CACHE_KEEP + 2):
        image.assemble(KERNEL, INITRAMFS, None, f"n={number}", tmp_path)
    assert len(list(tmp_path.glob("*.iso"))) == image.CACHE_KEEP
