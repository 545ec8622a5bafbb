"""The studios of one process, counted: for metrics, so it must stay quick with thousands of them."""

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field

from core.listener import Place
from core.live.source import LiveState
from core.studio import Studio


@dataclass(slots=True)
class Census:
    lives: Counter[LiveState] = field(default_factory=Counter)
    sockets: Counter[Place] = field(default_factory=Counter)
    behind: int = 0  # messages that wait for sockets to take them
    backlog_sum: float = 0.0  # seconds of audio still to be played, all together
    backlog_max: float = 0.0


def take(studios: Iterable[Studio], now: float) -> Census:
    """`now`: monotonic seconds."""
    census = Census()
    for studio in studios:
        census.lives[studio.state] += 1
        for listener in studio.channel.everybody:
            census.sockets[listener.place] += 1
            census.behind += listener.behind
        seconds = studio.queue.seconds(now)
        census.backlog_sum += seconds
        census.backlog_max = max(census.backlog_max, seconds)
    return census
