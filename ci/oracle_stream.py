# SPDX-License-Identifier: BSD-2-Clause
"""A marker stream as the kernel would write it, for the oracle's plants: made, edited, sealed."""

from ci.vm.expected import Expected, feature_of
from ci.vm.markers import read_markers
from ci.vm.siphash import siphash24
from ci.vm.verdict import EXIT_PASS, Evidence

NONCE = bytes(range(16))
EXIT_GREEN = EXIT_PASS << 1 | 1


def head(expected: Expected, nonce: bytes = NONCE) -> list[str]:
    return ["KTAP version 1", f"# bartizan {expected.build_id} {nonce.hex()}",
            f"1..{len(expected.milestones)}"]


def block(expected: Expected, position: int) -> list[str]:
    """The lines of the milestone at this position of the table, all green."""
    number = expected.milestones[position]
    tests = expected.tests.get(number, [])
    lines = ["  KTAP version 1", f"  # Subtest: M{number}", f"  1..{len(tests)}"]
    for index, test in enumerate(tests, 1):
        skips = test.skip and feature_of(test.skip) in expected.absent
        lines += [f"  # begin {test.label}",
                  f"  ok {index} {test.label}" + (f" # SKIP {test.skip}" if skips else "")]
    count = f"{len(tests)}/{len(tests)}"
    return lines + [f"# [M{number}][SELFTEST] {count} PASS", f"ok {position + 1} M{number}"]


def green(expected: Expected, nonce: bytes = NONCE) -> list[str]:
    """Every line up to the seal, which `sealed` adds."""
    lines = head(expected, nonce)
    for position in range(len(expected.milestones)):
        lines += block(expected, position)
    count = sum(map(len, expected.tests.values()))
    return lines + [f"# [SELFTEST] {count}/{count} PASS"]


def sealed(lines: list[str], nonce: bytes = NONCE) -> bytes:
    """The stream's bytes with the seal that a kernel holding this nonce would give it."""
    text = "".join(line + "\n" for line in lines).encode()
    return text + f"# seal {siphash24(nonce, text):016x}\n".encode()


def evidence(data: bytes, exit_status: int | None = EXIT_GREEN, nonce: bytes = NONCE, **more):
    """What the judge gets of a boot that wrote these bytes and ended like this."""
    return Evidence(read_markers(data), nonce, exit_status=exit_status, **more)
