# SPDX-License-Identifier: BSD-2-Clause
"""The fixtures of the suites: one boot each, with its markers, console and QMP."""

import os
import signal
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

from ci import planted  # noqa: E402
from ci.suites import SUITES  # noqa: E402
from ci.vm.elf import Elf  # noqa: E402
from ci.vm.expected import expect  # noqa: E402
from ci.vm.machine import Config  # noqa: E402
from ci.vm.session import Session  # noqa: E402

BUILD = ROOT / "build"
# Left out of a plain `pytest ci/`; named on the command line they run.
collect_ignore = [Path(word).name for suite in SUITES if suite.only_in_check_all
                  for word in suite.command if word.startswith("ci/test_")]


@pytest.fixture(scope="session", autouse=True)
def fixture_nothing_inherited():
    """Programs are compared with this machine's: what it ignores or favours must not show."""
    for number in signal.valid_signals() - {signal.SIGPIPE, signal.SIGXFSZ}:
        if signal.getsignal(number) == signal.SIG_IGN:
            signal.signal(number, signal.SIG_DFL)
    if os.geteuid() == 0:
        os.setpriority(os.PRIO_PROCESS, 0, 0)


@pytest.fixture(scope="session", name="kernel")
def fixture_kernel():
    """The kernel that `make` has built."""
    path = Path(os.environ.get("O", BUILD)) / "bartizan.elf"
    assert path.exists(), "no kernel is built: run make"
    return Elf(path)


@pytest.fixture(scope="module", name="tree")
def fixture_tree(tmp_path_factory):
    """A copy of the tree with the base build, for kernels with a fault planted (ci/planted.py)."""
    folder = tmp_path_factory.mktemp("planted")
    planted.copy_tree(folder)
    return folder


@pytest.fixture(name="boot")
def fixture_boot(request, kernel):
    """boot(words="", **config): runs the selftests of one machine and returns its session.

    The session's `verdict` says how that went; the machine runs on until the test ends. When the
    test fails, its report shows the last console lines, the registers and their symbols.
    """
    sessions = []
    request.node.boots = sessions

    def boot(words="", patience=30.0, strict=False, **changes):
        config = Config(changes.pop("kernel", kernel.path),
                        changes.pop("initramfs", BUILD / "initramfs.cpio"), words=words, **changes)
        elf = kernel if config.kernel == kernel.path else Elf(config.kernel)
        session = Session(config, elf, expect(elf, words, config.cpu, smp=config.smp))
        sessions.append(session)
        session.run(patience, strict)
        return session

    yield boot
    for session in sessions:
        session.machine.close()


@pytest.hookimpl(hookwrapper=True)
def pytest_runtest_makereport(item, call):
    """Adds what the guest showed to the report of a test that failed."""
    report = (yield).get_result()
    if report.when == "call" and report.failed:
        for session in getattr(item, "boots", []):
            report.sections.append(("guest", session.report(session.verdict)))
