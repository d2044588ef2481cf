# SPDX-License-Identifier: BSD-2-Clause
"""MADTs that lie, booted: the kernel starts the CPUs that there are, says what it leaves out, and
comes up. QEMU puts tables of ours behind its own, so the kernel here takes the last of a kind."""

import random

import pytest

from ci import planted

SMP = 4
PATIENCE_S = 90  # for sixty CPUs that are not there
LAST_WINS = planted.Fault("last-table-wins", "drv/acpi/tables.c", (planted.Edit(
    """if (acpi_open_table(root->source, address, signature, table) == OK)
			return OK;
	}
	return ERR_NOENT;""",
    """if (acpi_open_table(root->source, address, signature, table) == OK)
			found = OK;
	}
	return found;"""),
    planted.Edit("for (uint32_t i = 0; i < root->count; i++) {",
                 "enum err found = ERR_NOENT;\nfor (uint32_t i = 0; i < root->count; i++) {",
                 inside="acpi_find")))


def lapic(*ids, flags=1):
    return b"".join(bytes((0, 8, 0, number)) + flags.to_bytes(4, "little") for number in ids)


def x2apic(*ids):
    return b"".join(bytes((9, 16, 0, 0)) + number.to_bytes(4, "little") + b"\1\0\0\0" + bytes(4)
                    for number in ids)


def ioapic(address=0xFEC00000):
    return bytes((1, 12, 0, 0)) + address.to_bytes(4, "little") + bytes(4)


OVERRIDE = bytes((2, 10, 0, 0, 2, 0, 0, 0, 0, 0))
USUAL = ioapic() + OVERRIDE


def madt(entries, address=0xFEE00000):
    body = address.to_bytes(4, "little") + b"\1\0\0\0" + entries
    table = bytearray(b"APIC" + (36 + len(body)).to_bytes(4, "little") + b"\1\0" + b"BADOEM" +
                      b"BADTABLE" + b"\1\0\0\0" + b"BART" + b"\1\0\0\0" + body)
    table[9] = -sum(table) & 0xFF
    return bytes(table)


CASES = {
    "no CPU": (USUAL, ("cpu: 1 of 1 CPUs",)),
    "each twice": (lapic(0, 1, 2, 3) * 2 + x2apic(0, 1, 2, 3) + USUAL, ("cpu: 4 of 4 CPUs",)),
    "without the first": (lapic(1, 2, 3) + USUAL, ("cpu: 4 of 4 CPUs",)),
    "the first disabled": (lapic(0, flags=0) + lapic(1, 2, 3) + USUAL, ("cpu: 4 of 4 CPUs",)),
    "the other way round": (lapic(3, 2, 1, 0) + USUAL, ("cpu: 4 of 4 CPUs",)),
    "may come later": (lapic(0, 1) + lapic(2, 3, flags=2) + USUAL, ("cpu: 2 of 2 CPUs",)),
    "an id that means all": (lapic(255, 0, 1) + USUAL,
                             ("1 CPUs left out: no interrupt reaches them", "cpu: 2 of 2 CPUs")),
    "an id of nine bits": (x2apic(256, 257) + lapic(0, 1) + USUAL,
                           ("2 CPUs left out: no interrupt reaches them", "cpu: 2 of 2 CPUs")),
    "one that is not there": (lapic(0, 1, 9) + USUAL,
                              ("the CPU with APIC 9 is left out", "cpu: 2 of 3 CPUs")),
    "4000 of them": (USUAL + x2apic(*range(4000)),
                     ("191 CPUs left out: more than 64", "cpu: 4 of 64 CPUs")),
    "an entry of no length": (USUAL + lapic(0, 1) + b"\0\0" + lapic(2, 3), ("cpu: 2 of 2 CPUs",)),
    "cut off": (USUAL + lapic(0, 1, 2, 3)[:-3], ("cpu: 3 of 3 CPUs",)),
    "odd NMIs": (bytes((4, 6, 9, 255, 255, 77)) + bytes((10, 12)) + b"\xff" * 10 +
                 lapic(0, 1, 2, 3) + USUAL, ("cpu: 4 of 4 CPUs",)),
    "an IOAPIC in memory": (lapic(0, 1) + ioapic(0x200000) + USUAL,
                            ("IOAPIC at 200000 cannot be mapped", "cpu: 2 of 2 CPUs")),
    "a local APIC elsewhere": (lapic(0, 1) + USUAL, ("cpu: 2 of 2 CPUs",), 0x1000),
}


def works(session, *says):
    assert session.wait_for_console("~# ", PATIENCE_S), session.report(session.judge())
    console = session.console.decode("utf-8", "replace")
    assert [text for text in says if text not in console] == [], console


@pytest.fixture(scope="module", name="last_wins")
def fixture_last_wins(tmp_path_factory):
    folder = tmp_path_factory.mktemp("madt")
    planted.copy_tree(folder)
    return planted.build(LAST_WINS, folder)


def boot_with(table, boot, kernel, folder):
    path = folder / "table"
    path.write_bytes(table)
    return boot("selftest=off", kernel=kernel, smp=SMP, extra=["-acpitable", f"file={path}"])


@pytest.mark.parametrize("name", CASES)
def test_a_madt_that_lies(name, boot, last_wins, tmp_path):
    entries, says, *address = CASES[name]
    works(boot_with(madt(entries, *address), boot, last_wins, tmp_path), *says)


def test_without_an_ioapic(boot, last_wins, tmp_path):
    """No device can interrupt, so there is no console: but programs run."""
    session = boot_with(madt(lapic(0, 1)), boot, last_wins, tmp_path)
    for says in ("0 IOAPICs", "cpu: 2 of 2 CPUs", "starting PID 1"):
        assert session.wait_for_console(says, PATIENCE_S), session.report(session.judge())


@pytest.mark.parametrize("seed", range(4))
def test_entries_of_noise(seed, boot, last_wins, tmp_path):
    """Kinds and lengths that there are, everything else at random."""
    draw = random.Random(seed)
    noise = b"".join(bytes((kind, size)) + draw.randbytes(size - 2) for kind, size in draw.choices(
        ((0, 8), (1, 12), (2, 10), (3, 8), (4, 6), (9, 16), (10, 12), (77, 5)), k=24))
    works(boot_with(madt(lapic(0, 1) + USUAL + noise), boot, last_wins, tmp_path))
