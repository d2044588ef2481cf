# SPDX-License-Identifier: BSD-2-Clause
"""The kernel of `make SAN=1`: its selftests on two CPUs, and a defect of each kind planted that it must
report by file and line."""

import re

import pytest

from ci import debug_build, planted
from ci.vm.elf import Elf
from ci.vm.verdict import CRASH, PASS

SOURCES = ("tests/planted/san_memory.c", "tests/planted/san_undefined.c")
DEFECT = re.compile(r'^DEFECT\((\w+), "(.*)"\)$')
HERE = "/* here"
BY = re.compile(r" by (\w+)\+0x([0-9a-f]+)$")
AT = re.compile(r" at (?:\./)?([^ ]+:\d+):\d+$")


def defects() -> dict[str, tuple[str, str]]:
    """What is said of each defect, and where it is."""
    found, name, says = {}, "", ""
    for source in SOURCES:
        lines = (planted.ROOT / source).read_text(encoding="utf-8").splitlines()
        for number, line in enumerate(lines, 1):
            if match := DEFECT.match(line):
                name, says = match.groups()
            elif HERE in line:
                found[name] = (says, f"{source}:{number}")
    return found


DEFECTS = defects()


@pytest.fixture(scope="module", name="san_kernel")
def fixture_san_kernel():
    folder = debug_build.SAN_FOLDER
    return debug_build.kernel(folder, *debug_build.SAN_WORDS, f"{folder}/bartizan.elf")


@pytest.fixture(scope="module", name="planted_kernel")
def fixture_planted_kernel(san_kernel, tmp_path_factory):
    folder = tmp_path_factory.mktemp("sanitiser")
    assert san_kernel.exists()
    planted.copy_tree(folder, debug_build.SAN_FOLDER)
    plant, = planted.plants("san")
    return planted.build(plant, folder, debug_build.SAN_FOLDER, *debug_build.SAN_WORDS)


def place_of(reason: str, elf: Elf) -> str:
    """Where a report says that the defect is: it names the place, or a function."""
    if match := AT.search(reason):
        return match[1]
    name, offset = BY.search(reason).groups()
    return elf.place(elf.addresses[name] + int(offset, 16))


def test_selftests_on_two_cpus(boot, san_kernel):
    session = boot("selftest=only", kernel=san_kernel, smp=2, patience=60.0)
    assert session.verdict.outcome == PASS, str(session.verdict)


def test_each_defect_is_reported_with_file_and_line(boot, planted_kernel):
    session = boot("selftest=only,M1", kernel=planted_kernel, patience=60.0)
    assert session.verdict.outcome == PASS, str(session.verdict)
    elf = Elf(planted_kernel)
    lines = re.findall(r"W planted: (\w+): (.*)", session.console.decode().replace("\r", ""))
    assert [name for name, _ in lines] == list(DEFECTS)
    for name, reason in lines:
        says, place = DEFECTS[name]
        assert (reason.startswith(says), place_of(reason, elf)) == (True, place), reason


@pytest.mark.parametrize("name, shows", [
    ("freed_write", ("byte 3 of an object of kmalloc-40 at ", "which is free", "allocated by:",
                     "] bytes_of+0x", "freed by:", "] freed_bytes+0x", "fb fb fb fb fb")),
    ("global_variable", ("byte 8 of the global variable table of 8 bytes, ",)),
    ("index", ()),
])
def test_a_report_is_a_panic_that_shows_what_lies_there(boot, planted_kernel, name, shows):
    session = boot(f"selftest=only,M1 defect={name}", kernel=planted_kernel, strict=True)
    says, place = DEFECTS[name]
    assert (session.verdict.outcome, says in str(session.verdict)) == (CRASH, True)
    for text in (*shows, f"] planted_{name}+0x", "halted"):
        assert session.wait_for_console(text), text
    assert place in session.report(session.verdict)
