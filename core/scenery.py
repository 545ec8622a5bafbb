"""What overlays draw beside the stream: how they are to look, and what this LIVE adds up to.

Totals are told whole, never as what was added: an overlay that was cut off shows the right numbers as soon
as it hears anything, and nothing can be counted twice.
"""

import heapq

from core.channel import Channel
from core.listener import Place
from core.messages import Gifter, LiveTotals, LookNews, encode
from core.overlay_look import STANDARD, Look
from core.tally import Tally

MAX_GIFTERS = 10


class Scenery:
    """One streamer's."""

    def __init__(self, channel: Channel) -> None:
        self._channel = channel
        self._look: Look = STANDARD
        self._told: tuple[object, ...] = ()  # the numbers the overlays know

    def dress(self, look: Look, tally: Tally | None) -> None:
        """Take what was saved; overlays that are open follow at once."""
        if look == self._look:
            return
        self._look = look
        for text in self.welcome(tally):
            self._channel.offer_to(Place.OVERLAY, text)

    def welcome(self, tally: Tally | None) -> list[str]:
        """What an overlay that has just come needs."""
        news = [encode(LookNews(look=self._look))]
        return [*news, encode(totals_of(tally))] if self._look.counts else news

    def tell(self, tally: Tally) -> None:
        """The numbers, where somebody shows them and they are others than before."""
        if not self._look.counts or not self._channel.count(Place.OVERLAY):
            return
        numbers = _numbers(tally)
        if numbers != self._told:
            self._told = numbers
            self._channel.offer_to(Place.OVERLAY, encode(totals_of(tally)))


def totals_of(tally: Tally | None) -> LiveTotals:
    if tally is None:
        return LiveTotals(room_id=None, likes=0, follows=0, diamonds=0, gifters=[])
    room_id, likes, follows, diamonds = _numbers(tally)
    return LiveTotals(
        room_id=room_id, likes=likes, follows=follows, diamonds=diamonds, gifters=_top_gifters(tally)
    )


def _top_gifters(tally: Tally) -> list[Gifter]:
    """Who gave most; of equal ones who came first."""
    givers = heapq.nlargest(MAX_GIFTERS, tally.givers(), key=lambda giver: giver.diamonds)
    return [
        Gifter(user=one.nickname or one.unique_id, username=one.unique_id, diamonds=one.diamonds)
        for one in givers
        if one.diamonds
    ]


def _numbers(tally: Tally) -> tuple[str, int, int, int]:
    base = tally.base
    return (
        tally.room_id,
        max(tally.likes_total, int(base.get("likes_total", 0))),
        tally.follows + int(base.get("follows", 0)),
        tally.diamonds + int(base.get("diamonds", 0)),
    )
