# SPDX-License-Identifier: BSD-2-Clause
"""Every mutant still fits the tree: its anchor stands once, its tests exist, its file compiles.

Nothing is linked and nothing booted: `make mutants` does that.
"""

import os
import subprocess
from concurrent.futures import ThreadPoolExecutor

import pytest

from ci import mutants, planted

BUILD = planted.ROOT / "build"
MUTANTS = mutants.mutants()


@pytest.fixture(scope="module", name="users")
def fixture_users():
    """{header or table: one source that includes it}, from what the compilers wrote."""
    users = {}
    for rules in sorted((BUILD / "obj").rglob("*.d")):
        words = rules.read_text(encoding="utf-8").replace("\\\n", " ").split()
        for name in words[2:]:
            users.setdefault(name, words[1])
    return users


def test_ids_are_unique():
    assert len({mutant.id for mutant in MUTANTS}) == len(MUTANTS) > 0


def test_names_are_of_the_kernel(kernel):
    """Nothing is expected of a test that is gone, and `all`, `star` and verdicts are spelled so."""
    labels = {test.label for test in kernel.selftests()}
    known = labels | {label.split()[0] for label in labels}
    wrong = [(mutant.id, name) for mutant in MUTANTS for name in (mutant.red, *mutant.also)
             if name not in (labels if name == mutant.red else known)]
    assert not wrong
    assert {mutant.tier for mutant in MUTANTS} <= {"all", "star"}
    assert {mutant.verdict for mutant in MUTANTS} <= {"fail", "crash", "timeout"}


def compile_command(source: str, overlay) -> list[str]:
    """What checks a file whose edited includes, or itself, stand below `overlay`."""
    at = overlay / source if (overlay / source).exists() else source
    if source.endswith(".asm"):
        return ["nasm", "-f", "elf64", f"-I{overlay}/", "-I.", "-Ibuild/", "-o", os.devnull, at]
    compiler, *flags = (BUILD / "flags").read_text(encoding="utf-8").splitlines()[0].split()
    if source.startswith("selftest/user/"):
        flags = [flag for flag in flags if flag != "-mgeneral-regs-only"]
    return [compiler, f"-I{overlay}", *(flag for flag in flags if flag != "-Werror"), "-w",
            "-fsyntax-only", at]


def test_mutants_apply(tmp_path, users):
    """All at once, so that a refactoring sees every entry that it has to repair."""
    def complaint(mutant):
        text = (planted.ROOT / mutant.file).read_text(encoding="utf-8")
        try:
            edited = mutant.applied_to(text)
        except planted.PlantError as error:
            return str(error)
        overlay = tmp_path / mutant.id
        (overlay / mutant.file).parent.mkdir(parents=True)
        (overlay / mutant.file).write_text(edited, encoding="utf-8")
        is_source = mutant.file.endswith((".c", ".asm"))
        command = compile_command(mutant.file if is_source else users[mutant.file], overlay)
        done = subprocess.run(command, cwd=planted.ROOT, capture_output=True, text=True,
                              check=False)
        return f"{mutant.id}: {done.stderr[:500]}" if done.returncode else ""

    with ThreadPoolExecutor(2) as pool:
        wrong = list(filter(None, pool.map(complaint, MUTANTS)))
    assert not wrong, "\n".join(wrong)
