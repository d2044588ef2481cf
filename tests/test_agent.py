# SPDX-License-Identifier: BSD-2-Clause
"""The guest's agent on this machine's Linux, under sanitizers; the test is its launcher."""

import contextlib
import os
import pathlib
import pty
import select
import signal
import struct
import subprocess
import time
import tty

import pytest

ROOT = pathlib.Path(__file__).resolve().parent.parent
START, STDIN, EOF, SIGNAL, WINSIZE = 1, 2, 3, 4, 5
READY, CREDIT, STDOUT, STDERR, STATUS = 16, 17, 18, 19, 20
WINDOW = 64 * 1024
FRAME_MAX = 16384
VERSION = 2
DEADLINE_S = 20


@pytest.fixture(scope="session", name="agent_program")
def build_agent(tmp_path_factory):
    program = tmp_path_factory.mktemp("agent") / "agent"
    sources = sorted((ROOT / "user/agent").glob("*.c"))
    subprocess.run(["gcc", "-std=gnu2x", "-D_GNU_SOURCE", "-g", "-fsanitize=address,undefined",
                    "-fno-sanitize-recover=all", "-I.", "-o", program, *sources],
                   cwd=ROOT, check=True)
    return program


class Launcher:
    """The other end of the agent's line."""

    def __init__(self, program):
        self.line, self.other = pty.openpty()  # the other end stays: without it the line is dead
        tty.setraw(self.other)
        self.process = subprocess.Popen([program, os.ttyname(self.other)], stderr=subprocess.PIPE,
                                        stdin=subprocess.DEVNULL)
        self.received = b""

    def send(self, kind, data=b""):
        self.send_raw(struct.pack("<II", kind, len(data)) + data)

    def send_raw(self, data):
        """Reads meanwhile: an agent whose frames nobody takes does not take any either."""
        while data:
            readable, writable, _ = select.select([self.line], [self.line], [], DEADLINE_S)
            assert readable or writable, "the agent takes nothing"
            if readable:
                self.received += os.read(self.line, 65536)
            if writable:
                data = data[os.write(self.line, data[:256]):]

    def bytes_read(self):
        """How many it has taken so far, from whatever it reads."""
        text = pathlib.Path(f"/proc/{self.process.pid}/io").read_text(encoding="ascii")
        return int(text.split()[1])

    def until_read(self, count):
        """Lets it run until it has taken so many: /proc tells, but nobody's sleep ends by it."""
        deadline = time.monotonic() + DEADLINE_S
        while self.bytes_read() < count:
            assert time.monotonic() < deadline, "the agent takes nothing"
            os.sched_yield()

    def start(self, *argv, env=(), cwd="/", uid=None, size=None):
        uid = os.getuid() if uid is None else uid
        strings = [*argv, *env, cwd]
        self.send(START, struct.pack("<IIIIIHH", VERSION, uid, len(argv), len(env),
                                     size is not None, *(size or (0, 0))) +
                  b"".join(os.fsencode(string) + b"\0" for string in strings))

    def receive(self):
        """The next frame as (type, data)."""
        while True:
            if len(self.received) >= 8:
                kind, length = struct.unpack_from("<II", self.received)
                assert length <= FRAME_MAX
                if len(self.received) >= 8 + length:
                    data, self.received = self.received[8:8 + length], self.received[8 + length:]
                    return kind, data
            ready, _, _ = select.select([self.line], [], [], DEADLINE_S)
            assert ready, "the agent says nothing"
            self.received += os.read(self.line, 65536)

    def expect(self, kind):
        got, data = self.receive()
        assert got == kind
        return data

    def finish(self):
        """Everything until STATUS: (output, errors, wait status)."""
        streams = {STDOUT: b"", STDERR: b""}
        while True:
            kind, data = self.receive()
            if kind == STATUS:
                return streams[STDOUT], streams[STDERR], struct.unpack("<I", data)[0]
            if kind != CREDIT:
                streams[kind] += data

    def run(self, *argv, **options):
        self.start(*argv, **options)
        self.send(EOF)
        return self.finish()

    def close(self):
        os.close(self.other)
        os.close(self.line)
        with contextlib.suppress(subprocess.TimeoutExpired):
            self.process.wait(5)
        self.process.kill()
        errors = self.process.stderr.read().decode()
        assert "Sanitizer" not in errors and "runtime error" not in errors, errors


@pytest.fixture(name="agent")
def ready_agent(agent_program):
    launcher = Launcher(agent_program)
    assert launcher.expect(READY) == struct.pack("<I", VERSION)
    yield launcher
    launcher.close()


def test_streams_and_status(agent):
    result = agent.run("/bin/sh", "-c", "echo out; echo err >&2; exit 7")
    assert result == (b"out\n", b"err\n", 7 << 8)


def test_one_program_after_the_other(agent):
    for code in range(5):
        assert agent.run("/bin/sh", "-c", f"exit {code}")[2] == code << 8


