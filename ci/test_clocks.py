# SPDX-License-Identifier: BSD-2-Clause
"""Clocks that lie, stand still or are not there: the boot goes on, and one line says what is used."""

import socket
import struct
import threading
import traceback

import pytest

from ci.guest import Guest
from ci.vm.gdbstub import GdbStub

PATIENCE_S = 30
PROMPT = "~# "
BY_PIT = "MHz by PIT"
BY_PM_TIMER = "MHz by PM timer"
NO_PIT = ["-machine", "pit=off"]


class Meddler(threading.Thread):
    """Stops the machine that connects where a function begins: @act changes what it finds."""

    def __init__(self, path, function, act, times=1):
        super().__init__(daemon=True)
        self._listener = socket.socket(socket.AF_UNIX)
        self._listener.settimeout(PATIENCE_S)
        self._listener.bind(str(path))
        self._listener.listen()
        self._function = function
        self._act = act
        self._times = times
        self.error = "nothing was changed"

    def run(self):
        try:
            with self._listener:
                stub = GdbStub(self._listener.accept()[0])
            stub.break_at(self._function)
            for _ in range(self._times):
                self._act(stub, stub.registers(stub.go()))
            stub.forget(self._function)
            self.error = None
            stub.ask(b"D")
            stub.close()
        except Exception:  # the test shows it
            self.error = traceback.format_exc()


@pytest.fixture(name="boot_meddled")
def fixture_boot_meddled(boot, kernel, tmp_path):
    """boot_meddled(function, act): a boot in which @act(stub, registers) runs at the function."""

    def boot_meddled(function, act, times=1, **changes):
        path = tmp_path / "gdb"
        meddler = Meddler(path, kernel.addresses[function], act, times)
        meddler.start()
        session = boot("selftest=off nokaslr", paused=True, gdb=path, **changes)
        works(session)
        assert meddler.error is None, meddler.error
        return session

    return boot_meddled


def works(session, *says):
    assert session.wait_for_console(PROMPT, PATIENCE_S), session.report(session.judge())
    console = session.console.decode("utf-8", "replace")
    assert [text for text in says if text not in console] == [], console


def pm_timer_at(port):
    """struct time_hw begins with the PM timer's port."""
    return lambda stub, registers: stub.write(registers["rdi"], struct.pack("<H", port))


@pytest.mark.parametrize("port, says", [
    (0, ()),
    (0x1234, ("the PM timer is not used: it stands still",)),
    (0x80, ("the PM timer is not used: it stands still",)),
    (0x40, ("the PM timer is not used: ",)),  # a counter of another kind
])
def test_a_pm_timer_that_is_none(port, says, boot_meddled):
    works(boot_meddled("clock_calibrate", pm_timer_at(port)), *says, BY_PIT)


def test_no_reference_at_all(boot_meddled):
    session = boot_meddled("clock_calibrate", pm_timer_at(0x1234), extra=NO_PIT)
    works(session, "the PM timer is not used: it stands still",
          "the PIT is not used: it stands still", "by a guess (no reference clock answers)")


def test_no_pit(boot):
    works(boot("selftest=off", extra=NO_PIT), "the PIT is not used: it stands still", BY_PM_TIMER)


def test_no_hpet(boot):
    works(boot("selftest=off", extra=["-machine", "hpet=off"]), BY_PM_TIMER)


@pytest.mark.parametrize("cpu", ("max,-invtsc", "max,-tsc-deadline,-arat", "qemu64"))
def test_a_counter_that_promises_nothing(cpu, boot):
    works(boot("selftest=off", cpu=cpu), BY_PM_TIMER)


@pytest.mark.parametrize("wrong", (0x1000000000000, 0xffffffffffffffff))
def test_a_cpu_whose_counter_is_behind_is_left_out(wrong, boot_meddled, kernel):
    """As if the first CPU's counter had been far ahead when the second one looks at its own."""

    def act(stub, _):
        stub.write(kernel.addresses["meeting"] + 8, struct.pack("<Q", wrong))

    session = boot_meddled("compare_counters", act, times=2, smp=3)
    works(session, "the CPU with APIC 1 is left out: its counter differs", "cpu: 2 of 3 CPUs")


@pytest.mark.parametrize("base, year", [
    ("1970-01-01T00:00:00", "2070"), ("1999-12-31T23:59:58", "2099"),
    ("2000-02-29T12:00:00", "2000"), ("2038-01-19T03:14:08", "2038"),
    ("2099-12-31T23:59:50", "2"), ("2107-01-01T00:00:00", "2"),
    ("9999-12-31T23:59:50", "2"),
])
def test_dates(base, year):
    """A century that no machine of today has is this one's; whatever it is, the clock goes on."""
    with Guest(extra=["-rtc", f"base={base}"]) as guest:
        done = guest.sh("date +%Y; a=$(date +%s); sleep 0.01; b=$(date +%s); [ $b -ge $a ]")
        assert done.status == 0 and done.stdout.decode().startswith(year), done
