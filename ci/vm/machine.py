# SPDX-License-Identifier: BSD-2-Clause
"""One QEMU: its command line, its channels, its end. The only place that starts QEMU.

Every channel is a descriptor that QEMU inherits, so nothing has a name in the file system and
nothing is left behind. The kernel kills QEMU when the launcher dies, whatever killed it.
"""

import ctypes
import hashlib
import os
import re
import selectors
import signal
import socket
import subprocess
import tempfile
import time
from dataclasses import dataclass, field
from pathlib import Path

from . import image
from .keys import code_count, keys_for
from .port import Port
from .qmp import Qmp, QmpError
from .screen import Picture

DOORS = ("pvh", "bios-cd", "bios-usb", "uefi-cd", "uefi-usb")
FIRMWARE = "/usr/share/ovmf/OVMF.fd"
OLDEST_QEMU = (7, 0)
PVH_WORDS_MAX = 4095
PR_SET_PDEATHSIG = 1
KEY_PATIENCE_S = 20

_WAKE = object()
_libc = ctypes.CDLL(None, use_errno=True)


class MachineError(Exception):
    """QEMU cannot be used at all: missing, too old, refused its command line."""


def default_smp() -> int:
    """How many CPUs a machine gets unless it is told: what SMP says, else one."""
    return int(os.environ.get("SMP", "1"))


@dataclass
class Config:
    """What a machine is made of. `second` is a second cpio archive, `words` the command line."""

    kernel: Path
    initramfs: Path | None
    second: bytes = b""
    words: str = ""
    door: str = "pvh"
    smp: int = field(default_factory=default_smp)
    memory: str = "256"
    cpu: str = "max"
    accel: str = "tcg"
    display: str = "none"
    screen: bool = False
    icount: bool = False
    icount_shift: int = 0  # an instruction takes 2^this ns of the guest's time
    com1: bool = True
    com2: bool = False
    gdb: Path | None = None
    paused: bool = False
    extra: list[str] = field(default_factory=list)
    images: Path = Path("build/images")
    qemu: str = field(default_factory=lambda: os.environ.get("QEMU", "qemu-system-x86_64"))


