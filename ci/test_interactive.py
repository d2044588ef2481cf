# SPDX-License-Identifier: BSD-2-Clause
"""A person's session: on the serial console, and on the pseudo terminal that `sh` gives."""

import random
import subprocess

import pytest

from ci.guest import launcher
from ci.interactive import (END, ESCAPE, FAST, HOME, INTERRUPT, LEFT, QUIT, ROOT_PROMPT, SUSPEND, UP,
                            USER_PROMPT, Terminal)

# Keys that would end the line, or take the next key for themselves.
EDITING = b"\r\n\x03\x04\x0c\x11\x12\x13\x16\x1a\x1c"
BEGUN = "echo be''gun"  # what is typed is shown too, and is not what is waited for
SLEEPER = f'sh -c "{BEGUN}; exec sleep 1000"'  # says so when it is in the foreground itself


def console():
    return Terminal("shell", *FAST)


def on_a_pty(line="exec /bin/sh -l"):
    return Terminal("sh", *FAST, line)


@pytest.fixture(params=(console, on_a_pty), ids=("serial", "pty"), name="shell")
def fixture_shell(request):
    with request.param() as terminal:
        terminal.expect(ROOT_PROMPT)
        yield terminal


# The shell's line


def test_editing(shell):
    shell.run(f"eho $((40+2)){LEFT * 12}c", "42")
    shell.run(f"wrong\x15echo $((4+3)) x\x7f\x7f", "7\r\n")
    shell.run(f"b $((2*9)){HOME}echo \x05c", "b 18c\r\n")
    shell.run("echo $((3*5)) not this\x17\x17", "15\r\n")
    shell.run(f"echo $((6*6)) gone{LEFT * 5}\x0b", "36\r\n")


def test_history(shell):
    shell.run("echo first $((1+1))", "first 2")
    shell.run("echo second $((2+2))", "second 4")
    shell.run(UP + UP, "first 2")
    shell.run(f"{UP}\x7f\x7f\x7f7))", "first 8")


def test_completion(shell):
    shell.run("cat /etc/mot\t", "This is Bartizan")
    shell.run("cd /home/us\t\r pwd", "/home/user\r\n")
    shell.type("ls /etc/host\t\t")
    shell.expect_text("hostname", "hosts")
    shell.type(INTERRUPT)
    shell.expect(ROOT_PROMPT)


# Keys that send signals


def test_interrupting_a_pipeline(shell):
    shell.type(f"{{ {BEGUN} >&2; yes; }} | cat | cat > /dev/null\r")
    shell.expect_text("begun")
    shell.type(INTERRUPT)
    shell.expect_text("^C")
    shell.expect(ROOT_PROMPT)
    shell.run("echo status $?; ps | grep -c '[y]es'", "status 130", "0\r\n")


def test_quitting(shell):
    shell.type(f"{SLEEPER}\r")
    shell.expect_text("begun")
    shell.type(QUIT)
    shell.expect_text("Quit")
    shell.expect(ROOT_PROMPT)


# Says so when it goes on: only then it is in the foreground and gets the keys.
STOPPABLE = ("(trap 'echo go\"\"ing' CONT; trap 'echo over; kill $!; exit' INT; sleep 1000 & "
             f"{BEGUN}; while :; do wait; done)")


def test_stopping_and_going_on(shell):
    shell.type(f"{STOPPABLE}\r")
    shell.expect_text("begun")
    shell.type(SUSPEND)
    shell.expect_text("Stopped")
    shell.expect(ROOT_PROMPT)
    shell.run("jobs", "[1]+", "Stopped")
    shell.type("bg\r")
    shell.expect_text("[1]", "going")
    shell.run("jobs", "Running")
    for key, answer in ((SUSPEND, "Stopped"), (INTERRUPT, "over")):
        shell.type("fg\r")
        shell.expect_text("going")
        shell.type(key)
        shell.expect_text(answer)
        shell.expect(ROOT_PROMPT)


def test_a_background_reader_stops(shell):
    shell.run("cat &")
    shell.run("until jobs > /tmp/jobs; grep Stopped /tmp/jobs; do :; done", "(tty input)")
    shell.type("fg\r")
    shell.expect_text("cat")
    shell.type("line\r")
    shell.expect_text("line\r\nline\r\n")
    shell.type(END)
    shell.expect(ROOT_PROMPT)


