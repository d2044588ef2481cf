# SPDX-License-Identifier: BSD-2-Clause
"""The UEFI stub's SHA-256 and its record, on the build machine."""

import ctypes
import hashlib
import pathlib
import random
import subprocess
import sys

import pytest

ROOT = pathlib.Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))
from ci.vm import image  # noqa: E402

FILES = ("kernel.elf", "initramfs.cpio", "second.cpio")


def build(folder, name="stub.so"):
    library = folder / name
    sources = [f"boot/uefi/{part}.c" for part in ("sha256", "record")]
    subprocess.run(["gcc", "-std=gnu2x", "-O2", "-shared", "-fPIC", "-fno-strict-aliasing", "-I.",
                    "-o", library, *sources], cwd=ROOT, check=True)
    return library


@pytest.fixture(scope="module", name="stub")
def load_stub(tmp_path_factory):
    return ctypes.CDLL(str(build(tmp_path_factory.mktemp("stub"))))


def test_sha256_of_every_length(stub):
    """All paddings, and lengths across several blocks."""
    data = random.Random(1).randbytes(100_000)
    for length in [*range(300), 99_999, 100_000]:
        digest = ctypes.create_string_buffer(32)
        stub.sha256(data, ctypes.c_size_t(length), digest)
        assert digest.raw == hashlib.sha256(data[:length]).digest(), length


def filled(folder, files):
    """The record as image.py fills it in, in the library instead of the stub."""
    library = build(folder, f"filled-{len(files)}.so")
    library.write_bytes(image.fill_record(library.read_bytes(), files))
    return ctypes.CDLL(str(library))


def matches(stub, index, data):
    stub.record_matches.restype = ctypes.c_bool
    return stub.record_matches(index, data, ctypes.c_uint64(len(data)))


def allows(stub, index):
    stub.record_allows.restype = ctypes.c_bool
    return stub.record_allows(index)


def test_an_unfilled_record_allows_nothing(stub):
    for index in range(3):
        assert not allows(stub, index) and not matches(stub, index, b"")


def test_a_filled_record_allows_these_bytes_only(tmp_path):
    files = {name: name.encode() * 1000 for name in FILES}
    stub = filled(tmp_path, files)
    for index, name in enumerate(FILES):
        data = bytearray(files[name])
        assert allows(stub, index) and matches(stub, index, bytes(data))
        assert not matches(stub, (index + 1) % 3, bytes(data))
        data[500] ^= 1
        assert not matches(stub, index, bytes(data))
        assert not matches(stub, index, files[name][:-1])


def test_a_file_which_is_not_in_the_record_is_not_allowed(tmp_path):
    stub = filled(tmp_path, {"kernel.elf": b"kernel"})
    assert allows(stub, 0) and not allows(stub, 1) and not allows(stub, 2)
    assert not matches(stub, 1, b"")


def test_a_loader_without_a_record_is_refused():
    with pytest.raises(image.ImageError):
        image.fill_record(b"MZ" + bytes(4096), {})
