"""What the caller's own LIVEs added up to."""

from typing import Annotated

from aiohttp import web
from msgspec import Meta, Struct

from core import stats
from webapp.api import Calls
from webapp.fields import Page
from webapp.keys import SERVICES
from webapp.requests import caller

calls = Calls("Statistics")


class DonorQuery(Struct, frozen=True):
    period: stats.Period = "all"
    limit: Annotated[int, Meta(ge=1, le=100)] = 10


class Donors(Struct, frozen=True):
    period: stats.Period
    donors: list[stats.Donor]


@calls.get("/stats/overview", "Totals over all LIVEs", answer=stats.Overview)
async def show_overview(request: web.Request) -> stats.Overview:
    services = request.app[SERVICES]
    async with services.db.read() as uow:
        return await stats.overview(uow, caller(request).user_id, services.clock)


@calls.get("/stats/top-donors", "Who gave the most diamonds", query=DonorQuery, answer=Donors)
async def list_top_donors(request: web.Request, query: DonorQuery) -> Donors:
    services, user_id = request.app[SERVICES], caller(request).user_id
    async with services.db.read() as uow:
        found = await stats.top_donors(uow, user_id, query.period, query.limit, services.clock)
    return Donors(query.period, found)


@calls.get("/stats/sessions", "LIVEs with their totals, newest first", query=Page, answer=stats.SessionPage)
async def list_sessions(request: web.Request, query: Page) -> stats.SessionPage:
    async with request.app[SERVICES].db.read() as uow:
        return await stats.list_sessions(uow, caller(request).user_id, query.limit, query.offset)
