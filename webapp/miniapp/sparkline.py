"""A small line of how something went over a LIVE: two SVG paths, coloured by the page's style."""

from collections.abc import Sequence
from typing import Literal

from msgspec import Struct

from core.stats import Minute

WIDTH, HEIGHT = 120, 34
MOST = 60  # points; a longer LIVE is drawn coarser
_PEN = 2  # kept free above and below, so that no line is cut

Name = Literal["viewers", "diamonds"]


class Sparkline(Struct, frozen=True):
    line: str
    area: str  # the same, closed along the bottom
    highest: int


def over_time(minutes: Sequence[Minute], name: Name) -> Sparkline | None:
    """None where there is nothing to see yet."""
    values = _points(minutes, name)
    highest = max(values, default=0)
    if len(values) < 2 or highest == 0:
        return None
    step, scale = WIDTH / (len(values) - 1), (HEIGHT - 2 * _PEN) / highest
    spots = [f"{place * step:.1f} {HEIGHT - _PEN - value * scale:.1f}" for place, value in enumerate(values)]
    line = "M" + "L".join(spots)
    return Sparkline(line, f"{line}L{WIDTH} {HEIGHT}L0 {HEIGHT}Z", highest)


def _points(minutes: Sequence[Minute], name: Name) -> list[int]:
    """Evenly spaced. A minute that was left out added nothing.

    Its viewers are those before it; so are those of a minute in which nothing was said of them yet.
    """
    if not minutes:
        return []
    first, last = minutes[0].minute, minutes[-1].minute
    width = -(-(last - first + 1) // MOST)
    found: dict[int, int] = {}
    for one in minutes:
        place, value = (one.minute - first) // width, getattr(one, name)
        if name == "diamonds":
            found[place] = found.get(place, 0) + value
        elif value:
            found[place] = max(found.get(place, 0), value)
    values: list[int] = []
    for place in range((last - first) // width + 1):
        quiet = values[-1] if values and name == "viewers" else 0
        values.append(found.get(place, quiet))
    return values
