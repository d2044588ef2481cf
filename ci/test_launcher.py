# SPDX-License-Identifier: BSD-2-Clause
"""./bartizan from outside: streams, exit statuses, signals, the terminal, nothing left behind."""

import hashlib
import os
import pty
import re
import select
import signal
import subprocess
import termios
import time
from pathlib import Path

import pytest

from ci import planted
from ci.guest import BUILD, launcher

FAST = ("--append", "selftest=off")
DEADLINE_S = 180  # of a hang, on a host that has other things to do
PROMPT_INSTRUCTIONS = 2.5e9  # QEMU emulates them in 5 s on one CPU that has nothing else to do


def sh(line, *options, stdin=b"", fast=FAST):
    return subprocess.run(launcher("sh", *fast, "--timeout", str(DEADLINE_S), *options, line),
                          input=stdin, capture_output=True, check=False)


def one_line(done, says):
    text = done.stderr.decode()
    assert text.count("\n") == 1 and says in text, text


# Streams


@pytest.mark.parametrize("megabytes", (1, 4))
def test_megabytes_pass_byte_for_byte(megabytes):
    data = os.urandom(megabytes << 20)
    done = sh("md5sum; echo at its end >&2", stdin=data)
    assert done.stdout.decode().split()[0] == hashlib.md5(data).hexdigest()
    assert (done.stderr, done.returncode) == (b"at its end\n", 0)


def test_a_megabyte_comes_back():
    data = os.urandom(1 << 20)
    done = sh("cat", stdin=data)
    assert (done.stdout == data, done.stderr, done.returncode) == (True, b"", 0)


def test_all_bytes_on_both_outputs():
    data = bytes(range(256)) * 50
    done = sh("tee /dev/stderr", stdin=data)
    assert (done.stdout, done.stderr) == (data, data)


def test_text_is_utf8():
    """BusyBox shows what is printable by the locale in its environment."""
    assert sh("touch /tmp/gr\u00fcn; ls /tmp").stdout.decode() == "gr\u00fcn\n"


def test_no_input_is_an_end_at_once():
    assert sh("cat; echo end").stdout == b"end\n"


def test_input_that_nobody_reads():
    done = sh("echo done", stdin=bytes(1 << 20))
    assert (done.stdout, done.returncode) == (b"done\n", 0)


def test_standard_input_stays_open_until_it_ends():
    with subprocess.Popen(launcher("sh", *FAST, "read a; echo got $a; cat; echo end"),
                          stdin=subprocess.PIPE, stdout=subprocess.PIPE) as process:
        process.stdin.write(b"first\n")
        process.stdin.flush()
        assert process.stdout.readline() == b"got first\n"
        process.stdin.write(b"second\n")
        process.stdin.flush()
        assert process.stdout.readline() == b"second\n"
        process.stdin.close()
        assert process.stdout.read() == b"end\n"
    assert process.returncode == 0


# Exit statuses


@pytest.mark.parametrize("status", (0, 1, 42, 126, 127, 128, 200, 255))
def test_the_status_is_the_programs(status):
    assert sh(f"exit {status}").returncode == status


@pytest.mark.parametrize("number", (signal.SIGHUP, signal.SIGKILL, signal.SIGSEGV, signal.SIGTERM))
def test_death_by_a_signal(number):
    assert sh(f"kill -{int(number)} $$").returncode == 128 + number


def test_timeout():
    start = time.monotonic()
    done = sh("echo begun; sleep 100", "--timeout", "15")
    assert (done.stdout, done.returncode) == (b"begun\n", 124)
    one_line(done, "timeout")
    assert time.monotonic() - start < DEADLINE_S


@pytest.mark.parametrize("arguments", (
    ("sh", "--no-such-option", "true"), ("sh",), ("run",), ("nonsense",), (),
    ("sh", "--boot", "floppy", "true"), ("sh", "--mem", "lots", "true"),
    ("sh", "--cpu", "z80", "true"), ("sh", "--root", "/no/such/directory", "true"),
    ("sh", "--root", "/etc/passwd", "true"), ("sh", "--build", "/nothing/built", "true")))
def test_errors_of_the_launcher(arguments):
    done = subprocess.run(launcher(*arguments), stdin=subprocess.DEVNULL, capture_output=True,
                          check=False)
    assert (done.stdout, done.returncode) == (b"", 125)
    one_line(done, "bartizan: ")


