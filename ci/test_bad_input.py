# SPDX-License-Identifier: BSD-2-Clause
"""Bad input gets one clear line, then a clean stop or a working fallback; never a hang."""

import gzip
import os
import random
import stat
import zlib

import pytest

from ci.guest import BUILD, Guest
from ci.vm.initramfs import Archive

PATIENCE_S = 30
NOISE = random.Random(1).randbytes  # the same in every run
PROMPT = "~# "
INITRAMFS = BUILD / "initramfs.cpio"
NO_INIT = "no program to start: none of /init, /sbin/init, /bin/sh is there"


def stopped_cleanly(session, *says):
    """The kernel has said why and has powered off."""
    assert session.wait_until_over(PATIENCE_S), session.report(session.judge())
    assert session.machine.qmp.shutdown_reason() == "guest-shutdown"
    said(session, *says)


def works(session, *says):
    """There is a shell, and the kernel has said what was wrong."""
    assert session.wait_for_console(PROMPT, PATIENCE_S), session.report(session.judge())
    said(session, *says)


def said(session, *says):
    """Each text stands in a line of its own, once."""
    lines = session.console.decode("utf-8", "replace").splitlines()
    for text in says:
        assert sum(text in line for line in lines) == 1, "\n".join(lines)


@pytest.fixture(name="boot_archive")
def fixture_boot_archive(boot, tmp_path):
    """boot_archive(data): a boot with these bytes as the only initramfs."""

    def boot_archive(data, words="selftest=off", **changes):
        path = tmp_path / "initramfs"
        path.write_bytes(data)
        return boot(words, initramfs=path, **changes)

    return boot_archive


def by_name(value):
    """Names make the tests' ids; what is in the files does not."""
    return value if isinstance(value, str) else "-"


def entry(name, data=b"", mode=stat.S_IFREG | 0o644, **fields):
    """One newc entry with any name, and any of its fields as the eight digits given."""
    path = os.fsencode(name) + b"\0"
    values = {"ino": 7, "mode": mode, "uid": 0, "gid": 0, "nlink": 1, "mtime": 0,
              "size": len(data), "major": 0, "minor": 0, "rmajor": 0, "rminor": 0,
              "namesize": len(path), "check": 0}
    digits = {key: b"%08X" % value for key, value in values.items()} | fields
    header = b"070701" + b"".join(digits[key] for key in values) + path
    return header + bytes(-len(header) % 4) + data + bytes(-len(data) % 4)


END = entry("TRAILER!!!")


# The initramfs as a whole


def test_no_initramfs(boot):
    stopped_cleanly(boot("selftest=off", initramfs=None), NO_INIT, "nothing to run: power off")


def test_no_initramfs_by_the_launchers_other_doors(boot_archive, tmp_path):
    session = boot_archive(Archive().bytes(), door="bios-cd", images=tmp_path)
    stopped_cleanly(session, NO_INIT)


@pytest.mark.parametrize("name, data", [
    ("noise", NOISE(100000)),
    ("compressed", gzip.compress(INITRAMFS.read_bytes() if INITRAMFS.exists() else b"", 1)),
    ("text", b"This is not an archive.\n" * 100),
    ("one byte", b"0"),
], ids=by_name)
def test_no_archive_at_all(name, data, boot_archive):
    session = boot_archive(data)
    stopped_cleanly(session, "corrupt after 0 entries", "the initramfs is damaged", NO_INIT)


@pytest.mark.parametrize("part", (0.3, 0.9, 0.999))
def test_a_truncated_archive(part, boot_archive):
    data = INITRAMFS.read_bytes()
    session = boot_archive(data[:int(len(data) * part)])
    says = ("corrupt after", "the initramfs is damaged: what came before stays")
    if session.wait_for_console(PROMPT, PATIENCE_S):
        works(session, *says)
    else:
        stopped_cleanly(session, *says, NO_INIT)


def test_empty_and_zeros(boot_archive):
    stopped_cleanly(boot_archive(bytes(65536)), NO_INIT)


# A second archive with something wrong in it: the first one works


