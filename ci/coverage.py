#!/usr/bin/python3
# SPDX-License-Identifier: BSD-2-Clause
"""What the fuzzer reached of the kernel, by file, with and without feedback: `make fuzz-coverage`.

Boots the kernel of `make COVERAGE=1` twice, gives user/fuzz the same seed and as many calls, and
counts the places where the compiler has put its call to the recorder.
"""

import argparse
import re
import subprocess
import sys
from collections import Counter
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

from ci.guest import Guest  # noqa: E402
from ci.vm.elf import Elf  # noqa: E402
from ci.vm.initramfs import Archive  # noqa: E402

BUILD = ROOT / "build/coverage"
PLACES = "/tmp/places"
DEADLINE_S = 1200
CALL = re.compile(r"^([0-9a-f]+):.*\bcall\b.*<__sanitizer_cov_trace_pc>", re.M)


def call_ends(kernel):
    """The address behind each call to the recorder, which is what it records."""
    text = subprocess.run(["objdump", "-d", "--no-show-raw-insn", "-j", ".text", kernel], check=True,
                          capture_output=True, text=True).stdout
    lines = [line.strip() for line in text.splitlines()]
    return [int(after.split(":")[0], 16) for line, after in zip(lines, lines[1:])
            if CALL.match(line) and re.match(r"[0-9a-f]+:", after)]


def files_of(kernel, addresses):
    """The source file that each address comes from."""
    done = subprocess.run(["addr2line", "-e", kernel], check=True, capture_output=True, text=True,
                          input="\n".join(hex(address - 1) for address in addresses))
    return [re.sub(r"^.*?((?:mm|sec|ipc|drv|fs|proc|syscall|kernel)/[^:]*):.*", r"\1", line)
            for line in done.stdout.splitlines()]


def reached(calls, seed, words):
    """Offsets into the text that a run of the fuzzer went through, and what it said."""
    archive = Archive().add_file("bin/fuzz", (BUILD / "user/fuzz/fuzz").read_bytes(), 0o755)
    with Guest(kernel=BUILD / "bartizan.elf", initramfs=BUILD / "initramfs.cpio",
               second=archive.bytes()) as guest:
        done = guest.run(["/bin/fuzz", "--seed", str(seed), "--calls", str(calls), "--places", PLACES,
                          *words], timeout=DEADLINE_S)
        assert done.status == 0, done
        places = guest.sh(f"cat {PLACES}", timeout=DEADLINE_S).stdout.split()
    return {int(place, 16) for place in places}, done.stdout.decode()


def main():
    parser = argparse.ArgumentParser(description="Coverage of the fuzzer, by file.")
    parser.add_argument("--calls", type=int, default=200000)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--root", action="store_true", help="as root, not as user 1000")
    args = parser.parse_args()
    kernel = BUILD / "bartizan.elf"
    start = Elf(kernel).addresses["text_start"]
    ends = call_ends(kernel)
    names = dict(zip(ends, files_of(kernel, ends)))
    columns = []
    for words in ([], ["--feedback"]):
        places, said = reached(args.calls, args.seed, words + (["--root"] if args.root else []))
        print(said, end="")
        columns.append(Counter(names[start + at] for at in places if start + at in names))
    print_table(Counter(names.values()), columns)
    return 0


def print_table(there, columns):
    """A line for each file, and their sum."""
    print(f"\n{'file':40} {'places':>7} {'random':>7} {'feedback':>8}")
    for name in sorted(there):
        print(f"{name:40} {there[name]:7} {columns[0][name]:7} {columns[1][name]:8}")
    print(f"{'all':40} {there.total():7} {columns[0].total():7} {columns[1].total():8}")


if __name__ == "__main__":
    sys.exit(main())
