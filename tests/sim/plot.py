#!/usr/bin/python3
# SPDX-License-Identifier: BSD-2-Clause
"""What a step of the scheduler costs by the number of threads and CPUs, as an SVG: plot.py LOG OUT."""

import math
import sys
from collections import defaultdict

WIDTH, HEIGHT, LEFT, TOP, RIGHT, BOTTOM = 720, 400, 70, 40, 130, 50
COLOURS = ("#1b6ca8", "#c0392b", "#1e8449", "#8e44ad")


def read(path):
    """By number of CPUs: (threads, ticks a step)."""
    series = defaultdict(list)
    with open(path, encoding="ascii") as file:
        for words in (line.split() for line in file):
            if words[:1] == ["cost"]:
                row = dict(zip(words[1::2], words[2::2]))
                series[int(row["cpus"])].append((int(row["threads"]), int(row["ticks_per_step"])))
    return series


def text(x, y, what, anchor="middle", colour="#222"):
    return f'<text x="{x:.0f}" y="{y:.0f}" text-anchor="{anchor}" fill="{colour}">{what}</text>'


def draw(series):
    """Threads on a logarithmic axis, ticks on a linear one from 0."""
    most = max(ticks for points in series.values() for _, ticks in points)
    top = math.ceil(most / 100) * 100
    least, greatest = 1, 5

    def place(threads, ticks):
        x = LEFT + (math.log10(threads) - least) / (greatest - least) * (WIDTH - LEFT - RIGHT)
        return x, HEIGHT - BOTTOM - ticks / top * (HEIGHT - TOP - BOTTOM)

    out = [f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {HEIGHT}" '
           'font-family="sans-serif" font-size="12">',
           f'<rect width="{WIDTH}" height="{HEIGHT}" fill="white"/>',
           text(WIDTH / 2, 20, "Cost of one step of the scheduler, in counter ticks of the host")]
    for ticks in range(0, top + 1, max(100, top // 500 * 100)):
        x, y = place(10, ticks)
        out += [f'<path d="M{x:.0f} {y:.0f}H{WIDTH - RIGHT}" stroke="#ddd"/>',
                text(x - 8, y + 4, ticks, "end")]
    for power in range(least, greatest + 1):
        x, y = place(10 ** power, 0)
        out += [f'<path d="M{x:.0f} {y:.0f}V{TOP}" stroke="#ddd"/>',
                text(x, y + 18, f"{10 ** power:,}")]
    out.append(text((LEFT + WIDTH - RIGHT) / 2, HEIGHT - 12, "threads"))
    for (cpus, points), colour in zip(sorted(series.items()), COLOURS):
        path = " ".join(f"{x:.0f},{y:.0f}" for x, y in (place(*point) for point in points))
        x, y = place(*points[-1])
        out += [f'<polyline points="{path}" fill="none" stroke="{colour}" stroke-width="2"/>',
                text(x + 8, y + 4, f"{cpus:,} CPU{'s' if cpus > 1 else ''}", "start", colour)]
    return "\n".join([*out, "</svg>", ""])


def main():
    with open(sys.argv[2], "w", encoding="ascii") as file:
        file.write(draw(read(sys.argv[1])))


main()
