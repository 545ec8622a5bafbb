"""What the first page of the Mini App shows of a streamer: what sounds now, and what their LIVE brings."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from msgspec import Struct

from core import history, stats
from core.glance import Backlog, Glance, Running
from core.listener import Place
from core.stats import Minute
from storage.db import UnitOfWork
from storage.models import Live

TOLD = 40  # lines of what happened


class Figures(Struct, frozen=True, kw_only=True):
    """Of one LIVE: the one that runs, else the last."""

    started_at: datetime
    ended_at: datetime | None
    viewers: int  # now; of one that is over the most there were
    diamonds: int
    gifts: int
    likes: int
    follows: int
    minutes: Sequence[Minute]


class FrontPage(Struct, frozen=True):
    backlog: Backlog
    places: tuple[Place, ...]  # what is connected that can play
    figures: Figures | None  # None: there never was a LIVE
    told: list[dict[str, Any]]  # `core.history`, oldest first


async def look(uow: UnitOfWork, user_id: int, glance: Glance | None) -> FrontPage:
    """`glance`: of the studio, where one is open."""
    return FrontPage(
        backlog=glance.backlog if glance else Backlog(),
        places=glance.places if glance else (),
        figures=await _figures(uow, user_id, glance.running if glance else None),
        told=await history.list_told(uow, user_id, TOLD),
    )


async def _figures(uow: UnitOfWork, user_id: int, running: Running | None) -> Figures | None:
    if running is not None:
        return _of_running(running, await stats.running_minutes(uow, user_id))
    lives = await uow.lives.list_lives(user_id, 1, 0)
    return _of_last(lives[0], await stats.minutes(uow, user_id, lives[0].id)) if lives else None


def _of_running(running: Running, minutes: Sequence[Minute]) -> Figures:
    return Figures(
        started_at=running.started_at,
        ended_at=None,
        viewers=running.viewers,
        diamonds=running.diamonds,
        gifts=running.gifts,
        likes=running.likes,
        follows=running.follows,
        minutes=minutes,
    )


def _of_last(live: Live, minutes: Sequence[Minute]) -> Figures:
    return Figures(
        started_at=live.started_at,
        ended_at=live.ended_at,
        viewers=live.peak_viewers,
        diamonds=live.diamonds,
        gifts=live.gifts,
        likes=max(live.likes, live.likes_total),
        follows=live.follows,
        minutes=minutes,
    )
