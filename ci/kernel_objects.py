# SPDX-License-Identifier: BSD-2-Clause
"""What lies at an address of a running kernel: a variable, an object of a slab cache, the record of
a frame, or a page of some kind. Read out of the kernel's memory as mm/ keeps it."""

import bisect
import re
import struct
from functools import cache
from pathlib import Path
from typing import NamedTuple

from .vm.elf import Elf
from .vm.gdbstub import GdbStub

PAGE = 4096
LINE = 64
# struct frame: count, type, order, flags, spare; then a union that begins with the slab's cache or
# the block's first frame.
FRAME = struct.Struct("<IBBBBQ16x")
# struct slab_cache: name, size, id, stride, order, per_slab.
CACHE = struct.Struct("<QIIIII")
SLAB_HEADER = 32
FRAME_TYPE = re.compile(r'^FRAME_TYPE\((\w+),\s*"([^"]+)"', re.M)
TYPES = FRAME_TYPE.findall(Path(__file__).parent.parent.joinpath("mm/frame_types.def")
                           .read_text(encoding="utf-8"))
NUMBERS = {constant: number for number, (constant, _) in enumerate(TYPES)}


class Object(NamedTuple):
    """Where it begins (of the image: the line); what it is, for people and lists of what is known."""

    start: int
    name: str


class Objects:
    """The objects of one machine that stands still."""

    def __init__(self, stub: GdbStub, kernel: Elf):
        self._stub = stub
        self._variables = kernel.variables
        where = kernel.addresses["layout"]
        self._image, self._physmap, self._frames = struct.unpack("<3Q", stub.read(where, 24))
        self._frames_end = self._frames + (kernel_ram_end(stub, kernel) // PAGE) * FRAME.size
        self.at = cache(self._at)

    def _at(self, address: int) -> Object:
        if address >= self._image:
            return self._variable(address)
        if self._frames <= address < self._frames_end:
            start = address - (address - self._frames) % FRAME.size
            return Object(start, f"record of a frame: {self._type(self._frame(start))}")
        if self._physmap <= address < self._physmap + (1 << 39):
            return self._in_memory(address)
        return Object(address // LINE * LINE, f"elsewhere: {address // PAGE * PAGE:#x}")

    def _variable(self, address):
        """A line of the image is one thing, whatever the linker put into it."""
        at = bisect.bisect_right(self._variables, (address, 1 << 64, "")) - 1
        return Object(address // LINE * LINE, self._variables[at][2])

    def _frame(self, record):
        return FRAME.unpack(self._stub.read(record, FRAME.size))

    def _type(self, frame):
        return TYPES[frame[1]][1]

    def _in_memory(self, address):
        record = self._frames + (address - self._physmap) // PAGE * FRAME.size
        frame = self._frame(record)
        if frame[1] == NUMBERS["FRAME_TAIL"]:
            record = frame[5]
            frame = self._frame(record)
        if frame[1] != NUMBERS["FRAME_SLAB"]:
            return Object(address // LINE * LINE, f"page: {self._type(frame)}")
        return self._in_slab(address, (record - self._frames) // FRAME.size * PAGE, frame[5])

    def _in_slab(self, address, block, where):
        name, _, _, stride, _, _ = CACHE.unpack(self._stub.read(where, CACHE.size))
        base = self._physmap + block
        inside = address - base - SLAB_HEADER
        text = self._stub.read(name, 40).split(b"\0")[0].decode()
        if inside < 0:
            return Object(base, f"slab of {text}")
        return Object(base + SLAB_HEADER + inside // stride * stride, text)


def kernel_ram_end(stub: GdbStub, kernel: Elf) -> int:
    """The first physical address behind the highest RAM."""
    return struct.unpack("<Q", stub.read(kernel.addresses["ram_end"], 8))[0]