@pytest.mark.parametrize("name, bad, says", [
    ("magic", b"070799" + entry("x")[6:], "without the newc magic"),
    ("dots", entry("../climbs", b"x"), ".. component"),
    ("inner dots", entry("tmp/../../climbs", b"x"), ".. component"),
    ("link by dots", entry("../link", b"/etc", stat.S_IFLNK | 0o777), ".. component"),
    ("absurd size", entry("x", b"data", size=b"FFFFFFFF"), "corrupt after"),
    ("size over the end", entry("x", b"data", size=b"00100000"), "corrupt after"),
    ("absurd name", entry("x", namesize=b"FFFFFFFF"), "name size"),
    ("no name", entry("x", namesize=b"00000000"), "name size"),
    ("name over the end", entry("x", namesize=b"00000F00"), "corrupt after"),
    ("no digits", entry("x", size=b"-0000001"), "hexadecimal"),
    ("long component", entry("n" * 256, b"x"), "component over 255"),
    ("NUL in the name", entry("a\0b"), "NUL"),
    ("cut off", entry("x", b"data" * 100)[:200], "corrupt after"),
    ("absurd link", entry("x", b"y" * 5000, stat.S_IFLNK | 0o777), "corrupt after"),
], ids=by_name)
def test_a_hostile_archive(name, bad, says, boot):
    before = entry("etc/before", b"still here\n")
    session = boot("selftest=off", second=before + bad + END)
    works(session, says, "the initramfs is damaged")
    session.machine.com1.send(b"cat /etc/before; ls /climbs /../climbs\r")
    assert session.wait_for_console("still here", PATIENCE_S)


def test_entries_that_cannot_be_unpacked():
    """Each is refused by itself; all others arrive, and nothing is followed to elsewhere."""
    second = b"".join((
        entry("tmp/loop", b"loop", stat.S_IFLNK | 0o777), entry("tmp/loop/file", b"x"),
        entry("etc/passwd/file", b"x"),
        entry("bin", b"a file where a directory is"),
        entry("/etc/absolute", b"an absolute name\n"), entry("./etc/./dotted", b"dots\n"),
        entry("tmp/away", b"/etc", stat.S_IFLNK | 0o777), entry("tmp/away/through", b"through\n"),
        entry("etc/after", b"after\n"), END))
    with Guest(second=second) as guest:
        done = guest.sh("cat /etc/absolute /etc/dotted /etc/after; ls -d /bin/sh; "
                        "ls -l /tmp/away | cut -c1")
        assert done.stdout == b"an absolute name\ndots\nafter\n/bin/sh\nl\n", guest.console
        assert "could not be unpacked" in guest.console
        assert guest.console.count("W initramfs: /") >= 3


def test_a_hundred_thousand_entries():
    many = b"".join(entry(f"many/{i % 100}/f{i}") for i in range(100000))
    with Guest(second=many + entry("many/last", b"last\n") + END, memory="1024") as guest:
        done = guest.sh("cat /many/last; ls -d /many/42/f99942; find /many -type f | wc -l",
                        timeout=60)
        assert done.stdout == b"last\n/many/42/f99942\n100001\n", guest.console


def test_more_files_than_a_small_machine_can_have():
    """As on Linux the limit is half as many files as memory has pages."""
    many = b"".join(entry(f"many/{i % 100}/f{i}", b"%d" % i) for i in range(60000))
    with Guest(second=many + END) as guest:
        assert guest.sh("cat /many/7/f7; echo alive").stdout == b"7alive\n", guest.console
        assert guest.console.count("no space left") > 0
        assert guest.console.count("entries could not be unpacked") == 1


def test_an_archive_that_memory_cannot_hold():
    """What fits is there, one line says that something is missing, and the system runs."""
    with Guest(second=entry("etc/big", bytes(40 << 20)) + entry("etc/after", b"after\n") + END,
               memory="112") as guest:
        assert guest.sh("echo alive").stdout == b"alive\n"


# Process 1


@pytest.mark.parametrize("name, content, says", [
    ("exits", b"#!/bin/sh\nexit 3\n", "PID 1 exited with status 3: power off"),
    ("crashes", b"#!/bin/sh\nulimit -c 0\nexec /bin/sh -c 'exit 4'\n",
     "PID 1 exited with status 4: power off"),
    ("no interpreter", b"#!/no/such/interpreter\n", "/bad: no such file or directory"),
    ("its own interpreter", b"#!/bad\n", "/bad: "),
    ("empty", b"", "/bad: not an executable that runs here"),
    ("ELF magic and noise", b"\x7fELF" + NOISE(4096), "/bad: not an executable that runs here"),
    ("ELF of zeros", b"\x7fELF\x02\x01\x01" + bytes(57), "/bad: "),
    ("ELF cut off", b"\x7fELF", "/bad: not an executable that runs here"),
    ("noise", NOISE(4096), "/bad: not an executable that runs here"),
], ids=by_name)
def test_a_bad_init(name, content, says, boot):
    second = Archive().add_file("bad", content, 0o755).bytes()
    stopped_cleanly(boot("selftest=off init=/bad", second=second), says, "power off")


