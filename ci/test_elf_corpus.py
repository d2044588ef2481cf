# SPDX-License-Identifier: BSD-2-Clause
"""P-M10-01, P-M10-02: malformed images are refused by execve in the guest, each with its errno."""
import errno
import pathlib
import subprocess
import sys

import pytest

ROOT = pathlib.Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT / "tests"))

import elf_corpus  # noqa: E402


def text_of(number):
    """What index.txt calls an outcome of tests/guest/exec_errno.c."""
    return {0: "OK", -1: "ended by itself", 255: "caller harmed"}.get(
        number, errno.errorcode.get(number, str(number)))


@pytest.fixture(scope="module", name="outcomes")
def fixture_outcomes(tmp_path_factory):
    """One boot that tries all of them: {name: outcome}."""
    folder = tmp_path_factory.mktemp("elf")
    files, program = folder / "root" / "corpus", folder / "exec_errno"
    elf_corpus.write(files)
    for file in files.iterdir():
        file.chmod(0o755)
    subprocess.run(["musl-gcc", "-static", "-O1", "-Wall", "-Wextra", "-Werror", "-o", program,
                    ROOT / "tests" / "guest" / "exec_errno.c"], check=True)
    done = subprocess.run([ROOT / "bartizan", "run", "--root", folder / "root", "--timeout", "120",
                           program, "/corpus"], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout[-2000:] + done.stderr[-2000:]
    return {name: text_of(int(number)) for name, number in map(str.split, done.stdout.splitlines())}


@pytest.mark.parametrize("name, expected", [(name, result) for name, result, _ in elf_corpus.CASES])
def test_image(outcomes, name, expected):
    assert outcomes.get(name, "not tried") == expected