def test_environment_and_directory(agent):
    out, _, _ = agent.run("/bin/sh", "-c", 'echo "$NAME"; pwd', env=["NAME=a b"], cwd="/usr")
    assert out == b"a b\n/usr\n"


def test_search_path(agent):
    assert agent.run("true", env=["PATH=/nowhere:/bin"])[2] == 0


@pytest.mark.parametrize("name, code, reason", [
    ("/no/such/program", 127, b"No such file or directory"),
    ("/etc/passwd", 126, b"Permission denied"),
    ("/", 126, b"Permission denied"),
])
def test_not_executable(agent, name, code, reason):
    out, err, status = agent.run(name)
    assert (out, err, status) == (b"", os.fsencode(name) + b": " + reason + b"\n", code << 8)


def test_missing_directory(agent):
    out, err, status = agent.run("/bin/true", cwd="/no/such")
    assert (out, err, status) == (b"", b"/no/such: No such file or directory\n", 127 << 8)


@pytest.mark.skipif(os.getuid() != 0, reason="only root can become somebody else")
def test_user(agent):
    out, _, _ = agent.run("/bin/sh", "-c", "id -u; id -g; id -G", uid=1000, env=["PATH=/usr/bin"])
    assert out == b"1000\n1000\n1000\n"


def test_standard_input_within_credit(agent):
    """More than the window, both ways, byte for byte."""
    data = os.urandom(WINDOW * 5 + 321)
    agent.start("/bin/cat")
    credit, sent, out = WINDOW, 0, b""
    while True:
        while credit and sent < len(data):
            piece = data[sent:sent + min(credit, FRAME_MAX)]
            agent.send(STDIN, piece)
            credit -= len(piece)
            sent += len(piece)
            if sent == len(data):
                agent.send(EOF)
        kind, payload = agent.receive()
        if kind == STATUS:
            break
        if kind == CREDIT:
            credit += struct.unpack("<I", payload)[0]
            assert credit <= WINDOW
        else:
            assert kind == STDOUT
            out += payload
    assert out == data and payload == b"\0\0\0\0"


def test_input_which_nobody_reads(agent):
    """A program that closed its input still lets the launcher get rid of what it has."""
    agent.start("/bin/sh", "-c", "exec <&-; echo closed; sleep 1")
    assert agent.expect(STDOUT) == b"closed\n"
    for number in range(8):
        if number * FRAME_MAX >= WINDOW:
            agent.expect(CREDIT)
        agent.send(STDIN, bytes(FRAME_MAX))
    agent.send(EOF)
    assert agent.finish()[2] == 0


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGKILL])
def test_signal_reaches_the_group(agent, number):
    agent.start("/bin/sh", "-c", "sleep 100 & echo ready; wait")
    assert agent.expect(STDOUT) == b"ready\n"
    agent.send(SIGNAL, struct.pack("<I", number))
    assert agent.finish()[2] in (number, (128 + number) << 8)


