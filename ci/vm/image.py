#!/usr/bin/python3
# SPDX-License-Identifier: BSD-2-Clause
"""Assemble the hybrid ISO, which boots as a CD and as a USB stick, on BIOS and on UEFI machines.

Kernel and initramfs are in it once, in the EFI system partition: the UEFI stub reads them there, and
so does GRUB on BIOS machines. The stub's record gets their SHA-256. The bytes follow from the inputs
alone, so an image made once is found again by the hash of what it was made from.
"""

from __future__ import annotations

import argparse
import hashlib
import os
import pathlib
import shutil
import subprocess
import sys
import tempfile

ROOT = pathlib.Path(__file__).resolve().parent.parent.parent
GRUB_CONFIG = ROOT / "iso/grub.cfg"
GRUB_MODULES = ("biosdisk iso9660 fat loopback part_gpt part_msdos multiboot2 vbe boot normal configfile "
                "serial terminal echo sleep halt test").split()
HYBRID_MBR = "/usr/lib/grub/i386-pc/boot_hybrid.img"

EPOCH = "1704067200"  # every date in the image
RECORD_MAGIC = b"BARTIZAN-RECORD1"
RECORD_SIZE = 128
CACHE_KEEP = 16

# Geometry of the FAT16 partition: one sector a cluster up to 32 MiB, which is also what El Torito
# can say; four above. Below 2300 KiB it would be FAT12.
ESP_KIB_MIN = 2304
ESP_KIB_SMALL_MAX = 32 * 1024 - 64


class ImageError(Exception):
    """An image cannot be assembled; the text says why in one line."""


def assemble(kernel: pathlib.Path, initramfs: pathlib.Path | None, second: pathlib.Path | None,
             cmdline: str, out_dir: pathlib.Path, stub: pathlib.Path | None = None,
             menu_s: int = 0) -> pathlib.Path:
    """The image of these files: from the cache in `out_dir`, or new. `stub` is beside the kernel; GRUB
    shows its menu for `menu_s` seconds."""
    try:
        files = {"kernel.elf": without_debug(kernel)}
        if initramfs:
            files["initramfs.cpio"] = initramfs.read_bytes()
        if second:
            files["second.cpio"] = second.read_bytes()
        loader = fill_record((stub or kernel.parent / "BOOTX64.EFI").read_bytes(), files)
        config = GRUB_CONFIG.read_text().replace("@CMDLINE@", _grub_words(cmdline))
        config = config.replace("@TIMEOUT@", str(menu_s))
    except OSError as error:
        raise ImageError(f"{error.filename}: {error.strerror}") from error
    files["cmdline"] = cmdline.encode()

    out_dir.mkdir(parents=True, exist_ok=True)
    image = out_dir / f"{_key(files, loader, config)}.iso"
    if image.exists():
        os.utime(image)
        return image
    with tempfile.TemporaryDirectory(dir=out_dir) as work:
        built = _build(pathlib.Path(work), files, loader, config)
        os.replace(built, image)
    _prune(out_dir)
    return image


def _run(*command: str | pathlib.Path) -> bytes:
    environment = {"PATH": os.environ.get("PATH", "/usr/bin:/bin"), "LC_ALL": "C", "TZ": "UTC",
                   "SOURCE_DATE_EPOCH": EPOCH, "MTOOLS_SKIP_CHECK": "1"}
    try:
        done = subprocess.run(command, env=environment, capture_output=True, check=False)
    except OSError as error:
        raise ImageError(f"{command[0]}: {error.strerror}") from error
    # xorriso says only on standard error that it did not do what an option asked for.
    if done.returncode or b"FAILURE" in done.stderr:
        reason = done.stderr.decode(errors="replace").strip().splitlines()
        raise ImageError(f"{command[0]}: {reason[-1] if reason else 'failed'}")
    return done.stdout


def without_debug(kernel: pathlib.Path) -> bytes:
    """What a debugger reads is most of the file, and the stub would have to hash it."""
    kernel.stat()
    with tempfile.NamedTemporaryFile() as stripped:
        _run("objcopy", "--strip-debug", kernel, stripped.name)
        return pathlib.Path(stripped.name).read_bytes()


