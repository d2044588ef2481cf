# SPDX-License-Identifier: BSD-2-Clause
"""As many CPUs as a large machine has: all take part, and threads run on each."""

from ci.guest import Guest

CPUS = 32


def test_every_selftest_passes(boot):
    session = boot("selftest=only", smp=CPUS, memory="512")
    assert session.verdict.outcome == "pass", str(session.verdict)
    assert session.wait_for_console(f"cpu: {CPUS} of {CPUS} CPUs")


def test_threads_run_on_each():
    with Guest(smp=CPUS, memory="512") as guest:
        done = guest.sh("nproc; for cpu in $(seq 0 31); do taskset -c $cpu "
                        "sh -c 'set -- $(cat /proc/self/stat); echo ${39}' & done; wait",
                        timeout=120)
        first, *places = map(int, done.stdout.split())
        assert first == CPUS and sorted(places) == list(range(CPUS)), done
