#!/usr/bin/python3
# SPDX-License-Identifier: BSD-2-Clause
"""A picture of the screen from a real boot, as text: screenshot.py OUT.svg [OUT.png]

Boots the kernel with all selftests, types a few commands, and draws what the screen's pixels show.
"""

import sys
from html import escape
from itertools import groupby
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))
from ci.vm.elf import Elf  # noqa: E402
from ci.vm.machine import Config  # noqa: E402
from ci.vm.screen import HEIGHT, WIDTH, Picture  # noqa: E402
from ci.vm.session import Session  # noqa: E402

BUILD = Path(__file__).resolve().parent.parent / "build"
PROMPT = "bartizan:~#"
# What is typed, and the end of the last line that it shows.
LINES = (("uname -srm", "x86_64"), ("ls --color=always /", "var"), ("tty; echo $TERM", "linux"))
BASELINE = 12


def colour(rgb):
    return "#%02x%02x%02x" % rgb


def runs(row):
    """(first column, cells) of the neighbours that look alike."""
    at = 0
    for _, cells in groupby(row, lambda cell: (cell.foreground, cell.background)):
        cells = list(cells)
        yield at, cells
        at += len(cells)


def svg(picture: Picture) -> str:
    """The cells as rectangles and text; widths are fixed, so that any monospace font fits."""
    rows = picture.cells()[:len(picture.text().rstrip().split("\n")) + 1]  # one for the cursor
    width, height = max(map(len, picture.rows())) * WIDTH, len(rows) * HEIGHT
    out = [f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width} {height}" '
           f'font-family="monospace" font-size="13" xml:space="preserve">',
           f'<rect width="{width}" height="{height}"/>']
    for number, row in enumerate(rows):
        for at, cells in runs(row):
            text = "".join(cell.text for cell in cells).rstrip()
            x, y, wide = at * WIDTH, number * HEIGHT, len(cells) * WIDTH
            if cells[0].background != (0, 0, 0):
                out.append(f'<rect x="{x}" y="{y}" width="{wide}" height="{HEIGHT}" '
                           f'fill="{colour(cells[0].background)}"/>')
            if text:
                out.append(f'<text x="{x}" y="{y + BASELINE}" textLength="{len(text) * WIDTH}" '
                           f'fill="{colour(cells[0].foreground)}">{escape(text)}</text>')
    return "\n".join(out) + "\n</svg>\n"


def main() -> int:
    config = Config(BUILD / "bartizan.elf", BUILD / "initramfs.cpio", screen=True)
    with Session(config, Elf(config.kernel)) as session:
        verdict = session.run()
        if verdict.outcome != "pass" or PROMPT not in session.wait_for_screen(PROMPT).text():
            print(f"screenshot: {verdict}", file=sys.stderr)
            return 1
        for line, last in LINES:
            session.machine.type(line + "\n")
            picture = session.wait_for_screen(last + "\n" + PROMPT)
    Path(sys.argv[1]).write_text(svg(picture), encoding="utf-8")
    if len(sys.argv) > 2:
        Path(sys.argv[2]).write_bytes(picture.png())
    return 0


if __name__ == "__main__":
    sys.exit(main())
