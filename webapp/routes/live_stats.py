"""What the caller's LIVEs brought, in detail and as files."""

from collections.abc import Iterator, Sequence
from datetime import datetime
from typing import Annotated, Any, Literal

from aiohttp import web
from msgspec import Meta, Struct

from core import errors, stats
from core.stats import Donor, Session
from webapp.api import Calls
from webapp.keys import SERVICES
from webapp.miniapp.wording import catalogue, zone_of
from webapp.requests import caller
from webapp.routes.admin.asking import id_of
from webapp.tables import sheet_answer

calls = Calls("Statistics")

MOST_ROWS = 5_000
_TIMES = ("started_at", "ended_at")
_LIVE = (
    "tiktok_username", "peak_viewers", "messages", "gifts", "diamonds", "likes_total", "follows", "shares",
    "subscribes", "joins",
)  # fmt: skip
_GIFTER = ("user", "username", "diamonds", "gifts")


class Minutes(Struct, frozen=True):
    minutes: list[stats.Minute]


class ExportQuery(Struct, frozen=True):
    what: Literal["lives", "gifters"] = "lives"
    period: stats.Period = "all"
    zone: Annotated[str, Meta(max_length=64, description="Of the times, such as `Europe/Madrid`")] = ""


@calls.get(
    "/stats/sessions/{id}/minutes",
    "One LIVE minute by minute",
    answer=Minutes,
    refusals=(errors.NotFound,),
)
async def list_minutes(request: web.Request) -> Minutes:
    live_id = id_of(request, "id")
    async with request.app[SERVICES].db.read() as uow:
        return Minutes(await stats.minutes(uow, caller(request).user_id, live_id))


@calls.get(
    "/stats/export.csv",
    "LIVEs, or who gave most, as a table for a spreadsheet: heads, times and separator are those of the "
    "account's language",
    query=ExportQuery,
    media="text/csv",
)
async def export(request: web.Request, query: ExportQuery) -> web.Response:
    services, user_id = request.app[SERVICES], caller(request).user_id
    language = (await services.accounts.settings(user_id)).language
    async with services.db.read() as uow:
        if query.what == "gifters":
            donors = await stats.top_donors(uow, user_id, query.period, MOST_ROWS, services.clock)
            table = _gifters(donors)
        else:
            page = await stats.sessions_of(uow, user_id, query.period, MOST_ROWS, services.clock)
            table = _lives(page.sessions, query.zone)
    heads = catalogue(language, "stats")["columns"]
    columns, *rows = table
    return sheet_answer(f"ttboost-{query.what}", [heads[name] for name in columns], rows, language)


def _gifters(donors: Sequence[Donor]) -> Iterator[Sequence[Any]]:
    yield _GIFTER
    for donor in donors:
        yield [getattr(donor, name) for name in _GIFTER]


def _lives(lives: Sequence[Session], zone: str) -> Iterator[Sequence[Any]]:
    yield (*_TIMES, *_LIVE)
    for live in lives:
        times = [_local(getattr(live, name), zone) for name in _TIMES]
        yield [*times, *(getattr(live, name) for name in _LIVE)]


def _local(moment: str | None, zone: str) -> str:
    """As spreadsheets know a time."""
    return f"{datetime.fromisoformat(moment).astimezone(zone_of(zone)):%Y-%m-%d %H:%M}" if moment else ""
