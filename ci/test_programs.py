# SPDX-License-Identifier: BSD-2-Clause
"""Programs of the build machine's compilers run here as they do there: `./bartizan run`."""

import os
import subprocess
from pathlib import Path

import pytest

from ci.guest import BUILD, launcher

SOURCES = sorted((BUILD.parent / "tests/programs").glob("*.c"))
KINDS = {"glibc": ("gcc", "-static"), "musl": ("musl-gcc", "-static"),
         "static-pie": ("gcc", "-static-pie", "-fPIE")}
BINARIES = tuple(f"{source.stem}-{kind}" for source in SOURCES for kind in KINDS)
ARGUMENTS = ("one", "two words", "", "*")
FAST = ("--append", "selftest=off", "--timeout", "60")


def compile_program(source: Path, kind: str, to: Path) -> Path:
    compiler, *flags = KINDS[kind]
    subprocess.run([compiler, "-O1", "-w", "-D_GNU_SOURCE", *flags, "-o", to, source, "-lm"],
                   check=True)
    return to


@pytest.fixture(scope="module", name="program")
def fixture_program(tmp_path_factory):
    """program(name): the path of one of BINARIES, compiled when first asked for."""
    folder = tmp_path_factory.mktemp("programs")

    def program(name):
        stem, _, kind = name.partition("-")
        path = folder / name
        return path if path.exists() else \
            compile_program(SOURCES[0].with_name(f"{stem}.c"), kind, path)

    return program


def run(*arguments, **options):
    return subprocess.run(launcher("run", *FAST, *arguments), stdin=subprocess.DEVNULL,
                          capture_output=True, text=True, check=False, **options)


def as_a_shell_sees(status):
    return 128 - status if status < 0 else status


@pytest.mark.parametrize("name", BINARIES)
def test_program(name, program):
    path = program(name)
    here = subprocess.run([path, *ARGUMENTS], capture_output=True, text=True, check=False,
                          stdin=subprocess.DEVNULL, env={"PATH": os.environ["PATH"]}, cwd="/tmp")
    there = run(path, *ARGUMENTS)
    assert (there.stdout, there.stderr, there.returncode) == \
        (here.stdout, here.stderr, as_a_shell_sees(here.returncode))


@pytest.mark.parametrize("compiler", ["gcc", "musl-gcc"])
def test_a_dynamic_program_brings_its_libraries(compiler, tmp_path):
    path = tmp_path / "dynamic"
    subprocess.run([compiler, "-o", path, SOURCES[0].with_name("hello.c")], check=True)
    done = run(path, "x")
    assert (done.returncode, done.stderr) == (42, "to standard error\n")
    assert done.stdout.startswith("hello, world")


@pytest.mark.parametrize("name, content, status, says", [
    ("missing", None, 127, "No such file or directory"),
    ("text", b"just words, no program\n", 126, "not an ELF"),
    ("empty", b"", 126, "not an ELF"),
    ("short", b"\x7fELF\x02\x01\x01", 126, ""),
    ("no-interpreter", b"#!/no/such/interpreter\n", 127, "No such file or directory"),
])
def test_what_is_no_program(name, content, status, says, tmp_path):
    path = tmp_path / name
    if content is not None:
        path.write_bytes(content)
        path.chmod(0o755)
    check_refused(run(path), status, says or str(path))


def check_refused(done, status, *says):
    assert (done.stdout, done.returncode) == ("", status), done.stderr
    assert done.stderr.count("\n") == 1
    for text in says:
        assert text in done.stderr


def test_a_file_that_is_not_executable(tmp_path):
    path = tmp_path / "plain"
    path.write_bytes(b"\x7fELF")
    check_refused(run(path), 126, "not executable")


def test_a_directory_is_not_executable(tmp_path):
    check_refused(run(tmp_path), 126, "not a regular file")


@pytest.mark.parametrize("field, value", [(18, b"\xb7\x00"), (4, b"\x01"), (5, b"\x02")])
def test_a_program_for_another_machine(field, value, program, tmp_path):
    """AArch64, 32 bits, the other byte order."""
    image = bytearray(program("hello-musl").read_bytes())
    image[field:field + len(value)] = value
    path = tmp_path / "foreign"
    path.write_bytes(image)
    path.chmod(0o755)
    check_refused(run(path), 126, str(path))


def test_a_missing_loader_is_named(tmp_path):
    path = tmp_path / "dynamic"
    subprocess.run(["gcc", "-Wl,--dynamic-linker=/lib/no-such-loader.so", "-o", path,
                    SOURCES[0].with_name("hello.c")], check=True)
    check_refused(run(path), 127, "/lib/no-such-loader.so")


def test_a_missing_library_is_named(tmp_path):
    (tmp_path / "empty.c").write_text("int nothing;\n")
    library, path = tmp_path / "libgone.so", tmp_path / "dynamic"
    subprocess.run(["gcc", "-shared", "-o", library, tmp_path / "empty.c"], check=True)
    subprocess.run(["gcc", "-Wl,--no-as-needed", "-o", path, SOURCES[0].with_name("hello.c"),
                    library], check=True)
    library.unlink()
    check_refused(run(path), 127, "libgone.so")
