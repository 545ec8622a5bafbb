"""The demo's past: made-up LIVEs of the last weeks, so that statistics have something to show."""

import random
from datetime import timedelta
from typing import Any

from core.services import Services
from core.tally import MinuteTally, Tally, ViewerTally, minute_of
from ttboost.demo.people import regulars

_SEED = 20260101
_LIVES = ((27, 74), (24, 96), (20, 58), (17, 121), (13, 87), (9, 104), (6, 69), (4, 132), (2, 91), (1, 48))
"""How many days ago, how many minutes."""

_GIFTS = (1, 1, 5, 5, 20, 30, 99, 699)


async def add(services: Services, user_id: int, name: str) -> None:
    dice = random.Random(_SEED)
    evening = services.clock.now().replace(hour=19, minute=0, second=0, microsecond=0)
    lives = [
        _live(dice, Tally(user_id, name, f"demo-{days}", evening - timedelta(days=days)), minutes)
        for days, minutes in _LIVES
    ]
    async with services.db.begin() as uow:
        await uow.journal.save_lives(lives)
        await uow.journal.add_viewers([(live, live.viewers) for live in lives])
        await uow.journal.add_minutes([(live, live.minutes) for live in lives])


def _live(dice: random.Random, tally: Tally, minutes: int) -> Tally:
    first, crowd, mood = minute_of(tally.started_at), dice.randint(60, 140), 0.0
    for number in range(minutes):
        mood = 0.8 * mood + dice.uniform(-0.12, 0.14)
        share = min(1.0, number / 18) * (1.0 + mood)
        tally.minutes[first + number] = _minute(dice, max(9, int(crowd * share)))
    for one in tally.minutes.values():
        _add(tally, one)
    tally.ended_at = tally.started_at + timedelta(minutes=minutes)
    tally.likes_total, tally.joins = tally.likes + dice.randint(200, 900), crowd * 6
    tally.shares, tally.subscribes = dice.randint(2, 14), dice.randint(0, 2)
    _share_out(dice, tally)
    return tally


def _minute(dice: random.Random, viewers: int) -> MinuteTally:
    given = dice.choices(_GIFTS, weights=(40, 30, 12, 9, 5, 3, 1, 0.3), k=dice.choice((0, 0, 1, 1, 2, 4)))
    return MinuteTally(
        viewers=viewers,
        messages=int(viewers * dice.uniform(0.04, 0.3)),
        gifts=len(given),
        diamonds=sum(given),
        likes=int(viewers * dice.uniform(0.2, 2.5)),
        follows=dice.choice((0, 0, 0, 0, 1, 1, 2)),
    )


def _add(tally: Tally, one: MinuteTally) -> None:
    tally.peak_viewers = max(tally.peak_viewers, one.viewers)
    for name in ("messages", "gifts", "diamonds", "likes", "follows"):
        setattr(tally, name, getattr(tally, name) + getattr(one, name))


def _share_out(dice: random.Random, tally: Tally) -> None:
    """Who gave it: a few of the regulars, the first of them the most."""
    left: dict[str, Any] = {"gifts": tally.gifts, "diamonds": tally.diamonds}
    for viewer in dice.sample(regulars(), 12):
        part = {name: int(amount * 0.35) for name, amount in left.items()}
        left = {name: left[name] - part[name] for name in left}
        tally.viewers[viewer.user_id] = ViewerTally(viewer.unique_id, viewer.nickname, **part)
