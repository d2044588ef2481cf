# SPDX-License-Identifier: BSD-2-Clause
"""The command line of ./bartizan."""

import argparse
import os
import shutil
import signal
import sys
import tempfile
import time
from pathlib import Path

from .elf import Elf, ElfError
from .initramfs import Archive
from .machine import DOORS, Config, MachineError, default_smp
from .program import ProgramError, add_program, add_root
from .remote import LAUNCHER, PANIC, RESET, TIMEOUT, Remote, RemoteError
from .session import Session
from .terminal import Console, RawTerminal
from .verdict import PASS

ROOT = Path(__file__).resolve().parents[2]
BROKEN_PIPE = 128 + 13

EPILOG = """\
examples:
  ./bartizan shell                     a shell on this terminal (Ctrl-A x leaves)
  ./bartizan sh 'ls -l /bin | head'    one command; its output and exit status come back
  ./bartizan run ./a.out arg           one Linux program of this machine
  ./bartizan run --root dir ./a.out    the same, with dir's files over the root file system
  ./bartizan debug                     gdb, stopped at the kernel's first instruction

exit status:
  sh and run: the program's own (128+n for signal n, 126 not executable, 127 not found);
  124 timeout, 125 launcher error or no boot, 123 kernel panic, 122 guest reset
"""


def fail(status: int, text: str) -> int:
    """One line for the person, and the status to end with."""
    print(f"bartizan: {text}", file=sys.stderr)
    return status


class Parser(argparse.ArgumentParser):
    """argparse with the launcher's own exit status for a bad option."""

    def error(self, message):
        sys.exit(fail(LAUNCHER, f"{message} (see ./bartizan --help)"))


def make_parser() -> argparse.ArgumentParser:
    parser = Parser(prog="bartizan", epilog=EPILOG, description="Boots Bartizan in QEMU.",
                    formatter_class=argparse.RawDescriptionHelpFormatter)
    commands = parser.add_subparsers(dest="command", metavar="COMMAND", required=True)
    options = _machine_options()
    for name, text in (("shell", "a shell on this terminal"),
                       ("debug", "the kernel under gdb")):
        commands.add_parser(name, help=text, parents=[options])
    shell = commands.add_parser("sh", help="one command of the guest's /bin/sh",
                                parents=[options])
    shell.add_argument("line", metavar="COMMAND")
    run = commands.add_parser("run", help="one program of this machine", parents=[options])
    run.add_argument("program", metavar="PROG")
    run.add_argument("arguments", metavar="ARG", nargs=argparse.REMAINDER)
    return parser


def _machine_options():
    options = argparse.ArgumentParser(add_help=False)
    add = options.add_argument
    add("--root", metavar="DIR", type=Path, action="append", default=[],
        help="this directory's tree appears over the root file system")
    add("--boot", choices=DOORS, default="pvh", help="the way in (default pvh, the fastest)")
    add("--smp", type=int, default=default_smp(), metavar="N",
        help="number of CPUs (default: what SMP in the environment says, or 1)")
    add("--mem", metavar="SIZE", help="memory, as QEMU's -m (default 256 MiB)")
    add("--cpu", metavar="MODEL", help="CPU model, as QEMU's -cpu (default max)")
    add("--accel", choices=("tcg", "kvm"), default="tcg", help="default tcg")
    add("--display", default="none", metavar="…", help="as QEMU's -display (default none)")
    add("--append", default="", metavar="WORDS", help="words for the kernel's command line")
    add("--icount", action="store_true", help="deterministic, counting instructions")
    add("--timeout", type=float, metavar="S", help="give up after this many seconds")
    add("--uid", type=int, default=0, metavar="N", help="user id of the program (sh and run)")
    add("--build", type=Path, metavar="DIR", default=Path(os.environ.get("O", ROOT / "build")),
        help="where the kernel was built (default build)")
    add("--verbose", action="store_true", help="show QEMU's command line and the console")
    return options


def make_config(options, second: bytes, words: str = "") -> Config:
    """The machine that the options describe."""
    config = Config(kernel=options.build / "bartizan.elf",
                    initramfs=options.build / "initramfs.cpio", second=second,
                    words=" ".join(word for word in (words, options.append) if word),
                    door=options.boot, smp=options.smp, accel=options.accel,
                    display=options.display, icount=options.icount,
                    images=options.build / "images")
    config.memory = options.mem or ("512" if options.icount else "256")
    config.cpu = options.cpu or ("max,-erms" if options.icount else "max")
    return config


