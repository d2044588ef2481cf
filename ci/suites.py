# SPDX-License-Identifier: BSD-2-Clause
"""The one table that says which suite runs where. ci/check.py reads it."""

from dataclasses import dataclass

PYTEST = ("/usr/bin/python3", "-m", "pytest", "-q", "-p", "no:cacheprovider", "--tb=short")


@dataclass(frozen=True)
class Suite:
    """One row: a name for the report, what to run, and whether `make check` or only check-all."""

    name: str
    command: tuple[str, ...]
    only_in_check_all: bool = False


def pytest_suite(name: str, *files: str, only_in_check_all: bool = False) -> Suite:
    return Suite(name, (*PYTEST, *files), only_in_check_all)


# Those of a few seconds first, for who waits for a word; then the longest first, so that none runs
# on alone at the end.
SUITES = (
    pytest_suite("static checks", "ci/test_static.py"),
    pytest_suite("mutants apply", "ci/test_mutants_apply.py", "ci/test_mutants_judged.py"),
    pytest_suite("promises", "ci/test_promises.py"),
    pytest_suite("oracle, streams", "ci/test_oracle.py"),
    pytest_suite("host programs", "tests/test_agent.py", "tests/test_image.py",
                 "tests/test_initramfs.py", "tests/test_uefi_stub.py"),
    pytest_suite("interleavings", "tests/test_interleave.py"),
    pytest_suite("scheduler, simulated", "tests/test_sim.py"),
    pytest_suite("operators, the mutator", "tests/test_operators.py"),
    Suite("mutants, starred", ("make", "-s", "mutants", "TIER=star", "JOBS=1")),
    pytest_suite("analyzers", "ci/test_analyzers.py"),
    Suite("clang-tidy", ("make", "-s", "lint-tidy")),
    pytest_suite("compilers", "ci/test_variants.py"),
    pytest_suite("C programs", "ci/test_programs.py"),
    pytest_suite("sanitised build", "ci/test_sanitiser.py"),
    pytest_suite("load", "ci/test_load.py"),
    pytest_suite("BusyBox lines", "ci/test_busybox.py"),
    pytest_suite("interactive", "ci/test_interactive.py"),
    pytest_suite("launcher", "ci/test_launcher.py", "ci/test_debug.py"),
    pytest_suite("oracle, planted kernels", "ci/test_planted.py"),
    pytest_suite("CPU models and memory sizes", "ci/test_cpu_models.py", "ci/test_memory_sizes.py"),
    pytest_suite("ISO", "ci/test_iso.py"),
    pytest_suite("bad input", "ci/test_bad_input.py", "ci/test_clocks.py"),
    pytest_suite("shared cache lines", "ci/test_sharing.py"),
    pytest_suite("screen and keyboard", "ci/test_screen.py"),
    pytest_suite("attacks", "ci/test_attacks.py", "ci/test_wx.py"),
    pytest_suite("attack table", "ci/test_attack_table.py"),
    pytest_suite("random calls", "ci/test_fuzz.py"),
    pytest_suite("processors", "ci/test_smp.py", "ci/test_hotplug.py"),
    pytest_suite("torture", "ci/test_torture.py"),
    Suite("fuzzers, short", ("make", "-s", "fuzz", "FUZZ_SECONDS=5")),
    pytest_suite("rules of Linux", "ci/test_rules.py"),
    pytest_suite("sealed after boot", "ci/test_sealed.py"),
    Suite("host units", ("make", "-s", "host-test")),
    pytest_suite("page tables, from outside", "ci/test_page_tables.py"),
    pytest_suite("where the kernel lies", "ci/test_places.py"),
    pytest_suite("where programs lie", "ci/test_bases.py"),
    pytest_suite("what programs see of the kernel", "ci/test_leaks.py"),
    pytest_suite("page-table isolation", "ci/test_isolation.py"),
    pytest_suite("five boots", "ci/test_boot.py"),
    pytest_suite("shares in full", "ci/test_shares.py"),
    pytest_suite("ELF corpus", "ci/test_elf_corpus.py"),
    pytest_suite("demos", "ci/test_demos.py"),
    pytest_suite("report", "ci/test_report.py"),
    Suite("mutants, all", ("make", "-s", "mutants"), only_in_check_all=True),
    Suite("fuzzers, long", ("make", "-s", "fuzz", "FUZZ_SECONDS=120"), only_in_check_all=True),
    Suite("operators", ("make", "-s", "operators"), only_in_check_all=True),
    Suite("scheduler, simulated for long", ("make", "-s", "sched-sim-long"), only_in_check_all=True),
    pytest_suite("detectors of a debug build", "ci/test_detectors.py", "ci/test_detectors_long.py",
                 only_in_check_all=True),
    pytest_suite("detectors of a sanitised build", "ci/test_sanitiser_long.py",
                 only_in_check_all=True),
    pytest_suite("random calls, for long", "ci/test_fuzz_long.py", only_in_check_all=True),
    pytest_suite("torture, long", "ci/test_torture_long.py", only_in_check_all=True),
    pytest_suite("stress-ng", "ci/test_stress_ng.py", only_in_check_all=True),
    pytest_suite("32 processors", "ci/test_smp_many.py", only_in_check_all=True),
    pytest_suite("boots with broken MADTs", "ci/test_broken_madt.py", only_in_check_all=True),
)
