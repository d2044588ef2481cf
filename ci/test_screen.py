# SPDX-License-Identifier: BSD-2-Clause
"""The screen and the keyboard: what a person at a PC sees and types, read back from its pixels."""

import re

import pytest

from ci.vm import image

PROMPT = "bartizan:~#"
GREEN, RED, GREY, BLACK = (0x55, 0xFF, 0x55), (0xAA, 0, 0), (0xAA,) * 3, (0, 0, 0)
MACHINE_CHECK = "mce 0 1 0xb200000000000000 0 0 0"
LINES = 100000
# Twice what was measured, all of it: cat, the line discipline, the cells, the painting. A screen that
# is painted for each line costs ten times as much.
INSTRUCTIONS_PER_LINE = 8000


@pytest.fixture(name="screen")
def fixture_screen(boot):
    """screen(**config): a machine with a screen, once the prompt is on it."""
    def start(words="selftest=off", **changes):
        session = boot(words, screen=True, **changes)
        picture = session.wait_for_screen(PROMPT)
        assert PROMPT in picture.text(), picture.text()
        return session
    return start


def shown(session, *texts):
    """The rows of the screen, once all of the texts are on it."""
    picture = session.wait_for_screen(*texts)
    for text in texts:
        assert text in picture.text(), picture.text()
    return picture.rows()


def run(session, line, *texts):
    session.machine.type(line + "\n")
    return shown(session, *texts)


def cells_of(picture, text):
    """The cells of the first place that shows a text."""
    for row in picture.cells():
        at = "".join(cell.text or "\0" for cell in row).find(text)
        if at >= 0:
            return row[at:at + len(text)]
    raise AssertionError(f"no {text!r} in\n{picture.text()}")


@pytest.mark.parametrize("door", ["pvh", "bios-cd", "uefi-cd"])
def test_every_milestone_is_green_on_the_screen(door, boot):
    session = boot("", screen=True, door=door)
    picture = session.wait_for_screen(PROMPT)
    assert session.expected.tests
    for number in session.expected.tests:
        assert re.search(rf"\[ OK \] M{number} \w+: \d+ passed", picture.text()), picture.text()
    assert {cell.foreground for cell in cells_of(picture, "OK")} == {GREEN}
    assert "[FAIL]" not in picture.text()
    assert session.wait_for_console(PROMPT)  # and the serial port has a shell of its own
    run(session, "echo $((6*7)) by $(tty)", "42 by /dev/tty1")
    assert "42 by" not in session.console.decode()


def test_the_terminal_is_as_large_as_the_screen(screen):
    session = screen()
    run(session, "stty size; echo $TERM", "50 160", "linux")


def test_a_machine_without_a_screen(boot):
    session = boot("selftest=off")
    assert session.wait_for_console(PROMPT)
    session.machine.com1.send(b"ls /dev/tty1; echo d''one\n")
    assert session.wait_for_console("done")
    assert "/dev/tty1: No such file" in session.console.decode()


def test_a_machine_without_a_serial_port(screen):
    session = screen(com1=False)
    run(session, "echo on $(tty) as $TERM, $(ls /dev/ttyS0 2>&1)", "on /dev/console as linux,",
        "/dev/ttyS0: No such file")


@pytest.mark.parametrize("mode, size", [("1024x768x16", (1024, 768)), ("1024x768x24", (1024, 768)),
                                        ("800x600x15", (800, 600)), ("640x480x32", (640, 480)),
                                        ("2560x1600x32", (2560, 1600))])
def test_other_modes(mode, size, screen, tmp_path, monkeypatch):
    config = tmp_path / "grub.cfg"
    text = image.GRUB_CONFIG.read_text()
    config.write_text(re.sub("gfxpayload=.*", f"gfxpayload={mode}", text))
    monkeypatch.setattr(image, "GRUB_CONFIG", config)
    picture = screen(door="bios-cd").wait_for_screen(PROMPT)
    assert (picture.width, picture.height) == size


def test_a_screen_in_text_mode_is_left_alone(boot, tmp_path, monkeypatch):
    config = tmp_path / "grub.cfg"
    text = image.GRUB_CONFIG.read_text()
    config.write_text(re.sub("gfxpayload=.*", "gfxpayload=text", text))
    monkeypatch.setattr(image, "GRUB_CONFIG", config)
    session = boot("selftest=off", screen=True, door="bios-cd")
    assert session.wait_for_console(PROMPT)
    assert " screen: " not in session.console.decode()


def test_a_machine_without_a_keyboard(screen):
    session = screen(extra=["-machine", "q35,i8042=off"])
    assert "keyboard: not used" in session.console.decode()


def test_ctrl_alt_del_asks_init(screen):
    session = screen()
    session.machine.press("ctrl", "alt", "delete")
    assert session.wait_until_over()
    assert session.machine.qmp.shutdown_reason() == "guest-reset"
    assert "power: reset" in session.console.decode()