def run_shell(options) -> int:
    """`shell`: the console is this terminal. A guest that reboots gets a new machine."""
    config = make_config(options, second_archive(options)[0])
    deadline = time.monotonic() + options.timeout if options.timeout else None
    while True:
        with make_session(options, config) as session:
            session.start()
            console = Console(session, deadline)
            with RawTerminal():
                console.run()
            if console.left:
                return 0
            if console.timed_out:
                return fail(TIMEOUT, "timeout")
            if not reboot_wanted(session):
                return shell_status(session)


def reboot_wanted(session) -> bool:
    """A reset after PID 1 had started is what the user asked for; before, it is a crash."""
    up = session.stream.up is not None
    return up and session.machine.exit_status is None and \
        session.machine.qmp.shutdown_reason() == "guest-reset" and session.stream.bail is None


def shell_status(session) -> int:
    """How a shell session ended."""
    if session.stream.bail is not None:
        return fail(PANIC, f"the guest panicked: {session.stream.bail}")
    if session.expected.only or session.stopped:
        verdict = session.judge()
        return 0 if verdict.outcome == PASS else fail(LAUNCHER, f"no boot: {verdict}")
    if session.machine.exit_status is not None:
        return fail(LAUNCHER, f"QEMU ended with status {session.machine.exit_status}")
    if session.machine.qmp.shutdown_reason() == "guest-reset":
        return fail(RESET, "the guest was reset")
    return 0


def run_program(options) -> int:
    """`sh` and `run`: one program through the agent."""
    second, inside = second_archive(options)
    argv = ["/bin/sh", "-c", options.line] if options.command == "sh" else \
        [inside, *options.arguments]
    config = make_config(options, second, "agent=com2")
    config.com2 = True
    home = "/root" if options.uid == 0 else "/home/user"
    environment = {"PATH": "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin",
                   "HOME": home, "TERM": os.environ.get("TERM", "dumb"), "LANG": "C.UTF-8",
                   "USER": "root" if options.uid == 0 else "user"}
    with make_session(options, config) as session:
        session.start()
        try:
            return Remote(session, options.timeout).run(argv, environment, "/", options.uid)
        finally:
            if options.verbose:
                sys.stderr.write(session.console.decode("utf-8", "replace"))


def second_archive(options) -> tuple[bytes, str]:
    """The archive behind the initramfs (empty if nothing asks for one) and the program in it."""
    archive, inside = Archive(), ""
    for root in options.root:
        add_root(archive, root)
    if options.command == "run":
        inside = add_program(archive, options.program)
    return (archive.bytes() if options.root or inside else b""), inside


def make_session(options, config) -> Session:
    """A session that is not started yet."""
    for path in (config.kernel, config.initramfs):
        if not path.exists():
            raise MachineError(f"{path}: not there; run make first")
    session = Session(config, Elf(config.kernel))
    if options.verbose:
        session.machine.on_command = lambda command: print(*command, file=sys.stderr)
    return session


def run_debugger(options) -> int:
    """`debug`: gdb in front, the console's output in a file."""
    gdb = shutil.which("gdb")
    if not gdb:
        return fail(LAUNCHER, "gdb: not found (Debian package gdb)")
    config = make_config(options, second_archive(options)[0], "nokaslr")  # as the symbols are
    with tempfile.TemporaryDirectory(prefix="bartizan-") as folder:
        config.gdb, config.paused = Path(folder) / "gdb", True
        with make_session(options, config) as session:
            session.start()
            return _follow_debugger(session, gdb, config)


def _follow_debugger(session, gdb, config):
    log = config.kernel.parent / "debug-console.log"
    print(f"bartizan: the guest's console goes to {log}", file=sys.stderr)
    helpers = Path(__file__).with_name("helpers.gdb")
    child = os.posix_spawn(gdb, [gdb, "-q", str(config.kernel), "-x", str(helpers),
                                 "-ex", f"target remote {config.gdb}"], os.environ)
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C is for gdb
    shown = 0
    with log.open("wb", buffering=0) as file:
        while os.waitpid(child, os.WNOHANG) == (0, 0):
            session.step()
            shown += file.write(session.console[shown:])
    return 0


def main(arguments=None) -> int:
    """The launcher. Returns its exit status."""
    options = make_parser().parse_args(arguments)
    action = {"shell": run_shell, "debug": run_debugger}.get(options.command, run_program)
    try:
        return action(options)
    except (ProgramError, RemoteError) as error:
        return fail(error.status, str(error))
    except (MachineError, ElfError, OSError) as error:
        if isinstance(error, BrokenPipeError):
            return BROKEN_PIPE
        return fail(LAUNCHER, str(error))
    except KeyboardInterrupt:
        return 130
