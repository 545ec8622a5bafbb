"""TikTok's gifts, to choose from when making triggers."""

from typing import Annotated

from aiohttp import web
from msgspec import Meta, Struct

from core import gifts
from webapp.api import Calls
from webapp.keys import SERVICES

calls = Calls("Gifts")


class GiftQuery(Struct, frozen=True):
    q: Annotated[str, Meta(max_length=200, description="Part of the name")] = ""
    limit: Annotated[int, Meta(ge=1, le=1000)] = 100
    offset: Annotated[int, Meta(ge=0, le=1_000_000)] = 0


@calls.get(
    "/gifts/list",
    "Gifts seen so far; one name may have several ids",
    query=GiftQuery,
    answer=gifts.GiftPage,
    short="/gifts",
)
async def list_gifts(request: web.Request, query: GiftQuery) -> gifts.GiftPage:
    async with request.app[SERVICES].db.read() as uow:
        return await gifts.list_page(uow, text=query.q, limit=query.limit, offset=query.offset)
