"""Charts as SVG, made by the server: shapes and labels alone, colours come from `static/app/parts.css`.

A chart is read by nobody's eyes only: `spoken` is what a screen reader says instead of it.
"""

import math
import re
import sys
from collections.abc import Callable, Iterator, Sequence
from functools import lru_cache
from typing import Any
from xml.etree import ElementTree as ET

import pygal
from markupsafe import Markup
from pygal.style import Style

# pygal's way to plugins, of which there are none here, warns at every import in the process that fails.
sys.meta_path[:] = [one for one in sys.meta_path if not isinstance(one, pygal.PluginImportFixer)]

WIDTH, HEIGHT = 340, 168
SPARK_WIDTH, SPARK_HEIGHT = 120, 32
MOST_POINTS = 60  # more are too narrow to tell apart
MOST_LABELS = 4
MOST_KEPT = 256  # of each kind: drawing takes 5 to 15 ms, and what is over is looked at again unchanged
_UNSEEN = "\u200b"
_TICKS = 3
_LEFT_OUT = frozenset({"defs", "title", "desc"})
_EMPTY_PARTS = frozenset({"titles", "tooltip-overlay", "text-overlay", "overlay"})
_KEPT = frozenset({"class", "d", "x", "y", "cx", "cy", "r", "width", "height", "transform", "viewBox"})
_NOT_OURS = frozenset(
    {"reactive", "tooltip-trigger", "rect", "always_show", "nofill", "vertical", "serie-0", "color-0"}
)
_GROUND = 1.02 / 1.04  # of a plot's height, at which nothing is: pygal leaves a margin on both sides
_LONG = re.compile(r"\d+\.\d+")
_STYLE = Style(label_font_size=12, major_label_font_size=12)  # as wide as parts.css writes them

Value = float | None
Said = Callable[[float], str]
Scale = tuple[tuple[int, str], ...]  # what the axis says, and where


def line(values: Sequence[Value], labels: Sequence[str], spoken: str, number: Said) -> Markup:
    """None: not known, the line is cut there. `number` writes a value as its reader does."""
    return _drawn_line(tuple(values), tuple(labels), spoken, _scale(values, number))


def bars(values: Sequence[float], labels: Sequence[str], spoken: str, number: Said) -> Markup:
    """Each says its value to a mouse that rests on it."""
    titles = tuple(f"{label}: {number(value)}" for value, label in zip(values, labels, strict=True))
    return _drawn_bars(tuple(values), tuple(labels), titles, spoken, _scale(values, number))


def sparkline(values: Sequence[Value], spoken: str = "") -> Markup:
    """A tiny line without labels. Without `spoken` the words beside it say all there is."""
    tiny = {
        "width": SPARK_WIDTH,
        "height": SPARK_HEIGHT,
        "margin": 2,
        "margin_right": 2,
        "show_x_labels": False,
        "show_y_labels": False,
    }
    chart = _line(values, [""] * len(values), _scale(values, str), _look() | tiny)
    return _plain(chart, spoken, "chart spark")


@lru_cache(MOST_KEPT)
def _drawn_line(values: tuple[Value, ...], labels: tuple[str, ...], spoken: str, scale: Scale) -> Markup:
    return _plain(_line(values, labels, scale, _look()), spoken)


@lru_cache(MOST_KEPT)
def _drawn_bars(
    values: tuple[float, ...], labels: tuple[str, ...], titles: tuple[str, ...], spoken: str, scale: Scale
) -> Markup:
    clean = _cleaned(_filled(pygal.Bar(spacing=2, **_look()), values, labels, scale).render_tree())
    rectangles = [rect for bar in clean.iter("g") if bar.get("class") == "bar" for rect in bar]
    for rect, title in zip(rectangles, titles, strict=True):
        ET.SubElement(rect, "title").text = title
    return _told(clean, spoken)


def thinned(values: Sequence[Value], join: Callable[[Sequence[float]], float]) -> list[Value]:
    """Neighbours joined by `join` (`sum`, `max`) until `MOST_POINTS` are enough."""
    step = step_of(len(values))
    groups = [values[start : start + step] for start in range(0, len(values), step)]
    return [join(known) if (known := _known(group)) else None for group in groups]


def thinned_labels(labels: Sequence[str]) -> list[str]:
    """Those of the values that `thinned` leaves."""
    return list(labels[:: step_of(len(labels))])


