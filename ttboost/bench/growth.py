"""`python -m ttboost.bench.growth CLUSTER.json CHART.svg`: how the cost of a room grows with their number.

Reads what `ttboost bench cluster --json` wrote. Each line is divided by its own first point, so that a
line that stays at 1 says: twice the rooms cost twice as much, no more.
"""

import re
import sys
from pathlib import Path

import msgspec
import pygal
from pygal.style import Style

from ttboost.bench import Report, Row

ROOMS = re.compile(r"(\d+) rooms over \d+: (.+)")
NAMES = {
    "cores, both workers": "CPU of a room",
    "memory of a room": "memory of a room",
    "frame to player socket, p99": "p99, frame to player",
}


STYLE = Style(
    background="white",
    plot_background="white",
    colors=("#c2334d", "#1d4e89", "#1f7a5c"),
    foreground="#333333",
    foreground_strong="#333333",
    font_family="sans-serif",
)


def draw(rows: list[Row]) -> bytes:
    """An SVG of `cluster`'s rows."""
    lines: dict[str, dict[int, float]] = {}
    for row in rows:
        if found := ROOMS.fullmatch(row.name):
            rooms, what = int(found[1]), found[2]
            is_of_all = what.startswith("cores")
            lines.setdefault(NAMES[what], {})[rooms] = row.value / (rooms if is_of_all else 1)
    sizes = sorted({rooms for line in lines.values() for rooms in line})
    chart = pygal.Line(
        js=[],
        width=720,
        height=360,
        style=STYLE,
        title=f"Cost against that of {sizes[0]} rooms (1 = grows no faster than the rooms)",
        x_title="rooms over two live workers, one in ten with a player",
        logarithmic=True,
        y_labels=[0.5, 1, 2, 5, 10, 20],
        legend_at_bottom=True,
        value_formatter=lambda value: f"{value:.2g}",
    )
    chart.x_labels = [f"{rooms:,}" for rooms in sizes]
    for name, line in lines.items():
        chart.add(name, [line[rooms] / line[sizes[0]] for rooms in sizes])
    svg: bytes = chart.render()
    return svg


if __name__ == "__main__":
    report = msgspec.json.decode(Path(sys.argv[1]).read_bytes(), type=Report)
    Path(sys.argv[2]).write_bytes(draw(report.benches["cluster"]))
