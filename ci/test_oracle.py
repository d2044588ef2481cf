# SPDX-License-Identifier: BSD-2-Clause
"""The harness as a test subject: faults planted in the stream get exactly the right outcome.

Ids are those of the oracle's catalogue. Faults planted in the kernel: test_planted.py.
"""

import dataclasses
import random
from pathlib import Path

import pytest

from ci.oracle_stream import EXIT_GREEN, NONCE, block, evidence, green, head, sealed
from ci.vm.elf import Elf
from ci.vm.expected import expect, labels_in_sources
from ci.vm.machine import Config
from ci.vm.session import Session
from ci.vm.siphash import siphash24
from ci.vm.verdict import BROKEN, CRASH, FAIL, NOT_REACHED, PASS, judge

ROOT = Path(__file__).resolve().parent.parent
KERNEL = ROOT / "build" / "bartizan.elf"
EXIT_RED = 0x11 << 1 | 1


@pytest.fixture(scope="module", name="expected")
def fixture_expected():
    return expect(Elf(KERNEL), "selftest=only")


@pytest.fixture(name="lines")
def fixture_lines(expected):
    return green(expected)


def outcome(expected, data, exit_status=EXIT_GREEN, **more):
    return judge(expected, evidence(data, exit_status, **more)).outcome


def first_result(lines):
    """The index of the first test's result line."""
    return next(i for i, line in enumerate(lines) if line.startswith("  ok 1 "))


def test_siphash_vectors():
    key = bytes(range(16))
    assert siphash24(key, b"") == 0x726FDB47DD0E0E31
    assert siphash24(key, bytes(range(15))) == 0xA129CA6149BE45E5


def test_green_stream_passes(expected, lines):
    verdict = judge(expected, evidence(sealed(lines)))
    assert verdict.outcome == PASS, str(verdict)
    assert set(verdict.tests.values()) <= {PASS, "skip"}


# O-02: the plan line twice

def test_o02_second_start_is_a_crash(expected, lines):
    half = "".join(line + "\n" for line in lines[:40]).encode()
    assert outcome(expected, half + sealed(lines)) == CRASH


def test_o02_reset_event_is_a_crash(expected, lines):
    assert outcome(expected, sealed(lines[:40])[:-24], None, shutdown="guest-reset") == CRASH


# O-04: panic, at any time

@pytest.mark.parametrize("after_the_seal", (False, True))
def test_o04_panic_is_a_crash(expected, lines, after_the_seal):
    data = sealed(lines) if after_the_seal else "".join(f"{line}\n" for line in lines[:40]).encode()
    assert outcome(expected, data + b"Bail out! panic: planted\n", None) == CRASH
    assert outcome(expected, data + b"Bail out! panic: a\nBail out! panic: b\n", None) == CRASH


# O-05: a failing test, with an honest and with a lying summary

def test_o05_failing_test_under_a_passing_summary(expected, lines):
    at = first_result(lines)
    lines[at] = lines[at].replace("  ok", "  not ok") + " # mm/x.c:1 planted"
    verdict = judge(expected, evidence(sealed(lines)))
    assert verdict.outcome == FAIL and "planted" in verdict.first


# O-06: the ELF and the stream name different tests

def test_o06_test_that_did_not_run(expected, lines):
    at = first_result(lines)
    del lines[at - 1:at + 1]
    renumber(lines)
    assert outcome(expected, sealed(lines)) == NOT_REACHED


def renumber(lines):
    """A kernel that leaves a test out numbers those that it runs."""
    number = 0
    for index, line in enumerate(lines):
        if line.startswith("  # Subtest"):
            number = 0
        elif line.startswith("  ok "):
            number += 1
            lines[index] = " ".join(["  ok", str(number), *line.split()[2:]])
        elif line.startswith("# [M"):
            total = line.split()[2].split("/")[1]
            lines[index] = line.replace(f" {total}/{total} ", f" {number}/{total} ")
        elif line.startswith("# [SELFTEST]"):
            run = sum(text.startswith("  ok ") for text in lines)
            total = line.split()[2].split("/")[1]
            lines[index] = line.replace(f" {total}/{total} ", f" {run}/{total} ")


def test_o06_line_for_an_unknown_test(expected, lines):
    at = first_result(lines)
    lines[at - 1] = "  # begin P-M1-99 invented"
    lines[at] = "  ok 1 P-M1-99 invented"
    assert outcome(expected, sealed(lines)) == BROKEN