def step_of(count: int) -> int:
    """How many of so many values `thinned` joins into one."""
    return math.ceil(count / MOST_POINTS) or 1


def _look() -> dict[str, Any]:
    return {
        "width": WIDTH,
        "height": HEIGHT,
        "margin": 6,
        "margin_right": 16,
        "style": _STYLE,
        "show_legend": False,
        "js": [],
        "css": [],
        "show_minor_x_labels": False,
        "truncate_label": -1,
    }


def _line(values: Sequence[Value], labels: Sequence[str], scale: Scale, look: dict[str, Any]) -> Any:
    is_alone = len(_known(values)) == 1
    chart = pygal.Line(allow_interruptions=True, show_dots=is_alone, **look)
    return _filled(chart, values, labels, scale)


def _filled(chart: Any, values: Sequence[Value], labels: Sequence[str], scale: Scale) -> Any:
    chart.range = (0, scale[-1][0])
    chart.y_labels = [{"value": tick, "label": label} for tick, label in scale]
    # pygal knows labels by what they say, and several LIVEs of one day have the same words.
    named = [label + _UNSEEN * number for number, label in enumerate(labels)]
    chart.x_labels = named
    step = math.ceil(len(named) / MOST_LABELS) or 1
    chart.x_labels_major = [
        named[at] for at in range(0, len(named), step) if not at or labels[at] != labels[at - step]
    ]  # a day is said once
    chart.add("", list(values))
    return chart


def _known(values: Sequence[Value]) -> list[float]:
    return [value for value in values if value is not None]


def _scale(values: Sequence[Value], number: Said) -> Scale:
    return tuple((tick, number(tick)) for tick in _ticks(max(_known(values), default=0)))


def _ticks(top: float) -> list[int]:
    """Round whole numbers from nothing to at least `top`."""
    rough = max(top, 1) / _TICKS
    size = 10 ** math.floor(math.log10(rough)) if rough >= 1 else 1
    step = next(int(size * times) for times in (1, 2, 5, 10) if size * times >= rough)
    return list(range(0, step * math.ceil(max(top, 1) / step) + 1, step))


def _plain(chart: Any, spoken: str, kind: str = "chart") -> Markup:
    clean = _cleaned(chart.render_tree())
    for plot in (group for group in clean.iter("g") if group.get("class") == "plot"):
        ground = float(plot[0].get("height", "0")) * _GROUND
        for series in (group for group in plot if group.get("class") == "series"):
            below = [_area(path, ground) for path in series if path.get("class") == "line"]
            series[:0] = [ET.Element("path", {"class": "fill", "d": area}) for area in below]
    return _told(clean, spoken, kind)


def _area(path: ET.Element, ground: float) -> str:
    """What lies below a line."""
    points = path.get("d", "").replace("M", " ").replace("L", " ").split()
    return f"M{points[0]} {ground:.1f} L{' '.join(points)} {points[-2]} {ground:.1f}Z"


def _told(clean: ET.Element, spoken: str, kind: str = "chart") -> Markup:
    clean.set("class", kind)
    if spoken:
        clean.set("role", "img")
        clean.set("aria-label", spoken)
    else:
        clean.set("aria-hidden", "true")
    return Markup(ET.tostring(clean, encoding="unicode").replace(_UNSEEN, ""))  # noqa: S704  attributes and texts are escaped


def _cleaned(element: ET.Element) -> ET.Element:
    """Without pygal's style sheet, script, tooltips and inline styles, which our policy refuses."""
    clean = ET.Element(_name(element), {key: _short(value) for key, value in element.items() if key in _KEPT})
    clean.set("class", " ".join(part for part in clean.get("class", "").split() if part not in _NOT_OURS))
    if not clean.get("class"):
        del clean.attrib["class"]
    clean.text = (element.text or "").strip() or None
    clean.extend(_cleaned(child) for child in _shown(element))
    return clean


def _short(value: str) -> str:
    """Six decimals of a pixel are five too many."""
    return _LONG.sub(lambda found: found[0][: found[0].index(".") + 2].removesuffix(".0"), value)


def _shown(element: ET.Element) -> Iterator[ET.Element]:
    for child in element:
        if callable(child.tag) or _name(child) in _LEFT_OUT:  # a comment's tag is a function
            continue
        if not _EMPTY_PARTS & set((child.get("class") or "").split()):
            yield child


def _name(element: ET.Element) -> str:
    return element.tag.rpartition("}")[2]