def test_signal_while_input_is_stuck(agent):
    agent.start("/bin/sleep", "100")
    for _ in range(WINDOW // FRAME_MAX):
        agent.send(STDIN, bytes(FRAME_MAX))
    agent.send(SIGNAL, struct.pack("<I", signal.SIGTERM))
    assert agent.finish()[2] == signal.SIGTERM


def test_signals_are_at_their_defaults(agent):
    """The agent ignores SIGPIPE for itself only."""
    line = agent.run("/bin/sh", "-c", "grep SigIgn /proc/self/status")[0]
    of_libc = 1 << 31 | 1 << 32  # glibc's posix_spawn, in make for example, ignores its own two
    assert int(line.split()[1], 16) & ~of_libc == 0


def test_no_descriptor_leaks_into_the_program(agent):
    assert agent.run("/bin/sh", "-c", "cd /proc/self/fd && echo *")[0] in (b"0 1 2\n", b"0 1 2 3\n")


def test_background_children_are_not_waited_for(agent):
    begin = time.monotonic()
    out, _, status = agent.run("/bin/sh", "-c", "sleep 1000 & echo gone")
    assert (out, status) == (b"gone\n", 0)
    assert time.monotonic() - begin < 100


def test_all_output_comes_before_the_status(agent):
    """Twice what a pipe holds, the last of it when the program has ended."""
    out, _, status = agent.run("/bin/sh", "-c", "head -c 131072 /dev/zero")
    assert (len(out), status) == (131072, 0)


def test_window_size_is_taken(agent):
    agent.start("/bin/cat")
    agent.send(WINSIZE, struct.pack("<HH", 24, 80))
    agent.send(EOF)
    assert agent.finish() == (b"", b"", 0)


class Screen:
    """What a program on a terminal has shown."""

    def __init__(self, agent):
        self._agent = agent
        self.shown = b""

    def until(self, text):
        while text not in self.shown:
            kind, data = self._agent.receive()
            assert kind in (STDOUT, CREDIT), (kind, data, self.shown)
            self.shown += data if kind == STDOUT else b""
        self.shown = self.shown.partition(text)[2]


def test_a_terminal_of_its_own(agent):
    agent.start("/bin/sh", "-c", "test -t 0 -a -t 1 -a -t 2 && stty size </dev/tty; read a; "
                "echo got $a; exit 3", size=(33, 111))
    screen = Screen(agent)
    screen.until(b"33 111\r\n")
    agent.send(STDIN, b"wort\x7fd\r")
    screen.until(b"wort\b \bd\r\ngot word\r\n")
    assert agent.finish() == (b"", b"", 3 << 8)


def test_keys_and_sizes_reach_the_foreground(agent):
    agent.start("/bin/sh", "-c", "trap 'echo int' INT; trap 'stty size' WINCH; echo up; "
                "while ! read a; do :; done", size=(24, 80))
    screen = Screen(agent)
    screen.until(b"up\r\n")
    agent.send(WINSIZE, struct.pack("<HH", 50, 132))
    screen.until(b"50 132\r\n")
    agent.send(STDIN, b"\x03")
    screen.until(b"int\r\n")
    agent.send(STDIN, b"\r")
    assert agent.finish()[2] == 0


def test_a_terminal_that_nobody_reads_is_flooded(agent):
    agent.start("/bin/sh", "-c", "stty raw -echo; echo up; sleep 100", size=(24, 80))
    Screen(agent).until(b"up")
    for _ in range(WINDOW // FRAME_MAX):
        agent.send(STDIN, bytes(FRAME_MAX))
    agent.send(SIGNAL, struct.pack("<I", signal.SIGTERM))
    assert agent.finish()[2] == signal.SIGTERM


def test_output_left_on_a_terminal_comes_whole(agent):
    agent.start("/bin/sh", "-c", "seq 20000", size=(24, 80))
    assert agent.finish()[0] == b"".join(b"%d\r\n" % i for i in range(1, 20001))


def test_leftovers_between_programs(agent):
    agent.run("/bin/true")
    agent.send(STDIN, b"too late")
    agent.send(EOF)
    agent.send(SIGNAL, struct.pack("<I", signal.SIGTERM))
    assert agent.run("/bin/echo", "x")[0] == b"x\n"


def test_frames_cut_anywhere(agent):
    for byte in started(b"/bin/ls\0/\0"):
        before = agent.bytes_read()
        agent.send_raw(bytes([byte]))
        agent.until_read(before + 1)
    assert agent.finish()[2] == 0


def started(strings, version=VERSION, argc=1, envc=0, terminal=0):
    data = struct.pack("<IIIIIHH", version, os.getuid(), argc, envc, terminal, 24, 80) + strings
    return struct.pack("<II", START, len(data)) + data


BETWEEN_PROGRAMS = {
    "too long": struct.pack("<II", START, FRAME_MAX + 1),
    "unknown": struct.pack("<II", 99, 0),
    "upward": struct.pack("<II", READY, 0),
    "short start": struct.pack("<II", START, 3) + b"abc",
    "version": started(b"/bin/true\0/\0", version=1),
    "terminal": started(b"/bin/true\0/\0", terminal=2),
    "no program": started(b"/bin/true\0/\0", argc=0),
    "strings missing": started(b"/bin/true\0/\0", argc=3),
    "argc": started(b"/bin/true\0/\0", argc=0xFFFFFFFF),
    "envc": started(b"/bin/true\0/\0", envc=0xFFFFFFFF),
    "wrapping sum": started(b"/bin/true\0/\0", argc=0x80000000, envc=0x80000001),
    "unterminated": started(b"/bin/true\0/"),
    "trailing": started(b"/bin/true\0/\0more\0"),
    "no strings": started(b""),
}
DURING_A_PROGRAM = {
    "second start": started(b"/bin/true\0/\0"),
    "short signal": struct.pack("<II", SIGNAL, 3) + b"abc",
    "signal 0": struct.pack("<III", SIGNAL, 4, 0),
    "signal 65": struct.pack("<III", SIGNAL, 4, 65),
    "short size": struct.pack("<II", WINSIZE, 0),
    "long end": struct.pack("<III", EOF, 4, 0),
    "upward": struct.pack("<II", STATUS, 0),
    "beyond the credit": (struct.pack("<II", STDIN, FRAME_MAX) + bytes(FRAME_MAX)) * 9,
}


@pytest.mark.parametrize("name", BETWEEN_PROGRAMS)
def test_malformed_frames_end_the_agent(agent, name):
    agent.send_raw(BETWEEN_PROGRAMS[name])
    assert agent.process.wait(DEADLINE_S) == 1


@pytest.mark.parametrize("name", DURING_A_PROGRAM)
def test_malformed_frames_during_a_program(agent, name):
    agent.start("/bin/sleep", "100")
    agent.send_raw(DURING_A_PROGRAM[name])
    assert agent.process.wait(DEADLINE_S) == 1