def test_the_end_of_input(shell):
    shell.type(f"{BEGUN}; cat; echo af''ter\r")
    shell.expect_text("begun")
    shell.type(END)
    shell.expect_text("after\r\n")
    shell.expect(ROOT_PROMPT)


# Programs that have the screen


def leave_insert_mode(shell):
    """Waits for it: a byte right behind ESC belongs to a key with a name."""
    shell.type(ESCAPE)
    shell.expect_text("- /tmp/text")


def test_vi_edits_and_saves(shell):
    shell.type("vi /tmp/text\r")
    shell.expect_text("~", "/tmp/text")
    # It is drawn in pieces, as it arrives; in the end the lines of the file tell.
    shell.type("ifirst line\rsecnd line\rthird")
    leave_insert_mode(shell)
    shell.type("1G/secnd\r2lao")
    shell.expect_text("ond line")
    leave_insert_mode(shell)
    shell.type("Gdd:w\r")
    shell.expect_text("2L, 23C")
    shell.type(":q\r")
    shell.expect(ROOT_PROMPT)
    shell.run("wc -l /tmp/text; cat /tmp/text", "2 /tmp/text", "first line\r\nsecond line\r\n")


def test_less_pages(shell):
    shell.type("seq 1000 | less\r")
    shell.expect_text("1", "2", "23")
    shell.type(" ")
    shell.expect_text("46")
    shell.type("/^500\r")
    shell.expect_text("500", "522")
    shell.type("G")
    shell.expect_text("1000")
    shell.type("q")
    shell.expect(ROOT_PROMPT)


def test_more_pages(shell):
    shell.type("seq 100 > /tmp/hundred; more /tmp/hundred\r")
    shell.expect_text("22", "--More--")
    shell.type(" ")
    shell.expect_text("--More--")
    shell.type("q")
    shell.expect(ROOT_PROMPT)


def test_top_refreshes(shell):
    shell.type("top -d 1\r")
    shell.expect_text("Mem:", "PID", "Mem:", "PID", "Mem:")
    shell.type("q")
    shell.expect(ROOT_PROMPT)


def test_watch_repeats(shell):
    shell.type("watch -n 1 'echo se''en'\r")
    shell.expect_text("Every 1", "seen", "Every 1", "seen")
    shell.type(INTERRUPT)
    # While its command runs watch ignores the key, as system(3) does.
    while shell.child.expect([ROOT_PROMPT, "seen"]) == 1:
        shell.type(INTERRUPT)


# Users


def test_login_as_a_user(shell):
    shell.type("login\r")
    shell.expect_text("login: ")
    shell.type("user\r")
    shell.expect(USER_PROMPT)
    shell.run("id -un; pwd", "user", "/home/user", prompt=USER_PROMPT)
    shell.run("cat /etc/shadow", "Permission denied", prompt=USER_PROMPT)
    shell.run("echo mine > f; ls -l f", "user", prompt=USER_PROMPT)
    shell.run("kill -9 1", "not permitted", prompt=USER_PROMPT)
    shell.type(f"{SLEEPER}\r")
    shell.expect_text("begun")
    shell.type(INTERRUPT)
    shell.expect(USER_PROMPT)


def test_su_becomes_a_user(shell):
    shell.type("su user\r")
    shell.expect(r"\$ ")
    shell.run("id -u; tty", "1000", "/dev/", prompt=r"\$ ")
    shell.type("exit\r")
    shell.expect(ROOT_PROMPT)


def test_getty_asks_for_a_name(tmp_path):
    (tmp_path / "etc").mkdir()
    (tmp_path / "etc/inittab").write_text("::respawn:/sbin/getty -L 115200 console vt100\n")
    with Terminal("shell", *FAST, "--root", str(tmp_path)) as shell:
        shell.expect_text("login: ")
        shell.type("user\r")
        shell.expect(USER_PROMPT)
        shell.run("tty; ps | grep -c '[g]etty'", "/dev/console", "0\r\n", prompt=USER_PROMPT)
        shell.type("exit\r")
        shell.expect_text("login: ")


# What a terminal must stand


def test_a_flood_comes_out_whole(shell):
    shell.type("i=0; while [ $i -lt 300 ]; do echo 0123456789abcdef$i; i=$((i+1)); done | cat\r")
    for number in range(300):
        shell.expect_text(f"0123456789abcdef{number}\r\n")
    shell.expect(ROOT_PROMPT)