# O-07: the ELF's own list is short

def test_o07_test_dropped_by_the_linker(expected, lines):
    short = dataclasses.replace(expected, missing_from_elf=["P-M1-99 dropped"])
    assert outcome(short, sealed(lines)) == BROKEN


def test_o07_no_list_at_all(expected):
    empty = dataclasses.replace(expected, tests={})
    assert outcome(empty, sealed(green(empty))) == BROKEN


def test_o07_the_sources_are_scanned(tmp_path):
    folder = tmp_path / "selftest" / "mm"
    folder.mkdir(parents=True)
    (folder / "x_test.c").write_text("SELFTEST(M1, 99, dropped)\n{\n}\n")
    assert labels_in_sources(tmp_path) == ["P-M1-99 dropped"]
    assert expect(Elf(KERNEL), sources=tmp_path).missing_from_elf == ["P-M1-99 dropped"]
    assert expect(Elf(KERNEL), sources=ROOT).missing_from_elf == []


# O-08: the gate stops

def test_o08_gate_stops_after_a_failure(expected):
    lines = head(expected) + block(expected, 0)
    at = first_result(lines)
    lines[at] = lines[at].replace("  ok", "  not ok") + " # planted"
    count = len(expected.tests[1])
    lines[-2:] = [f"# [M1][SELFTEST] {count - 1}/{count} FAIL", "not ok 1 M1",
                  f"# [SELFTEST] {count - 1}/{count} FAIL"]
    verdict = judge(expected, evidence(sealed(lines), EXIT_RED))
    assert verdict.outcome == FAIL and "planted" in verdict.first
    later = [test.label for number, tests in expected.tests.items() if number > 1
             for test in tests]
    assert later and {verdict.tests[label] for label in later} == {NOT_REACHED}


# O-09: skips

@pytest.fixture(name="skippable")
def fixture_skippable(expected):
    """Expectations with one test that a CPU without `plant` skips."""
    test = dataclasses.replace(expected.tests[1][0], skip="no-plant")
    return dataclasses.replace(expected, tests={**expected.tests,
                                                1: [test, *expected.tests[1][1:]]})


def test_o09_undeclared_skip(skippable, lines):
    lines[first_result(lines)] += " # SKIP no-plant"
    assert outcome(skippable, sealed(lines)) == FAIL


def test_o09_declared_skip_that_ran(skippable, lines):
    without = dataclasses.replace(skippable, absent=skippable.absent | {"plant"})
    assert outcome(without, sealed(lines)) == FAIL


def test_o09_declared_skip(skippable, lines):
    without = dataclasses.replace(skippable, absent=skippable.absent | {"plant"})
    lines[first_result(lines)] += " # SKIP no-plant"
    assert outcome(without, sealed(lines)) == PASS


# O-10: the stream ends early

@pytest.mark.parametrize("seed", range(20))
def test_o10_cut_at_a_random_byte(expected, lines, seed):
    data = sealed(lines)
    cut = random.Random(seed).randrange(len(data))
    assert outcome(expected, data[:cut]) == NOT_REACHED


def test_o10_last_line_unfinished(expected, lines):
    assert outcome(expected, sealed(lines)[:-1]) == NOT_REACHED


def test_o10_no_seal(expected, lines):
    assert outcome(expected, sealed(lines).rpartition(b"# seal")[0]) == NOT_REACHED


# O-11: what is not the grammar is never parsed leniently

@pytest.mark.parametrize("junk", (b"\0", b"  ok 1 P-M1-0  # begin P-M1-01 x\n", b"x" * 10_000_000,
                                  b"hello\n", b"\xff\n", b"  ok 1 P-M1-01 frame_classes \n"))
