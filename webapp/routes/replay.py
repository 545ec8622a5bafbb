"""What happened, once more."""

from aiohttp import web
from msgspec import Struct

from core import errors, happened
from webapp.api import Calls
from webapp.keys import SERVICES
from webapp.requests import caller

calls = Calls("History")


class Replayed(Struct, frozen=True):
    heard_by: list[str]  # the places that play it: none where nothing is connected that plays


@calls.post(
    "/history/{id}/replay",
    "Let the same happen again, marked `test`; no cooldown, counter or statistic sees it",
    answer=Replayed,
    rate="triggers",
    refusals=(errors.NotFound,),
)
async def replay_event(request: web.Request) -> Replayed:
    services, user_id = request.app[SERVICES], caller(request).user_id
    async with services.db.read() as uow:
        event = await happened.require(uow, user_id, request.match_info["id"])
    return Replayed([place.value for place in await services.studios.test(user_id, happened.again(event))])
