# SPDX-License-Identifier: BSD-2-Clause
"""The writer of cpio archives, read back by BusyBox and by Python."""

import os
import pathlib
import stat
import subprocess
import sys

import pytest

ROOT = pathlib.Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))
from ci.vm import initramfs  # noqa: E402
from ci.vm.initramfs import Archive  # noqa: E402

FIELDS = ("ino", "mode", "uid", "gid", "nlink", "mtime", "size", "major", "minor", "rmajor",
          "rminor", "name_size", "check")


def entries(data):
    """(name, fields, bytes) of each entry, the trailer left out."""
    at = 0
    while True:
        assert data[at:at + 6] == b"070701" and at % 4 == 0
        fields = dict(zip(FIELDS, (int(data[at + 6 + 8 * i:at + 14 + 8 * i], 16)
                                   for i in range(13))))
        name = data[at + 110:at + 110 + fields["name_size"]]
        assert name.endswith(b"\0")
        begin = (at + 110 + fields["name_size"] + 3) // 4 * 4
        at = (begin + fields["size"] + 3) // 4 * 4
        if name == b"TRAILER!!!\0":
            assert at == len(data)
            return
        yield name[:-1].decode(), fields, data[begin:begin + fields["size"]]


def by_name(archive):
    return {name: (fields, data) for name, fields, data in entries(archive.bytes())}


def test_kinds_modes_and_owners():
    archive = Archive().add_dir("/home/user", 0o750, 1000, 1000)
    archive.add_file("/etc/x", b"abcde", 0o640).add_link("bin/sh", "/bin/busybox")
    archive.add_node("dev/null", stat.S_IFCHR | 0o666, 1, 3)
    found = by_name(archive)
    assert list(found) == ["home", "home/user", "etc", "etc/x", "bin", "bin/sh", "dev", "dev/null"]
    assert found["home"][0]["mode"] == stat.S_IFDIR | 0o755 and found["home"][0]["uid"] == 0
    assert found["home/user"][0]["mode"] == stat.S_IFDIR | 0o750
    assert found["home/user"][0]["gid"] == 1000
    assert found["etc/x"] == (found["etc/x"][0], b"abcde")
    assert found["etc/x"][0]["mode"] == stat.S_IFREG | 0o640
    assert found["bin/sh"][1] == b"/bin/busybox"
    assert (found["dev/null"][0]["rmajor"], found["dev/null"][0]["rminor"]) == (1, 3)
    assert {fields["mtime"] for fields, _ in found.values()} == {0}
    assert len({fields["ino"] for fields, _ in found.values()}) == len(found)


def test_a_tree_is_kept(tmp_path):
    tree = tmp_path / "tree"
    (tree / "sub").mkdir(parents=True)
    (tree / "sub/program").write_bytes(b"\x7fELF")
    (tree / "sub/program").chmod(0o4755)
    (tree / "link").symlink_to("sub/program")
    os.mkfifo(tree / "pipe")
    found = by_name(Archive().add_tree(tree, "/opt/x"))
    assert list(found) == ["opt", "opt/x", "opt/x/link", "opt/x/pipe", "opt/x/sub",
                           "opt/x/sub/program"]
    assert found["opt/x/sub/program"][0]["mode"] == stat.S_IFREG | 0o4755
    assert found["opt/x/link"][1] == b"sub/program"
    assert stat.S_ISFIFO(found["opt/x/pipe"][0]["mode"])


def test_busybox_unpacks_it(tmp_path):
    data = Archive().add_file("a/b/c", b"x" * 4097).add_link("a/l", "b/c").bytes()
    subprocess.run(["busybox", "cpio", "-idm"], cwd=tmp_path, input=data, check=True,
                   capture_output=True)
    assert (tmp_path / "a/l").read_bytes() == b"x" * 4097


@pytest.mark.parametrize("name", ["../x", "a/../../x", "/.."])
def test_names_stay_inside(name):
    with pytest.raises(ValueError):
        Archive().add_file(name, b"")


def test_too_long_a_name():
    with pytest.raises(ValueError):
        Archive().add_file("x" * 4096, b"")


def system(overlay):
    return initramfs.system(pathlib.Path("/bin/busybox"), overlay, [], []).bytes()


def test_the_system_has_all_applets_and_follows_no_umask(tmp_path):
    """A checkout under another umask has other permissions, and gives the same image."""
    copy = tmp_path / "rootfs"
    subprocess.run(["cp", "-r", ROOT / "iso/rootfs", copy], check=True)
    for path in copy.rglob("*"):
        path.chmod(stat.S_IMODE(path.stat().st_mode) & 0o700)
    data = system(copy)
    assert data == system(ROOT / "iso/rootfs")
    found = {name: (fields, body) for name, fields, body in entries(data)}
    applets = subprocess.run(["busybox", "--list-full"], capture_output=True, check=True)
    assert set(applets.stdout.decode().split()) - {"linuxrc"} <= set(found)
    assert found["init"][1] == b"sbin/init" and found["sbin/init"][1] == b"/bin/busybox"
    assert found["tmp"][0]["mode"] == stat.S_IFDIR | 0o1777
    assert found["etc/init.d/rcS"][0]["mode"] == stat.S_IFREG | 0o755
