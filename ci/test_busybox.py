# SPDX-License-Identifier: BSD-2-Clause
"""Command lines of BusyBox applets do here, byte for byte, what they do on the build machine."""

import re
import subprocess
from pathlib import Path

import pytest

from ci.guest import BUILD, Done, Guest
from ci.vm.initramfs import Archive

BUSYBOX = "/bin/busybox"
TABLE = Path(__file__).with_name("busybox_lines.txt")
LINES = [line.replace("\n\t", "\n") for line in
         re.split(r"\n(?!\t)", TABLE.read_text(encoding="utf-8"))
         if line and not line.startswith("#")]
# Each line runs in a new directory; $0 is that directory, $1 the line.
IN_A_NEW_DIRECTORY = 'rm -rf "$0" && mkdir "$0" && cd "$0" && exec sh -c "$1"'
SCRIPTS = sorted((BUILD.parent / "tests/scripts").glob("*.sh"))
DEADLINE_S = 30
SCRIPT_DEADLINE_S = 120


@pytest.fixture(scope="module", name="guest")
def fixture_guest():
    archive = Archive()
    for path in SCRIPTS:
        archive.add_file(f"scripts/{path.name}", path.read_bytes())
    with Guest(second=archive.bytes()) as guest:
        yield guest


@pytest.fixture(scope="module", name="applets")
def fixture_applets(tmp_path_factory):
    """A directory with a link for each applet, as the guest has in its /bin."""
    folder = tmp_path_factory.mktemp("applets")
    for name in subprocess.check_output([BUSYBOX, "--list"], text=True).split():
        (folder / name).symlink_to(BUSYBOX)
    return folder


def on_this_machine(line, applets, folder, timeout=DEADLINE_S) -> Done:
    done = subprocess.run(["sh", "-c", IN_A_NEW_DIRECTORY, folder, line], executable=BUSYBOX,
                          env={"PATH": str(applets), "HOME": "/root"}, stdin=subprocess.DEVNULL,
                          capture_output=True, check=False, timeout=timeout, umask=0o022)
    return Done(done.returncode, done.stdout, done.stderr)


def test_there_are_250():
    assert len(LINES) >= 250 and len(set(LINES)) == len(LINES)


@pytest.mark.parametrize("line", LINES)
def test_line(line, guest, applets, tmp_path):
    here = on_this_machine(line, applets, str(tmp_path / "line"))
    assert here.stdout or here.stderr or here.status, "a line that shows nothing proves nothing"
    there = guest.run(["/bin/sh", "-c", IN_A_NEW_DIRECTORY, "/tmp/line", line],
                      timeout=DEADLINE_S)
    assert there == here


@pytest.mark.parametrize("path", SCRIPTS, ids=lambda path: path.stem)
def test_script(path, guest, applets, tmp_path):
    """Programs of the shell, 200 lines and more."""
    assert len(path.read_text(encoding="utf-8").splitlines()) >= 200
    here = on_this_machine(f"exec sh {path}", applets, str(tmp_path / "script"),
                           SCRIPT_DEADLINE_S)
    line = f"exec sh /scripts/{path.name}"
    there = guest.run(["/bin/sh", "-c", IN_A_NEW_DIRECTORY, "/tmp/script", line],
                      timeout=SCRIPT_DEADLINE_S)
    assert there == here
