# SPDX-License-Identifier: BSD-2-Clause
"""P-M1-12 from outside: where the kernel lies differs from boot to boot, by every door, and in all of
what it may; the page tables are asked, not the kernel."""

import pytest

from ci import planted
from ci.page_tables import PAGE, REGIONS, SPANS, STACK_PAGES, Memory, Picture
from ci.vm.elf import Elf
from ci.vm.machine import Config
from ci.vm.session import Session

MEGABYTES = 128  # the UEFI firmware wants as much
BOOTS = 20
PROMPT = "starting PID 1"
PLANTS = planted.plants("places")
SEEN = ("image", "physmap", "frames", "stacks")  # by their first leaves
IN_TOP = -SPANS[4]  # the image's window and the place that it is linked for


def by_tables(picture, kernel, slide):
    """Each region's base, by what is mapped in its window."""
    leaves = picture.kernel.leaves
    start, end = (kernel.addresses[name] + slide for name in ("image_start", "image_end"))
    image = [leaf for leaf in leaves if leaf.virt >= IN_TOP + (1 << 64)]
    assert image and all(start <= leaf.virt < end for leaf in image)
    bases = {"image": start}
    for name in ("physmap", "frames", "stacks", "devices", "heap"):
        window = REGIONS[name]
        inside = [leaf for leaf in leaves if window.start <= leaf.virt < window.start + window.size]
        bases[name] = min((leaf.virt for leaf in inside), default=picture.layout[name])
    distances = {leaf.virt - leaf.phys for leaf in leaves if
                 REGIONS["physmap"].start <= leaf.virt < REGIONS["frames"].start}
    bases["physmap"], = distances
    bases["stacks"] -= STACK_PAGES * PAGE  # the first one's guard
    return bases


def places(kernel, folder, words="selftest=off", **changes):
    """Boots once. Return: the regions' bases by the tables, which are those that the kernel uses."""
    memory = Memory(folder, MEGABYTES)
    config = Config(kernel.path, planted.ROOT / "build/initramfs.cpio", words=words, images=folder,
                    memory=str(MEGABYTES), extra=memory.words, **changes)
    with Session(config, kernel) as session:
        session.start()
        assert session.wait_for_console(PROMPT, 60), session.report(session.judge())
        session.machine.command_qmp("stop")
        memory.open()
        registers = session.machine.registers()
        picture = Picture(memory, registers, kernel.moved(registers))
        found = by_tables(picture, kernel, kernel.slide(registers))
    memory.path.unlink()
    assert {name: found[name] for name in SEEN} == {name: picture.layout[name] for name in SEEN}
    return picture.layout


def faults(all_places):
    """What 20 fair draws would not do: together once in 2 * 10^9 times, over all regions.

    Four of 20 equal to others have a chance of (190 / 2^15.9)^4 / 4! in the smallest window; all
    within a quarter of it one of 20 / 4^19, all equal modulo four one of 1 / 4^19.
    """
    for name, window in REGIONS.items():
        draws = [(where[name] - window.start) / window.step for where in all_places]
        if len(set(draws)) < len(draws) - 3:
            yield f"{name} is drawn from few places"
        if max(draws) - min(draws) < window.size / window.step / 4:
            yield f"{name} is drawn from a corner"
        if len({draw % 4 for draw in draws}) == 1:
            yield f"{name} is drawn in large steps"
        assert all(draw == int(draw) and 0 <= draw < window.size / window.step for draw in draws)


def test_bases_are_drawn_anew(kernel, tmp_path):
    assert list(faults([places(kernel, tmp_path) for _ in range(BOOTS)])) == []


@pytest.mark.parametrize("changes", [
    {"door": "bios-cd"}, {"door": "uefi-cd"}, {"cpu": "qemu64"}, {"smp": 2},
], ids=str)
def test_everywhere(changes, kernel, tmp_path):
    """All of three are equal once in 2^31 times."""
    found = [places(kernel, tmp_path, **changes) for _ in range(3)]
    assert not [name for name in REGIONS if len({where[name] for where in found}) == 1]


def test_nokaslr_is_for_debugging(kernel, tmp_path, boot):
    found = places(kernel, tmp_path, "selftest=off nokaslr")
    linked = {name: window.start for name, window in REGIONS.items()}
    assert found == {**linked, "image": kernel.addresses["image_start"]}
    session = boot("selftest=only,M1-M5 nokaslr")
    assert session.verdict.outcome == "pass", str(session.verdict)
    assert b"nokaslr: the kernel is where anybody expects it" in session.console


@pytest.mark.parametrize("plant", PLANTS, ids=lambda plant: plant.id)
def test_poor_draws_are_seen(plant, tree, tmp_path):
    kernel = Elf(planted.build(plant, tree))
    found = list(faults([places(kernel, tmp_path) for _ in range(BOOTS)]))
    assert plant.says in found
    assert plant.console or all(text.split()[0] == plant.says.split()[0] for text in found)
