"""Twenty minutes of half the rooms: whether memory stays, and nothing is lost or told twice on the way.

The same processes as `cluster`. The first five minutes fill what is bounded (rings, windows of seen
messages, caches of voices and gifts); what is asked is whether anything grows after them.
"""

from statistics import mean, median

from ttboost.bench import Row
from ttboost.bench.processes import Load
from ttboost.bench.topology import WORKERS, Window, engines, hear

ROOMS = 500
MINUTES = 20
FILLING = 5  # minutes
REACH_GROWTH = 1.05


def run() -> list[Row]:
    windows = hear(engines(), ROOMS, Load(warm_up=12.0, windows=MINUTES, seconds=60.0)).windows
    return [
        _memory("both workers", [one.live.bytes for one in windows]),
        _memory("web", [one.web.bytes for one in windows]),
        _latency(windows),
        _count("lost", windows),
        _count("doubled", windows),
    ]


def _memory(whose: str, each: list[int]) -> Row:
    """`each`: resident bytes at the end of each minute."""
    begin, end = mean(each[FILLING : 2 * FILLING]), mean(each[-FILLING:])
    steps = ", ".join(f"{size / 1e6:,.0f}" for size in each[FILLING - 1 :: FILLING])
    return Row(
        f"{ROOMS} rooms, memory of {whose}: end to begin",
        end / begin,
        "times",
        f"<= {REACH_GROWTH}",
        is_reached=end <= begin * REACH_GROWTH,
        baseline=f"last {FILLING} minutes to minutes {FILLING + 1} to {2 * FILLING}; "
        f"MB every {FILLING} minutes: {steps}",
    )


def _latency(windows: list[Window]) -> Row:
    p99 = [one.phones["p99"] * 1000 for one in windows]
    return Row(
        f"{ROOMS} rooms over {WORKERS}: frame to player socket, p99",
        median(p99),
        "ms",
        baseline=f"minutes {min(p99):.3g} to {max(p99):.3g} ms; "
        f"cores of both workers {windows[0].live.cpu:.2f} at first, {windows[-1].live.cpu:.2f} at last",
    )


def _count(what: str, windows: list[Window]) -> Row:
    """Of the marked comments that players were to be told."""
    count = sum(one.phones[what] for one in windows)
    heard = sum(one.phones["heard"] for one in windows)
    return Row(f"{what} on the way", count, "", "0", is_reached=count == 0, baseline=f"{heard:,} heard")