def test_a_flood_goes_in_whole(shell):
    shell.type(f"stty -echo; {BEGUN}; cat > /tmp/flood; stty echo\r")
    shell.expect_text("begun")
    shell.flood(b"".join(b"%06d" % i + b"x" * 250 + b"\r" for i in range(400)))
    shell.type(END)
    shell.expect(ROOT_PROMPT)
    shell.run("wc -c /tmp/flood; cut -c1-6 /tmp/flood | sort -u | wc -l",
              f"{400 * 257} /tmp/flood", "400\r\n")


SEQUENCES = b"\x1b[999;999H\x1b[?\x1b[1;2;3;4;5;6;7;8;9m\x1bP\x1b]0;\x1b[A\x1bO\x1b[" * 50
GARBAGE = random.Random(20).randbytes(6000)


def test_escape_sequences_are_typed_at_the_prompt(shell):
    shell.flood(SEQUENCES + b" and text")
    shell.type(f"{INTERRUPT}\r")
    shell.expect(ROOT_PROMPT)
    shell.run("echo alive $((5*5))", "alive 25")


def test_garbage_is_typed_at_a_program(shell):
    shell.type(f"{BEGUN}; cat > /dev/null\r")
    shell.expect_text("begun\r\n")
    shell.flood(SEQUENCES + GARBAGE.translate(None, EDITING))
    shell.type(INTERRUPT)
    shell.expect(ROOT_PROMPT)
    shell.run("echo alive $((5*5))", "alive 25")


def test_garbage_is_shown(shell):
    shell.run("head -c 20000 /bin/busybox; stty sane; echo; echo alive $((5*5))", "alive 25")


def test_a_login_name_of_a_megabyte(shell):
    shell.type("login\r")
    shell.expect_text("login: ")
    shell.flood(b"n" * (1 << 20))
    shell.type(f"\r{INTERRUPT}")
    shell.expect(ROOT_PROMPT)
    shell.run("echo alive $((5*5))", "alive 25")


def test_a_leader_is_killed_on_the_console():
    with console() as shell:
        shell.expect(ROOT_PROMPT)
        shell.run("sleep 1000 & echo $$ > /tmp/old")
        shell.type("kill -9 $$\r")
        shell.expect_text("built-in shell")
        shell.expect(ROOT_PROMPT)
        shell.run("test $$ != $(cat /tmp/old) && echo other $((5*5))", "other 25")
        shell.type(f"{BEGUN}; cat\r")
        shell.expect_text("begun\r\n")
        shell.type(END)
        shell.run("echo alive $((5*5))", "alive 25")


def test_a_leader_is_killed_on_a_pty():
    with on_a_pty("sleep 1000 & kill -9 $$") as shell:
        assert shell.finish() == 128 + 9


# The launcher's own terminal


def test_the_terminal_is_raw_and_restored():
    with on_a_pty("echo up; read a; echo got $a; exit 6") as terminal:
        terminal.expect_text("up\r\n")
        assert terminal.modes() != terminal.first_modes
        terminal.type("word\r")
        terminal.expect_text("got word\r\n")
        assert terminal.finish() == 6
        assert terminal.last_modes == terminal.first_modes


def test_the_size_and_its_changes():
    with Terminal("sh", *FAST, "trap 'stty size' WINCH; stty size; while ! read a; do :; done",
                  rows=31, columns=97) as terminal:
        terminal.expect_text("31 97\r\n")
        terminal.child.setwinsize(43, 132)
        terminal.expect_text("43 132\r\n")
        terminal.type("\r")
        assert terminal.finish() == 0


def test_every_byte_passes():
    with on_a_pty("stty raw -echo; echo up; head -c 256 | od -An -tx1 -v | tr -d ' \\n'; "
                  "printf '\\377\\200\\n'") as terminal:
        terminal.expect_text("up")
        terminal.flood(bytes(range(256)))
        terminal.expect_text(bytes(range(256)).hex())
        assert terminal.finish() == 0


def test_interrupting_reaches_the_program_only():
    with on_a_pty("trap 'echo caught; exit 4' INT; echo up; while :; do sleep 1; done") as terminal:
        terminal.expect_text("up")
        terminal.type(INTERRUPT)
        terminal.expect_text("caught")
        assert terminal.finish() == 4


def test_pipes_without_two_terminals():
    done = subprocess.run(launcher("sh", *FAST, "tty; test -t 1 || echo none"),
                          stdin=subprocess.DEVNULL, capture_output=True, text=True, check=False)
    assert done.stdout == "not a tty\nnone\n"
