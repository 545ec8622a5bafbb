"""What became of each event."""

from typing import Annotated, Any

from aiohttp import web
from msgspec import Meta, Struct

from core import errors, history
from webapp.api import Calls
from webapp.fields import Moment
from webapp.keys import SERVICES
from webapp.requests import caller

calls = Calls("History")


class HistoryQuery(Struct, frozen=True):
    since: Annotated[
        str, Meta(max_length=64, description="A time, or the `id` of the last event already known")
    ] = ""
    limit: Annotated[int, Meta(ge=1, le=500)] = 100


class HistoryEvent(Struct, frozen=True):
    """More keys say what the event was, which triggers fired or were refused by what, and what was spoken."""

    id: str
    seq: int
    at: Moment
    type: str
    live_id: int | None
    played_at: Moment | None
    user: dict[str, Any] | None = None
    fired: list[dict[str, Any]] = []
    refused: list[dict[str, Any]] = []
    speech: dict[str, Any] | None = None
    sent: bool = False
    heard_by: list[str] = []
    dropped: str | None = None
    unseen: bool = False  # an alert fired, and no player or overlay was there


class HistoryPage(Struct, frozen=True):
    events: list[HistoryEvent]


@calls.get(
    "/history",
    "Events, oldest first; without `since` the latest ones",
    query=HistoryQuery,
    answer=HistoryPage,
    refusals=(errors.Invalid,),
)
async def list_history(request: web.Request, query: HistoryQuery) -> dict[str, Any]:
    async with request.app[SERVICES].db.read() as uow:
        user_id = caller(request).user_id
        return {"events": await history.list_events(uow, user_id, query.since, query.limit)}


@calls.get(
    "/history/{id}", "One event by its `id` on the socket", answer=HistoryEvent, refusals=(errors.NotFound,)
)
async def show_event(request: web.Request) -> dict[str, Any]:
    async with request.app[SERVICES].db.read() as uow:
        return await history.get_event(uow, caller(request).user_id, request.match_info["id"])
