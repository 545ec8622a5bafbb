"""What a streamer is told after a LIVE."""

from msgspec import Struct

from core.clock import iso
from core.stats import Donor
from core.tally import Tally
from storage.db import UnitOfWork

TOP_GIFTERS = 5


class Ended(Struct, frozen=True):
    """A LIVE that is over, or was switched off."""

    tally: Tally
    due_at: float  # monotonic: told then, unless it goes on before
    missed: int
    dropped: int


class Report(Struct, frozen=True, kw_only=True):
    tiktok_username: str
    room_id: str
    live_id: int
    started_at: str
    ended_at: str
    seconds: int
    peak_viewers: int
    messages: int
    gifts: int
    diamonds: int
    likes: int
    follows: int
    shares: int
    subscribes: int
    top_gifters: list[Donor]
    deaf_seconds: int  # the LIVE ran and we were not connected
    missed: int  # messages whose audio nothing was there to play
    dropped: int  # messages whose audio gave way, because too much was waiting


async def make(uow: UnitOfWork, ended: Ended) -> Report | None:
    """None: its totals are not written yet."""
    tally = ended.tally
    if tally.live_id is None or tally.is_dirty:
        return None
    live = await uow.lives.get(tally.live_id)
    if live is None or live.ended_at is None:
        return None
    gifters = await uow.lives.top_gifters(live.id, TOP_GIFTERS)
    return Report(
        tiktok_username=live.unique_id,
        room_id=live.room_id,
        live_id=live.id,
        started_at=iso(live.started_at),
        ended_at=iso(live.ended_at),
        seconds=round((live.ended_at - live.started_at).total_seconds()),
        top_gifters=[
            Donor(one.nickname or one.unique_id, one.unique_id, one.diamonds, one.gifts) for one in gifters
        ],
        deaf_seconds=round(live.deaf_seconds),
        missed=ended.missed,
        dropped=ended.dropped,
        **{name: getattr(live, name) for name in _COPIED},
    )


_COPIED = (
    "peak_viewers",
    "messages",
    "gifts",
    "diamonds",
    "likes",
    "follows",
    "shares",
    "subscribes",
)