def test_no_qemu():
    done = subprocess.run(launcher("sh", "true"), stdin=subprocess.DEVNULL, capture_output=True,
                          check=False, env={**os.environ, "QEMU": "/no/such/qemu"})
    assert done.returncode == 125
    one_line(done, "/no/such/qemu")


def test_no_boot():
    done = sh("true", fast=("--append", "selftest=off init=/no/such/init"))
    assert (done.stdout, done.returncode) == (b"", 125)
    one_line(done, "nothing to run")


def test_panic(tmp_path):
    planted.copy_tree(tmp_path)
    kernel = planted.build(planted.plants("launcher")[0], tmp_path)
    kernel.rename(tmp_path / "bartizan.elf")
    (tmp_path / "initramfs.cpio").symlink_to(BUILD / "initramfs.cpio")
    command = launcher("sh", *FAST, "--timeout", str(DEADLINE_S), "--build", str(tmp_path),
                       "echo before; read go; sync; echo after")
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE,
                          stderr=subprocess.PIPE) as process:
        assert process.stdout.readline() == b"before\n"
        out, err = process.communicate(b"go\n")
    assert (out, process.returncode) == (b"", 123)
    text = err.decode()
    assert text.count("\n") == 1 and "panicked" in text, text


def test_poweroff_reboot_and_halt():
    done = sh("poweroff; sleep 30")
    assert done.returncode == 125
    one_line(done, "powered off")
    done = sh("reboot; sleep 30")
    assert done.returncode == 122
    one_line(done, "reset")


def test_help_for_people():
    done = subprocess.run(launcher("--help"), capture_output=True, text=True, check=False)
    assert done.returncode == 0
    for word in ("shell", "sh", "run", "debug", "examples", "124", "127", "122"):
        assert word in done.stdout


# What goes in


def test_a_root_directory(tmp_path):
    (tmp_path / "etc").mkdir()
    (tmp_path / "etc/motd").write_text("over it\n")
    (tmp_path / "new/folder").mkdir(parents=True)
    (tmp_path / "new/folder/script").write_text("#!/bin/sh\necho script $1\n")
    (tmp_path / "new/folder/script").chmod(0o755)
    (tmp_path / "new/link").symlink_to("folder/script")
    done = sh("cat /etc/motd; /new/link $0; ls /bin/sh", "--root", str(tmp_path))
    assert (done.stdout, done.returncode) == (b"over it\nscript /bin/sh\n/bin/sh\n", 0)


def test_another_user():
    done = sh("id -u; cd; pwd; echo x > /etc/passwd; echo $?; cat /root/nothing; ls /root",
              "--uid", "1000")
    assert done.stdout.startswith(b"1000\n/home/user\n1\n")
    assert done.stderr.count(b"Permission denied") == 3
    assert done.returncode == 1


def test_verbose_shows_the_machine():
    done = sh("echo out", "--verbose")
    assert (done.stdout, done.returncode) == (b"out\n", 0)
    assert b"qemu" in done.stderr and b"starting PID 1" in done.stderr


# Signals, and what is left behind


def qemus_of(process):
    """The QEMU processes which are children of this one."""
    children = Path(f"/proc/{process.pid}/task/{process.pid}/children").read_text().split()
    return [int(child) for child in children
            if "qemu" in Path(f"/proc/{child}/comm").read_text()]


def gone(number):
    """Whether a process that is not our child ends."""
    try:
        process = os.pidfd_open(number)
    except ProcessLookupError:
        return True
    try:
        return bool(select.select([process], [], [], DEADLINE_S)[0])
    finally:
        os.close(process)


def begun(line, before=":"):
    """A launcher whose program has done what comes before, and written its first line."""
    process = subprocess.Popen(launcher("sh", *FAST, f"{before}; echo begun; {line}"),
                               stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                               stderr=subprocess.PIPE)
    assert process.stdout.readline() == b"begun\n"
    return process


@pytest.mark.parametrize("number", (signal.SIGINT, signal.SIGTERM, signal.SIGHUP))
def test_signals_are_passed_on(number):
    trap = f"trap 'echo caught; exit 9' {int(number)}"
    with begun("while :; do sleep 0.1; done", before=trap) as process:
        process.send_signal(number)
        out, _ = process.communicate(timeout=DEADLINE_S)
    assert (out, process.returncode) == (b"caught\n", 9)


def test_a_signal_ends_the_program():
    with begun("sleep 100") as process:
        process.send_signal(signal.SIGINT)
        process.communicate(timeout=DEADLINE_S)
    assert process.returncode == 130


