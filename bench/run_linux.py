#!/usr/bin/python3
# SPDX-License-Identifier: BSD-2-Clause
"""Measure Linux: boot a kernel of Debian's in QEMU, counting instructions, with bench as process 1.

Needs `make bench-programs` and a kernel, for example /boot/vmlinuz of linux-image-cloud-amd64. The
figures go to standard output. The exit status is 0 if the last line of bench came.
"""

import argparse
import pathlib
import re
import stat
import subprocess
import sys
import tempfile

ROOT = pathlib.Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))
from ci.vm.initramfs import Archive  # noqa: E402

DEVICES = {"console": (0o600, 5, 1), "null": (0o666, 1, 3), "zero": (0o666, 1, 5)}
FIGURES = re.compile(rb"BENCH.*")  # not at a line's start: the firmware leaves escape codes there


def initramfs(programs: pathlib.Path) -> bytes:
    """bench is init; its companions lie beside it."""
    archive = Archive()
    for name, program in (("init", "bench"), ("tiny", "tiny"), ("tiny-musl", "tiny-musl")):
        archive.add_file(name, (programs / program).read_bytes(), 0o755)
    archive.add_dir("tmp", 0o1777)
    for name, (mode, major, minor) in DEVICES.items():
        archive.add_node(f"dev/{name}", stat.S_IFCHR | mode, major, minor)
    return archive.bytes()


def run(args: argparse.Namespace, work: pathlib.Path) -> bytes:
    """What the guest said on its serial port."""
    (work / "initramfs").write_bytes(initramfs(args.programs))
    # panic=-1 with -no-reboot ends QEMU on a crash.
    words = ["quiet", "tsc=reliable", "clocksource=tsc", "panic=-1", "console=ttyS0", "nokaslr",
             f"mitigations={args.mitigations}", "--", *args.operation]
    subprocess.run(
        ["qemu-system-x86_64", "-accel", "tcg", "-icount", "shift=0,sleep=off", "-smp", "1",
         "-m", "512", "-cpu", args.cpu, "-seed", str(args.seed),
         "-rtc", "base=2024-01-01,clock=vm", "-nodefaults", "-no-user-config", "-nographic",
         "-no-reboot", "-serial", f"file:{work}/serial", "-kernel", args.kernel,
         "-initrd", work / "initramfs", "-append", " ".join(words)],
        stdin=subprocess.DEVNULL, timeout=args.timeout, check=True)
    return (work / "serial").read_bytes().replace(b"\r", b"")


def main() -> int:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("kernel", type=pathlib.Path)
    parser.add_argument("operation", nargs="*", help="only these (default: all)")
    parser.add_argument("--programs", type=pathlib.Path, default=ROOT / "build/bench-root/bench")
    parser.add_argument("--mitigations", default="off", help="default: off")
    parser.add_argument("--cpu", default="max,-erms", help="README.md says why without ERMS")
    parser.add_argument("--seed", type=int, default=1, help="of QEMU's random numbers")
    parser.add_argument("--timeout", type=float, default=900, metavar="S")
    args = parser.parse_args()
    try:
        with tempfile.TemporaryDirectory() as work:
            serial = run(args, pathlib.Path(work))
    except (OSError, subprocess.SubprocessError) as error:
        print(f"run_linux: {error}", file=sys.stderr)
        return 1
    lines = FIGURES.findall(serial)
    print(b"\n".join(lines).decode())
    return 0 if any(line.startswith(b"BENCH done") for line in lines) else 1


if __name__ == "__main__":
    sys.exit(main())