def test_editing_and_signals(screen):
    session = screen()
    press = session.machine.press
    run(session, "echo One; sleep 1000", "\nOne\n")
    press("ctrl", "c")
    session.machine.type("echo tvo")
    for keys in (("left",), ("backspace",), ("w",), ("end",), ("spc",), ("caps_lock",), ("x",),
                 ("caps_lock",), ("ret",)):
        press(*keys)
    shown(session, "\ntwo X\n")
    press("up"), press("home"), press("delete"), press("f")
    press("ctrl", "a"), press("delete"), press("e"), press("ret")
    rows = shown(session, "\ntwo X\n")
    assert "echo two X" in "\n".join(rows)


def test_vi_writes_a_file(screen):
    session = screen()
    session.machine.type("vi /tmp/poem\n")
    shown(session, "- /tmp/poem")
    session.machine.type("ione\ntwo\nthree")
    session.machine.press("esc")
    shown(session, "- /tmp/poem [Modified] 3/3")
    session.machine.type("1GddGop")  # without the first line, and one more at the end
    session.machine.press("esc")
    shown(session, "\np\n~", "- /tmp/poem [Modified] 3/3")
    session.machine.type(":wq\n")
    run(session, "cat /tmp/poem; echo $(wc -l < /tmp/poem) lines", "two\nthree\np\n3 lines")


def test_top_and_less(screen):
    session = screen()
    session.machine.type("top\n")
    picture = session.wait_for_screen("Mem:", "PID", "init")
    head = cells_of(picture, "PID")
    assert {(cell.foreground, cell.background) for cell in head} == {(BLACK, GREY)}
    session.machine.type("q")
    run(session, "seq 200 | less", "\n49\n")
    session.machine.press("pgdn")
    shown(session, "\n98\n")
    session.machine.type("q")
    run(session, "echo b''ack", "back")


def test_characters_and_colours(screen):
    session = screen()
    session.machine.type(r"printf '\033[31;44mred\033[m \303\251\342\224\200\343\201\202'; echo .")
    session.machine.press("ret")
    picture = session.wait_for_screen("red é─あ.")
    assert "red é─あ." in picture.text(), picture.text()
    row = next(row for row in picture.rows() if row.startswith("red é"))
    cells = picture.cells()[picture.rows().index(row)]
    assert [cell.foreground for cell in cells[:3]] == [RED] * 3
    assert [cell.background for cell in cells[:3]] == [(0, 0, 0xAA)] * 3


def test_garbage_leaves_a_working_terminal(screen):
    session = screen()
    run(session, "head -c 200000 /dev/urandom; printf '\\033c'; stty sane; echo d''one", "done\n")
    session.machine.press("ctrl", "c")  # chance has asked the terminal things: away with the answers
    rows = run(session, "clear; echo still $((40+2)) there", "still 42 there\n" + PROMPT)
    assert rows[0] == "still 42 there"


def test_a_flood_can_be_interrupted(screen):
    session = screen()
    session.machine.type("yes flood; echo e''nd\n")
    session.wait_for_screen("flood\n" * 41)  # a picture taken while it scrolls has other rows, too
    session.machine.press("ctrl", "c")
    run(session, "echo a''fter", "after\n" + PROMPT)


def test_lines_of_the_log_leave_a_program_alone(screen):
    session = screen()
    session.machine.type(r"printf '\033[31'; swapon /dev/zero 2>/dev/null; echo mred" + "\n")
    picture = session.wait_for_screen("asked for swapon", "\nred\n")
    assert "\nred\n" in picture.text(), picture.text()
    row = picture.cells()[picture.rows().index("red")]
    assert [cell.foreground for cell in row[:3]] == [RED] * 3


def test_a_panic_is_on_the_screen(screen):
    session = screen()
    session.machine.command_qmp("human-monitor-command", **{"command-line": MACHINE_CHECK})
    rows = shown(session, "KERNEL PANIC on CPU 0: machine check", "backtrace:", "halted")
    assert "KERNEL PANIC" in rows[-2]  # the last word is what happened
    assert session.wait_for_console("halted")


def test_scrolling_costs_few_instructions(screen):
    session = screen(icount=True, memory="512", cpu="max,-erms")
    run(session, f"seq {LINES} > /tmp/n; clear; time cat /tmp/n", "real", f"\n{LINES}\n")
    text = session.wait_for_screen("sys").text()
    minutes, seconds = re.search(r"real\s+(\d+)m ?([\d.]+)s", text).groups()
    spent = (60 * int(minutes) + float(seconds)) * 1e9  # an instruction takes a nanosecond
    assert spent / LINES < INSTRUCTIONS_PER_LINE, text