def test_an_init_that_is_not_executable(boot):
    second = Archive().add_file("bad", b"#!/bin/sh\n", 0o644).bytes()
    stopped_cleanly(boot("selftest=off init=/bad", second=second), "/bad: permission denied")


@pytest.mark.parametrize("name", ("/no/such/init", "/etc", "/etc/passwd", "/" + "n" * 300),
                         ids=lambda name: name[:20])
def test_no_such_init(name, boot):
    stopped_cleanly(boot(f"selftest=off init={name}"), "nothing to run: power off")


def test_an_init_that_is_not_there(boot_archive):
    stopped_cleanly(boot_archive(Archive().add_file("etc/motd", b"x").bytes()), NO_INIT)


# The machine


def test_no_serial_port(boot):
    session = boot(com1=False)
    assert session.verdict.outcome == "pass", str(session.verdict)


@pytest.mark.parametrize("megabytes", (8, 12, 16, 24, 32))
def test_little_memory(megabytes, boot):
    """It runs, or says why not: too small for QEMU's loader, for the kernel, or for a program."""
    session = boot("selftest=off", memory=str(megabytes), patience=15)
    if session.broken:
        assert session.broken.startswith("QEMU did not start: ")
        return
    if session.stream.bail is None and not session.wait_for_console(PROMPT, PATIENCE_S):
        session.wait_until_over(PATIENCE_S)
    console = session.console.decode("utf-8", "replace")
    assert PROMPT in console or "memory" in console.lower(), session.report(session.judge())
    assert PROMPT in console or session.machine.over or session.stream.bail is not None


def test_48_megabytes_are_enough(boot):
    works(boot("selftest=off", memory="48"))


def long_line(length):
    return ("selftest=off " + " ".join(f"w{i}=x" for i in range(length // 8))).ljust(length, "y")


@pytest.mark.parametrize("door", ("pvh", "bios-cd"))
def test_a_long_command_line(door, boot, tmp_path):
    session = boot(long_line(4095), door=door, images=tmp_path)
    works(session, "boot words are left out")


def test_a_command_line_that_is_too_long_for_qemu(boot):
    assert "4095 at most" in boot(long_line(4096)).broken


def test_a_command_line_that_is_too_long_for_the_kernel(boot, tmp_path):
    works(boot(long_line(20000), door="bios-cd", images=tmp_path),
          "the command line is too long: words are left out")


def test_one_long_word(boot):
    works(boot("selftest=off " + "w" * 3000))


@pytest.mark.parametrize("words", ("selftest=nonsense", "selftest=M99", "selftest=", "=", "\"",
                                   "init=", "agent=nothing", "marker=nonsense", "--", "a==b"))
def test_odd_words(words, boot):
    session = boot(f"{words} selftest=off")
    works(session)


# ACPI tables


def broken_table(signature, body, checksum=None):
    """An ACPI table, its checksum wrong unless 0 is asked for."""
    header = signature + (36 + len(body)).to_bytes(4, "little") + b"\x01\x00" + b"BADOEM" + \
        b"BADTABLE" + b"\x01\0\0\0" + b"BART" + b"\x01\0\0\0"
    table = bytearray(header + body)
    table[9] = (-sum(table) if checksum == 0 else 0x55 - zlib.crc32(table)) & 0xFF
    return bytes(table)


@pytest.mark.parametrize("name, table", [
    ("MADT with a wrong checksum", broken_table(b"APIC", NOISE(64))),
    ("MADT of noise", broken_table(b"APIC", b"\xff" * 300, 0)),
    ("MADT with an entry of no length", broken_table(b"APIC", bytes(8) + b"\x01\x00" * 8, 0)),
    ("FADT that is too short", broken_table(b"FACP", b"\0" * 4, 0)),
    ("unknown table", broken_table(b"ZZZZ", NOISE(500), 0)),
], ids=by_name)
def test_a_broken_acpi_table(name, table, boot, tmp_path):
    path = tmp_path / "table"
    path.write_bytes(table)
    works(boot("selftest=off", extra=["-acpitable", f"file={path}"]))


def test_no_acpi(boot):
    works(boot("selftest=off", extra=["-machine", "acpi=off"]))