def test_o11_junk_in_between(expected, lines, junk):
    data = sealed(lines)
    at = data.index(b"\n", len(data) // 2) + 1
    assert outcome(expected, data[:at] + junk + data[at:]) == BROKEN


@pytest.mark.parametrize("change", (1, -1))
@pytest.mark.parametrize("which", ("1..", "  1.."))
def test_o11_wrong_plan(expected, lines, which, change):
    at = next(i for i, line in enumerate(lines) if line.startswith(which))
    lines[at] = f"{which}{int(lines[at].strip()[3:]) + change}"
    assert outcome(expected, sealed(lines)) == FAIL


def test_o11_number_repeated(expected, lines):
    at = first_result(lines) + 2
    lines[at] = lines[at].replace("  ok 2", "  ok 1")
    assert outcome(expected, sealed(lines)) == FAIL


def test_o11_out_of_order(expected, lines):
    at = first_result(lines) - 1
    first, second = lines[at:at + 2], lines[at + 2:at + 4]
    lines[at:at + 4] = [line.replace("ok 2", "ok 1") for line in second] + \
                       [line.replace("ok 1", "ok 2") for line in first]
    assert outcome(expected, sealed(lines)) == FAIL


# O-13: a stream that was not earned

def test_o13_stream_without_the_key(expected, lines):
    assert outcome(expected, sealed(lines, bytes(16))) == FAIL


def test_o13_replay_of_another_boot(expected):
    other = bytes(range(1, 17))
    assert outcome(expected, sealed(green(expected, other), other)) == FAIL


def test_o13_one_line_changed_after_sealing(expected, lines):
    data = sealed(lines)
    assert outcome(expected, data.replace(b" 1 M1\n", b" 1 M1 # SKIP x\n")) != PASS
    edited = sealed(["KTAP version 1", *lines[1:]]).replace(b"# seal ", b"# seal 0", 1)
    assert outcome(expected, edited[:-2] + b"\n") == FAIL


def test_o13_unsealed_is_broken(expected, lines):
    text = "".join(line + "\n" for line in lines).encode()
    assert outcome(expected, text + b"# seal unsealed\n") == BROKEN


# O-14: exit codes and deadlines

def test_o14_success_code_before_the_end(expected, lines):
    assert outcome(expected, "".join(f"{line}\n" for line in lines[:40]).encode()) == NOT_REACHED


def test_o14_wrong_code_with_all_green(expected, lines):
    assert outcome(expected, sealed(lines), EXIT_RED) == FAIL
    assert outcome(expected, sealed(lines), 0x12 << 1 | 1) == FAIL


def test_o14_success_status_zero_is_never_a_pass(expected, lines):
    assert outcome(expected, sealed(lines), 0) == CRASH


def test_o14_pass_after_its_deadline(expected, lines):
    data = sealed(lines)
    begun = len("".join(f"{line}\n" for line in lines[:first_result(lines)]))
    arrivals = [(begun, 100.0), (len(data), 1000.0)]
    assert outcome(expected, data, arrivals=arrivals) == FAIL


# O-15: the environment

def run_real(**changes):
    config = Config(KERNEL, ROOT / "build" / "initramfs.cpio", words="selftest=only,M1", **changes)
    with Session(config, Elf(KERNEL)) as session:
        return session.run()


def test_o15_qemu_missing():
    verdict = run_real(qemu="/nonexistent/qemu")
    assert verdict.outcome == BROKEN and "not found" in verdict.first


def test_o15_qemu_too_old(monkeypatch):
    monkeypatch.setattr("ci.vm.machine.OLDEST_QEMU", (99, 0))
    verdict = run_real()
    assert verdict.outcome == BROKEN and "too old" in verdict.first


def test_o15_qemu_killed_by_a_signal(expected, lines):
    assert outcome(expected, sealed(lines)[:200], -9) == BROKEN


def test_o15_qemu_refuses_its_options():
    assert run_real(cpu="no-such-model").outcome == BROKEN


def test_o15_disk_full():
    assert run_real(door="bios-cd", images=Path("/dev/full/images")).outcome == BROKEN


def test_o15_another_kernel(expected, lines):
    other = dataclasses.replace(expected, build_id="0" * 40)
    assert outcome(other, sealed(lines)) == BROKEN


def test_o16_selftests_off(expected):
    off = dataclasses.replace(expected, off=True)
    lines = head(off) + [f"ok {number} M{number} # SKIP not selected"
                         for number in off.milestones] + ["# [SELFTEST] 0/0 PASS"]
    assert outcome(off, sealed(lines)) == NOT_REACHED


def test_nonce_is_new_for_every_machine():
    config = Config(KERNEL, None)
    assert Session(config, Elf(KERNEL)).machine.nonce != Session(config, Elf(KERNEL)).machine.nonce
    assert len(NONCE) == 16