def fill_record(stub: bytes, files: dict[str, bytes]) -> bytes:
    """The stub with the hashes of the files which it may start; zeros where there is none."""
    if stub.count(RECORD_MAGIC) != 1:
        raise ImageError("BOOTX64.EFI: no record, or more than one")
    digests = [hashlib.sha256(files[name]).digest() if name in files else bytes(32)
               for name in ("kernel.elf", "initramfs.cpio", "second.cpio")]
    record = (RECORD_MAGIC + b"".join(digests)).ljust(RECORD_SIZE, b"\0")
    at = stub.index(RECORD_MAGIC)
    return stub[:at] + record + stub[at + RECORD_SIZE:]


def _grub_words(cmdline: str) -> str:
    return " ".join("'" + word.replace("'", "'\\''") + "'" for word in cmdline.split())


def _key(files: dict[str, bytes], loader: bytes, config: str) -> str:
    key = hashlib.sha256(pathlib.Path(__file__).read_bytes())
    for data in (loader, config.encode(), *files.values()):
        key.update(hashlib.sha256(data).digest())
    return key.hexdigest()[:24]


def _esp(path: pathlib.Path, work: pathlib.Path, files: dict[str, bytes], loader: bytes) -> None:
    """The EFI system partition: a FAT file system with the loader and everything that it reads."""
    size = len(loader) + sum(map(len, files.values()))
    kib = max(ESP_KIB_MIN, (size * 102 // 100 // 1024 + 256 + 63) // 64 * 64)
    cluster = "1" if kib <= ESP_KIB_SMALL_MAX else "4"
    with path.open("wb") as image:
        image.truncate(kib * 1024)
    _run("mformat", "-i", path, "-T", str(kib * 2), "-h", "16", "-s", "32", "-c", cluster,
         "-N", "42415254", "-v", "BARTIZAN", "::")
    _run("mmd", "-i", path, "::/EFI", "::/EFI/BOOT", "::/bartizan")
    contents = {"::/EFI/BOOT/BOOTX64.EFI": loader}
    contents |= {f"::/bartizan/{name}": data for name, data in files.items()}
    for name, data in contents.items():
        source = work / "file"
        source.write_bytes(data)
        _run("mcopy", "-i", path, source, name)


def _build(work: pathlib.Path, files: dict[str, bytes], loader: bytes,
           config: str) -> pathlib.Path:
    tree = work / "tree"
    grub = tree / "boot/grub"
    grub.mkdir(parents=True)
    (grub / "grub.cfg").write_text(config)
    _esp(tree / "boot/esp.img", work, files, loader)
    _run("grub-mkimage", "-O", "i386-pc-eltorito", "-o", grub / "eltorito.img",
         "-p", "/boot/grub", *GRUB_MODULES)
    for path in (tree, *tree.rglob("*")):
        path.chmod(0o755 if path.is_dir() else 0o644)
        os.utime(path, (int(EPOCH), int(EPOCH)))
    image = work / "image.iso"
    _run("xorriso", "-as", "mkisofs", "-quiet", "-o", image, "-V", "BARTIZAN", "-r",
         "-iso-level", "3", "-partition_offset", "16",
         "-b", "boot/grub/eltorito.img", "-no-emul-boot", "-boot-load-size", "4",
         "-boot-info-table", "--grub2-boot-info", "--grub2-mbr", HYBRID_MBR,
         "-eltorito-alt-boot", "-e", "boot/esp.img", "-no-emul-boot",
         "-efi-boot-part", "--efi-boot-image", "--mbr-force-bootable", tree)
    if not image.exists():
        raise ImageError("xorriso: no image")
    return image


def _prune(out_dir: pathlib.Path) -> None:
    """An image in use stays readable for its user when its name goes."""
    images = sorted(out_dir.glob("*.iso"), key=lambda path: path.stat().st_mtime, reverse=True)
    for image in images[CACHE_KEEP:]:
        image.unlink(missing_ok=True)


def main() -> int:
    parser = argparse.ArgumentParser(description="Assemble the hybrid ISO.")
    parser.add_argument("out", type=pathlib.Path)
    parser.add_argument("--kernel", type=pathlib.Path, required=True)
    parser.add_argument("--initramfs", type=pathlib.Path, required=True)
    parser.add_argument("--second", type=pathlib.Path, help="a cpio archive laid over the first")
    parser.add_argument("--cmdline", default="", help="the kernel's command line")
    parser.add_argument("--menu", type=int, default=0, metavar="S", help="GRUB's menu is shown so long")
    args = parser.parse_args()
    try:
        image = assemble(args.kernel, args.initramfs, args.second, args.cmdline,
                         args.out.parent / "images", menu_s=args.menu)
        shutil.copyfile(image, args.out)
    except (ImageError, OSError) as error:
        print(f"image: {error}", file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