def test_sigkill_leaves_no_qemu():
    with begun("sleep 100") as process:
        qemus = qemus_of(process)
        process.kill()
        process.communicate()
    assert len(qemus) == 1
    assert gone(qemus[0])


def test_a_reader_that_leaves():
    command = " ".join(f"'{word}'" for word in launcher("sh", *FAST, "yes"))
    done = subprocess.run(f"{command} | head -1", shell=True, stdin=subprocess.DEVNULL,
                          capture_output=True, check=False, timeout=DEADLINE_S)
    assert done.stdout == b"y\n"


# The shell on a terminal


class Terminal:
    """`./bartizan shell` on a terminal of its own."""

    def __init__(self, *options):
        self.ours, theirs = pty.openpty()
        self.process = subprocess.Popen(launcher("shell", *options), stdin=theirs, stdout=theirs,
                                        stderr=theirs, start_new_session=True)
        self.theirs = theirs
        self.modes = termios.tcgetattr(theirs)
        self.shown = b""

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.process.kill()
        self.process.wait()
        os.close(self.ours)
        os.close(self.theirs)

    def type(self, text):
        self.shown = b""
        os.write(self.ours, text)

    def expect(self, text, seconds=DEADLINE_S):
        """Waits until the text is shown."""
        deadline = time.monotonic() + seconds
        while text not in self.shown:
            assert time.monotonic() < deadline, f"no {text!r} in {self.shown[-2000:]!r}"
            if select.select([self.ours], [], [], 0.1)[0]:
                self.shown += os.read(self.ours, 65536)

    def ended(self):
        """The exit status, all that is shown being read meanwhile."""
        deadline = time.monotonic() + DEADLINE_S
        while self.process.poll() is None:
            assert time.monotonic() < deadline, self.shown[-2000:]
            if select.select([self.ours], [], [], 0.1)[0]:
                self.shown += os.read(self.ours, 65536)
        return self.process.returncode

    def restored(self):
        return termios.tcgetattr(self.theirs) == self.modes


def test_a_prompt_in_time_with_all_selftests():
    """By a clock that counts instructions, 1 ns each: this machine may be busy with other things."""
    with Terminal("--icount") as terminal:
        terminal.expect(b"# ", 4 * DEADLINE_S)
        assert b"M14 scheduling" in terminal.shown
        last = re.findall(rb"\[ *(\d+\.\d+)\]", terminal.shown)[-1]
        assert float(last) * 1e9 < PROMPT_INSTRUCTIONS
        terminal.type(b"echo $((6 * 7))\r")
        terminal.expect(b"42\r\n")


def test_the_terminal_is_raw_then_restored():
    with Terminal(*FAST) as terminal:
        terminal.expect(b"# ")
        assert not terminal.restored()
        terminal.type(b"poweroff\r")
        assert terminal.ended() == 0
        assert terminal.restored()


@pytest.mark.parametrize("how, status", ((b"\x01x", 0), (signal.SIGTERM, 143)))
def test_leaving_restores_the_terminal(how, status):
    with Terminal(*FAST) as terminal:
        terminal.expect(b"# ")
        if isinstance(how, bytes):
            terminal.type(how)
        else:
            terminal.process.send_signal(how)
        assert terminal.ended() == status
        assert terminal.restored()


def test_a_line_can_be_edited_and_interrupted():
    with Terminal(*FAST) as terminal:
        terminal.expect(b"# ")
        terminal.type(b"echo wrogn\x7f\x7fng\r")
        terminal.expect(b"\r\nwrong\r\n")
        terminal.type(b"echo 'on'e; cat\r")
        terminal.expect(b"\r\none\r\n")
        terminal.type(b"typed\r")
        terminal.expect(b"typed\r\ntyped\r\n")
        terminal.type(b"\x04")
        terminal.expect(b"# ")


def test_reboot_comes_back_and_halt_stops():
    with Terminal(*FAST) as terminal:
        terminal.expect(b"# ")
        terminal.type(b"reboot\r")
        terminal.expect(b"power: reset")
        terminal.expect(b"starting PID 1")
        terminal.expect(b"# ")
        terminal.type(b"halt\r")
        terminal.expect(b"halt")


def test_the_build_is_there():
    """Without it all of the above would prove nothing but status 125."""
    assert (BUILD / "bartizan.elf").exists()
