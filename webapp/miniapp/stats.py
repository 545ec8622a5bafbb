"""Statistics: what LIVEs brought, over time and each by itself."""

import asyncio
from collections.abc import Callable, Sequence
from datetime import datetime, timedelta
from typing import Annotated, Any, Literal

from markupsafe import Markup
from msgspec import Meta, Struct

from core import stats
from core.stats import Minute, Session
from webapp.miniapp import charts
from webapp.miniapp.views import Scene, Views
from webapp.miniapp.wording import catalogue
from webapp.routes.admin.asking import id_of

views = Views("stats")

LISTED = 20
GIFTERS = 10
MOST_MINUTES = 24 * 60
CHARTED = 30  # the newest LIVEs of a period
FIGURES = ("diamonds", "gifts", "follows", "likes_total", "messages", "viewers")
_OVER_TIME = (
    ("diamonds", charts.bars),
    ("peak_viewers", charts.line),
    ("follows", charts.bars),
    ("likes_total", charts.bars),
)
_BY_MINUTE = (("viewers", max), ("diamonds", sum), ("messages", sum), ("likes", sum))


class PeriodQuery(Struct, frozen=True):
    period: Literal["week", "month", "all"] = "week"
    offset: Annotated[int, Meta(ge=0, le=1_000_000)] = 0


@views("/stats", "stats.html", query=PeriodQuery)
async def show_stats(scene: Scene, query: PeriodQuery) -> dict[str, Any]:
    services, user_id, period = scene.services, scene.user_id, query.period
    async with services.db.read() as uow:
        change = await stats.change(uow, user_id, period, services.clock)
        newest = (await stats.sessions_of(uow, user_id, period, CHARTED, services.clock)).sessions
        lives = newest[:LISTED]
        if query.offset:
            page = await stats.sessions_of(uow, user_id, period, LISTED, services.clock, query.offset)
            lives = page.sessions
        ever = newest or (await stats.list_sessions(uow, user_id, 1, 0)).sessions
        gifters = await stats.top_donors(uow, user_id, period, GIFTERS, services.clock)
    running = await running_room(scene)
    return {
        "period": period,
        "change": change,
        "figures": FIGURES,
        "lives": lives,
        "total": change.now.sessions,
        "limit": LISTED,
        "offset": query.offset,
        "ever": bool(ever),
        "gifters": gifters,
        "most": max((one.diamonds for one in newest), default=0) or 1,
        "running": running,
        "charts": await _over_time(scene, newest[::-1]),
        "moment": datetime.fromisoformat,
        "lasting": _lasting,
    }


@views("/stats/{live_id}", "live_stats.html")
async def show_live(scene: Scene) -> dict[str, Any]:
    live_id = id_of(scene.request, "live_id")
    async with scene.services.db.read() as uow:
        found = await stats.detail(uow, scene.user_id, live_id)
    is_running = found.live.ended_at is None and found.live.room_id == await running_room(scene)
    return {
        "live": found.live,
        "best": found.best,
        "gifters": found.gifters,
        "is_running": is_running,
        "seconds": _seconds(scene, found.live, found.minutes, is_running=is_running),
        "charts": await _by_minute(scene, found.live, found.minutes),
        "step": charts.step_of(len(_dense(found.live, found.minutes))),
        "moment": datetime.fromisoformat,
        "lasting": _lasting,
    }


async def running_room(scene: Scene) -> str | None:
    """The room of the LIVE that is heard now."""
    return (await scene.services.studios.status(scene.user_id)).room_id


async def _over_time(scene: Scene, lives: Sequence[Session]) -> list[tuple[str, Markup]]:
    """One value a LIVE, oldest first."""
    if len(lives) < 2:
        return []
    labels = [scene.say.short_day(datetime.fromisoformat(live.started_at)) for live in lives]
    drawn = []
    for name, draw in _OVER_TIME:
        values = [getattr(live, name) for live in lives]
        drawn.append((name, draw(values, labels, _spoken(scene, name, values, labels), scene.say.number)))
        await asyncio.sleep(0)  # a gift that comes meanwhile waits for one chart, not for four
    return drawn


async def _by_minute(scene: Scene, live: Session, heard: Sequence[Minute]) -> list[tuple[str, Markup]]:
    if len(heard) < 2:
        return []
    minutes = _dense(live, heard)
    labels = [scene.say.hour(at) for at, _ in minutes]
    drawn = []
    for name, join in _BY_MINUTE:
        values = [getattr(one, name) if one else None for _, one in minutes]
        spoken = _spoken(scene, name, [value or 0 for value in values], labels)
        drawn.append((name, _drawn(scene, name, values, labels, join, spoken)))
        await asyncio.sleep(0)
    return drawn


def _drawn(
    scene: Scene,
    name: str,
    values: Sequence[int | None],
    labels: Sequence[str],
    join: Callable[[Sequence[float]], float],
    spoken: str,
) -> Markup:
    thin, names, number = charts.thinned(values, join), charts.thinned_labels(labels), scene.say.number
    if name == "viewers":  # nobody knows how many watched while nothing was heard
        return charts.line([value or None for value in thin], names, spoken, number)
    return charts.bars([value or 0 for value in thin], names, spoken, number)


def _dense(live: Session, heard: Sequence[Minute]) -> list[tuple[datetime, Minute | None]]:
    """Every minute of its last day, also those in which nothing was heard."""
    if not heard:
        return []
    known = {one.minute: one for one in heard}
    first = datetime.fromisoformat(live.started_at).replace(second=0, microsecond=0)
    end = heard[-1].minute + 1
    numbers = range(max(heard[0].minute, end - MOST_MINUTES), end)
    return [(first + timedelta(minutes=number), known.get(number)) for number in numbers]


def _spoken(scene: Scene, name: str, values: Sequence[float], labels: Sequence[str]) -> str:
    words, top = catalogue(scene.say.language, "stats"), max(values)
    most = {"value": scene.say.number(top), "when": labels[values.index(top)]}
    return f"{words['charts'][name]}. {scene.say.fill(words['most'], **most)}"


def _seconds(scene: Scene, live: Session, heard: Sequence[Minute], *, is_running: bool) -> float | None:
    """None: nobody knows."""
    began = datetime.fromisoformat(live.started_at)
    if live.ended_at is not None:
        return (datetime.fromisoformat(live.ended_at) - began).total_seconds()
    if is_running:
        return (scene.services.clock.now() - began).total_seconds()
    return (heard[-1].minute + 1) * 60.0 if heard else None


def _lasting(began: str, ended: str | None) -> float | None:
    if ended is None:
        return None
    return (datetime.fromisoformat(ended) - datetime.fromisoformat(began)).total_seconds()
