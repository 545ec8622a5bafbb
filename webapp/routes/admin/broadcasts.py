"""Texts to many."""

from typing import Annotated, Literal

from aiohttp import web
from msgspec import Meta, Struct

from core import errors
from core.broadcasts import MAX_TEXT, BroadcastView, Draft
from webapp.api import Calls
from webapp.keys import SERVICES
from webapp.routes.admin.asking import AdminTable, act, id_of, table_answer

calls = Calls("Admin: broadcasts")

BroadcastStatus = Literal["draft", "running", "paused", "stopped", "done"]
_MOVING = (errors.NotFound, errors.BroadcastState)


class BroadcastBody(Struct, frozen=True):
    texts: Annotated[
        dict[str, Annotated[str, Meta(max_length=MAX_TEXT)]],
        Meta(description="By language: `en`, `ru`, `es`. Whose language has none gets the English one"),
    ]
    audience: Literal["all", "licensed", "expired"] = "all"
    language: Annotated[str, Meta(max_length=8, description="Only those who use this one")] | None = None


class BroadcastsQuery(AdminTable, frozen=True, kw_only=True):
    status: BroadcastStatus | None = None


class BroadcastAnswer(Struct, frozen=True):
    broadcast: BroadcastView


class BroadcastsPage(Struct, frozen=True):
    broadcasts: list[BroadcastView]
    total: int
    limit: int
    offset: int


class DryRunAnswer(Struct, frozen=True):
    """How many would get it now. It was sent to the asking admin alone, where they have a Telegram chat."""

    recipients: int


@calls.get(
    "/admin/broadcasts",
    "Broadcasts, newest first, and how far they are",
    role="support",
    query=BroadcastsQuery,
    answer=BroadcastsPage,
)
async def admin_list_broadcasts(
    request: web.Request, query: BroadcastsQuery
) -> BroadcastsPage | web.StreamResponse:
    async def page(limit: int, offset: int) -> tuple[list[BroadcastView], int]:
        return await request.app[SERVICES].broadcasts.list_page(limit, offset, query.status)

    return await table_answer(
        request, query, "broadcasts", BroadcastView.__struct_fields__, page, BroadcastsPage
    )


@calls.post(
    "/admin/broadcasts",
    "Write a broadcast; nobody gets it before it is started",
    role="admin",
    body=BroadcastBody,
    answer=BroadcastAnswer,
    status=201,
)
async def admin_create_broadcast(request: web.Request, body: BroadcastBody) -> BroadcastAnswer:
    draft = Draft(body.texts, body.audience, body.language)
    return BroadcastAnswer(await request.app[SERVICES].broadcasts.create(draft, act(request)))


@calls.get(
    "/admin/broadcasts/{broadcast_id}",
    "One broadcast, and how far it is",
    role="support",
    answer=BroadcastAnswer,
    refusals=(errors.NotFound,),
)
async def admin_show_broadcast(request: web.Request) -> BroadcastAnswer:
    return BroadcastAnswer(await request.app[SERVICES].broadcasts.get(id_of(request, "broadcast_id")))


@calls.post(
    "/admin/broadcasts/{broadcast_id}/dry-run",
    "Count who would get it, and get it oneself",
    role="admin",
    answer=DryRunAnswer,
    refusals=(errors.NotFound,),
)
async def admin_try_broadcast(request: web.Request) -> DryRunAnswer:
    broadcasts = request.app[SERVICES].broadcasts
    return DryRunAnswer(await broadcasts.dry_run(id_of(request, "broadcast_id"), act(request)))


@calls.post(
    "/admin/broadcasts/{broadcast_id}/start",
    "Send it",
    role="admin",
    answer=BroadcastAnswer,
    refusals=_MOVING,
)
async def admin_start_broadcast(request: web.Request) -> BroadcastAnswer:
    broadcasts = request.app[SERVICES].broadcasts
    return BroadcastAnswer(await broadcasts.start(id_of(request, "broadcast_id"), act(request)))


@calls.post(
    "/admin/broadcasts/{broadcast_id}/pause",
    "Send no more of it for now",
    role="admin",
    answer=BroadcastAnswer,
    refusals=_MOVING,
)
async def admin_pause_broadcast(request: web.Request) -> BroadcastAnswer:
    broadcasts = request.app[SERVICES].broadcasts
    return BroadcastAnswer(await broadcasts.pause(id_of(request, "broadcast_id"), act(request)))


@calls.post(
    "/admin/broadcasts/{broadcast_id}/resume",
    "Go on with it",
    role="admin",
    answer=BroadcastAnswer,
    refusals=_MOVING,
)
async def admin_resume_broadcast(request: web.Request) -> BroadcastAnswer:
    broadcasts = request.app[SERVICES].broadcasts
    return BroadcastAnswer(await broadcasts.resume(id_of(request, "broadcast_id"), act(request)))


@calls.post(
    "/admin/broadcasts/{broadcast_id}/stop",
    "End it for good",
    role="admin",
    answer=BroadcastAnswer,
    refusals=_MOVING,
)
async def admin_stop_broadcast(request: web.Request) -> BroadcastAnswer:
    broadcasts = request.app[SERVICES].broadcasts
    return BroadcastAnswer(await broadcasts.stop(id_of(request, "broadcast_id"), act(request)))
