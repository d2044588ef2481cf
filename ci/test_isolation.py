# SPDX-License-Identifier: BSD-2-Clause
"""P-M3-13: page-table isolation on a CPU that Meltdown concerns. Every selftest passes, and ring 3's
roots, read from outside at random moments, hold nothing of the kernel half but the entries."""

import random
import time

import pytest

from ci.guest import Guest
from ci.page_tables import SECOND, Memory, Picture, open_to_ring_3

AFFECTED = "max,-erms,vendor=GenuineIntel"
MEGABYTES = 256
CPUS = 2
MOMENTS = 20
LOAD = ("for i in 1 2 3; do (while :; do ls -l /bin | sort | head -1; done) >/dev/null 2>&1 </dev/null & "
        "(while :; do :; done) >/dev/null 2>&1 </dev/null & done")


@pytest.mark.parametrize("smp", (1, 2))
@pytest.mark.parametrize("cpu, words", [(AFFECTED, ""), ("max", " pti=on"), ("max,-fsgsbase", " pti=on")])
def test_selftests_pass(boot, smp, cpu, words):
    session = boot("selftest=only" + words, cpu=cpu, smp=smp)
    assert session.verdict.outcome == "pass", str(session.verdict)


@pytest.mark.parametrize("cpu, words, wanted", [
    (AFFECTED, "", "Mitigation: PTI"), (AFFECTED, "pti=off", "Vulnerable"),
    (AFFECTED, "mitigations=off", "Vulnerable"), ("max", "", "Not affected")])
def test_what_is_told_is_so(kernel, cpu, words, wanted):
    """The file against what ring 3's tables map: kernel text beyond the entries."""
    with Guest(f"selftest=off {words}", kernel=kernel.path, cpu=cpu) as guest:
        done = guest.sh("(while :; do :; done) >/dev/null 2>&1 </dev/null & "
                        "cat /sys/devices/system/cpu/vulnerabilities/meltdown")
        assert done.stdout.decode().strip() == wanted
        machine = guest._session.machine
        text = kernel.moved(machine.registers())["usercopy_text_start"]
        mapped = set(in_ring_3(machine, text))
        assert mapped == {wanted != "Mitigation: PTI"}


def in_ring_3(machine, address):
    """Whether the address is mapped where a look at the machine finds it in ring 3."""
    for _ in range(50):
        end = time.monotonic() + 0.02
        while time.monotonic() < end:
            machine.step(0.02)
        machine.command_qmp("stop")
        registers = machine.registers()
        says = machine.command_qmp("human-monitor-command", **{"command-line": f"gva2gpa {address:#x}"})
        machine.command_qmp("cont")
        if "CPL=3" in registers:
            yield says.startswith("gpa:")


@pytest.fixture(scope="module", name="watched")
def fixture_watched(kernel, tmp_path_factory):
    memory = Memory(tmp_path_factory.mktemp("memory"), MEGABYTES)
    with Guest("selftest=off", memory=str(MEGABYTES), smp=CPUS, cpu=AFFECTED, extra=memory.words) as guest:
        assert guest.sh(LOAD).status == 0
        memory.open()
        machine = guest._session.machine
        yield machine, memory, kernel.moved(machine.registers())


def picture_of(watched, change=None):
    machine, memory, symbols = watched
    machine.command_qmp("stop")
    memory = memory.copy()
    if change:
        change(memory, Picture(memory, machine.registers(), symbols, isolated=True))
    picture = Picture(memory, machine.registers(), symbols, isolated=True)
    machine.command_qmp("cont")
    return picture


def test_at_random_moments(watched):
    seed = random.randrange(1 << 32)
    moments = random.Random(seed)
    for moment in range(MOMENTS):
        end = time.monotonic() + moments.uniform(0.02, 0.2)
        while time.monotonic() < end:
            watched[0].step(end - time.monotonic())
        found = list(open_to_ring_3(picture_of(watched), CPUS))
        assert found == [], f"moment {moment} of seed {seed}"


def a_root(picture):
    return next(root for root in picture.roots if picture.user[root].leaves)


def whole_kernel_half(memory, picture):
    root = a_root(picture)
    memory.data[root + SECOND + 2048:root + SECOND + 4096] = memory.data[root + 2048:root + 4096]


def one_leaf_more(memory, picture):
    half = picture.second(a_root(picture))
    table, index = half.places[picture.symbols["idt"]]
    memory.set_entry(table, (index + 8) % 512, picture.kernel.leaves[0].entry)


def one_user_half_behind(memory, picture):
    memory.set_entry(a_root(picture) | SECOND, 3, 0x1007)


@pytest.mark.parametrize("change, says", [
    (whole_kernel_half, "not an entry's page"), (one_leaf_more, "pages of the kernel half"),
    (one_user_half_behind, "two user halves")])
def test_a_defect_is_seen(watched, change, says):
    found = list(open_to_ring_3(picture_of(watched, change), CPUS))
    assert any(says in text for text in found), found