class Machine:
    """A running QEMU. Call step() again and again; what came is then in the attributes."""

    def __init__(self, config: Config):
        self.config = config
        self.nonce = os.urandom(16)
        self.command: list[str] = []
        self.on_command = lambda command: None
        self.markers = bytearray()
        self.arrivals: list[tuple[int, float]] = []
        self.com1: Port | None = None
        self.com2: Port | None = None
        self.qmp: Qmp | None = None
        self.exit_status: int | None = None
        self.stderr = ""
        self._process: subprocess.Popen | None = None
        self._selector = selectors.DefaultSelector()
        self._inherited: list[int] = []
        self._files: list[int] = []

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.close()

    # Starting

    def start(self):
        """Starts QEMU; raises MachineError if it does not come up."""
        self.started = time.monotonic()
        try:
            self.command = [self.config.qemu, *self._arguments()]
            self.on_command(self.command)
            self._spawn()
            self.qmp.start()
        except (OSError, QmpError, image.ImageError) as error:
            self._reap()
            self.close()
            raise MachineError(self._why_not(error)) from error
        if self.qmp.version < OLDEST_QEMU:
            self.close()
            raise MachineError(f"QEMU {'.'.join(map(str, self.qmp.version))} is too old: "
                               f"{'.'.join(map(str, OLDEST_QEMU))} is the oldest that will do")
        self.qmp.socket.setblocking(False)
        self._selector.register(self.qmp, selectors.EVENT_READ, self.qmp)

    def _why_not(self, error):
        if isinstance(error, FileNotFoundError):
            return f"{self.config.qemu}: not found (Debian package qemu-system-x86)"
        said = self.stderr.strip().splitlines()
        if said:
            return f"QEMU did not start: {said[-1]}"
        if self.exit_status is not None and self.exit_status < 0:
            return f"QEMU was killed by {signal.Signals(-self.exit_status).name}"
        return f"QEMU did not start: {error}"

    def _spawn(self):
        launcher = os.getpid()

        def die_with_launcher():
            _libc.prctl(PR_SET_PDEATHSIG, signal.SIGKILL)
            if os.getppid() != launcher:
                os._exit(1)

        self._stderr_fd = self._memory_file("qemu-stderr", b"")
        self._process = subprocess.Popen(
            self.command, stdin=subprocess.DEVNULL, stdout=self._stderr_fd, stderr=self._stderr_fd,
            pass_fds=self._inherited, process_group=0, preexec_fn=die_with_launcher)
        for descriptor in self._inherited:
            if descriptor not in self._files:
                os.close(descriptor)
        self._inherited.clear()

    # QEMU's command line

    def _arguments(self):
        config = self.config
        arguments = ["-accel", config.accel, "-machine", "q35", "-cpu", config.cpu,
                     "-m", config.memory, "-smp", str(config.smp), "-nodefaults",
                     "-no-user-config", "-display", config.display,
                     "-vga", "std" if config.screen or config.display != "none" else "none",
                     "-no-reboot", "-no-shutdown",
                     "-device", "isa-debug-exit,iobase=0xf4,iosize=4"]
        if config.icount:
            arguments += ["-icount", f"shift={config.icount_shift},sleep=off", "-seed", "1",
                          "-rtc", "base=2024-01-01,clock=vm"]
        if config.paused:
            arguments.append("-S")
        if config.gdb:
            server = "" if config.gdb.exists() else ",server=on,wait=off"  # who listens is called
            arguments += ["-gdb", f"unix:{config.gdb}{server}"]
        return arguments + self._channels() + self._firmware_files() + self._door() + config.extra

    def _channels(self):
        qmp = self._socket_for_qemu()
        self.qmp = Qmp(qmp[0])
        channels = ["-chardev", f"socket,id=qmp,fd={qmp[1]}", "-mon", "chardev=qmp,mode=control",
                    "-chardev", f"file,id=debugcon,path={self._debugcon()}",
                    "-device", "isa-debugcon,iobase=0xe9,chardev=debugcon"]
        if self.config.com1:
            ours, theirs = self._socket_for_qemu()
            self.com1 = Port(ours, self._selector)
            channels += ["-chardev", f"socket,id=com1,fd={theirs}",
                         "-device", "isa-serial,chardev=com1,index=0"]
        if self.config.com2:
            ours, theirs = self._socket_for_qemu()
            self.com2 = Port(ours, self._selector)
            channels += ["-chardev", f"socket,id=com2,fd={theirs}",
                         "-device", "isa-serial,chardev=com2,index=1"]
        return channels

    def _socket_for_qemu(self):
        ours, theirs = socket.socketpair()
        # QEMU writes byte by byte, and each byte takes a whole buffer of the socket's budget.
        theirs.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, 1 << 20)
        self._inherited.append(theirs.fileno())
        return ours, theirs.detach()

    def _debugcon(self):
        """A pipe rather than a socket: a pipe packs single bytes densely."""
        self._debugcon_fd, theirs = os.pipe()
        os.set_blocking(self._debugcon_fd, False)
        self._selector.register(self._debugcon_fd, selectors.EVENT_READ, None)
        self._inherited.append(theirs)
        return f"/proc/self/fd/{theirs}"

    def _firmware_files(self):
        files = {"nonce": self.nonce}
        if self.config.door != "pvh":
            files["cmdline"] = self.config.words.encode()
        arguments = []
        for name, data in files.items():
            path = self._path_of(self._memory_file(name, data))
            arguments += ["-fw_cfg", f"name=opt/org.bartizan/{name},file={path}"]
        return arguments

    def _memory_file(self, name, data):
        descriptor = os.memfd_create(name)
        os.write(descriptor, data)
        self._files.append(descriptor)
        self._inherited.append(descriptor)
        return descriptor

    def _path_of(self, descriptor):
        return f"/proc/self/fd/{descriptor}"

    def _door(self):
        config = self.config
        if config.door == "pvh":
            return self._direct_boot()
        iso = image.assemble(config.kernel, config.initramfs, self._second_file(), "",
                             config.images)
        firmware, medium = config.door.split("-")
        arguments = ["-bios", FIRMWARE] if firmware == "uefi" else []
        if medium == "cd":
            return arguments + ["-cdrom", str(iso)]
        return arguments + ["-device", "qemu-xhci",
                            "-drive", f"if=none,id=stick,file={iso},format=raw,snapshot=on",
                            "-device", "usb-storage,drive=stick"]

    def _second_file(self):
        """The second archive as a file for the image builder, kept by its content's hash."""
        if not self.config.second:
            return None
        name = f"second-{hashlib.sha256(self.config.second).hexdigest()[:16]}.cpio"
        path = self.config.images / name
        if not path.exists():
            path.parent.mkdir(parents=True, exist_ok=True)
            path.with_suffix(f".{os.getpid()}").write_bytes(self.config.second)
            path.with_suffix(f".{os.getpid()}").rename(path)
        return path

    def _direct_boot(self):
        config = self.config
        if len(config.words.encode()) > PVH_WORDS_MAX:  # it overwrites what it tells the kernel
            raise MachineError(f"the command line has {len(config.words.encode())} bytes: QEMU's "
                               f"PVH loader takes {PVH_WORDS_MAX} at most")
        arguments = ["-kernel", str(config.kernel), "-append", config.words]
        if config.second:
            first = config.initramfs.read_bytes() if config.initramfs else b""
            both = self._memory_file("initramfs", first + bytes(-len(first) % 4) + config.second)
            arguments += ["-initrd", self._path_of(both)]
        elif config.initramfs:
            arguments += ["-initrd", str(config.initramfs)]
        return arguments

    # Running

    def step(self, timeout: float = 0.1) -> bool:
        """Waits until something happens, at most `timeout` seconds. Returns whether it did."""
        ready = self._selector.select(timeout)
        for key, mask in ready:
            if key.data is None:
                self._read_markers()
            elif key.data is _WAKE:
                continue
            elif isinstance(key.data, Qmp):
                self._read_qmp()
            else:
                key.data.ready(mask)
        return bool(ready)

    def watch(self, descriptor: int) -> bool:
        """Lets step() return when this descriptor is readable. False if it cannot be watched."""
        try:
            self._selector.register(descriptor, selectors.EVENT_READ, _WAKE)
        except PermissionError:
            return False
        return True

    def unwatch(self, descriptor: int):
        self._selector.unregister(descriptor)

    def _read_markers(self):
        try:
            data = os.read(self._debugcon_fd, 65536)
        except BlockingIOError:
            return
        if data:
            self.markers += data
            self.arrivals.append((len(self.markers), time.monotonic()))
        else:
            self._selector.unregister(self._debugcon_fd)

    def _read_qmp(self):
        self.qmp.receive()
        if self.qmp.closed:
            self._selector.unregister(self.qmp)
            self._reap()

    @property
    def over(self) -> bool:
        """Whether the guest will not run on: QEMU ended, or the guest stopped the machine."""
        return self.exit_status is not None or bool(self.qmp.shutdown_reason())

    @property
    def pid(self) -> int:
        """QEMU's."""
        return self._process.pid

    def drain(self):
        """Reads what was on its way when the guest ended."""
        while self.step(0.05):
            pass

    def command_qmp(self, name, **arguments):
        """A QMP command between two steps."""
        try:
            return self.qmp.command(name, **arguments)
        finally:
            self.qmp.socket.setblocking(False)

    def registers(self) -> str:
        """The CPUs' registers as QEMU shows them, empty if QEMU is gone."""
        if self.qmp is None or self.qmp.closed or self.qmp.socket.fileno() < 0:
            return ""
        try:
            return self.command_qmp("human-monitor-command",
                                    **{"command-line": "info registers -a"})
        except QmpError:
            return ""

    # The screen and the keyboard

    def screenshot(self) -> Picture:
        """What the screen shows now."""
        with tempfile.NamedTemporaryFile(prefix="bartizan-screen-") as file:
            self.command_qmp("screendump", filename=file.name)
            return Picture(Path(file.name).read_bytes())

    def press(self, *keys: str):
        """Presses QEMU's keys (such as "ctrl", "c") together and lets them go.

        Returns when the guest has had an interrupt for each code: the keyboard holds only a few.
        """
        wanted = self._keyboard_interrupts() + code_count(keys)
        self.command_qmp("send-key", keys=[{"type": "qcode", "data": key} for key in keys],
                         **{"hold-time": 1})
        deadline = time.monotonic() + KEY_PATIENCE_S
        while self._keyboard_interrupts() < wanted:
            if time.monotonic() > deadline:
                raise MachineError(f"the guest does not take the keys {keys}")
            self.step(0.002)

    def type(self, text: str):
        """Types text, key by key."""
        for character in text:
            self.press(*keys_for(character))

    def _keyboard_interrupts(self):
        said = self.command_qmp("human-monitor-command", **{"command-line": "info irq"})
        found = re.search(r"ioapic:.*?\n 1: (\d+)", said.partition("isa-")[0], re.S)
        return int(found[1]) if found else 0

    # Ending

    def _reap(self):
        if self._process is None or self.exit_status is not None:
            return
        try:
            self.exit_status = self._process.wait(5)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self.exit_status = self._process.wait()
        self.stderr = os.pread(self._stderr_fd, 65536, 0).decode("utf-8", "replace")

    def kill(self):
        if self._process is not None and self.exit_status is None:
            self._process.kill()
            self._reap()

    def close(self):
        """Ends QEMU and gives everything back. May be called twice."""
        self.kill()
        for port in (self.com1, self.com2):
            if port:
                port.close()
        if self.qmp:
            self.qmp.socket.close()
        for descriptor in (*self._files, *self._inherited, getattr(self, "_debugcon_fd", -1)):
            try:
                os.close(descriptor)
            except OSError:
                pass
        self._files, self._inherited, self._debugcon_fd = [], [], -1
        self._selector.close()
