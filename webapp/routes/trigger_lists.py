"""Triggers as a whole: their order, sets of them, and files to keep or carry elsewhere."""

from typing import Annotated, Any, Literal

from aiohttp import web
from msgspec import Meta, Struct

from core import errors, plans
from core.config import Plan
from core.triggers import arranging, bulk, portable, service, sets
from core.triggers.bulk import Added
from webapp.api import Calls
from webapp.fields import Done
from webapp.keys import SERVICES
from webapp.requests import caller

calls = Calls("Triggers")

RATE = "triggers"
Ids = Annotated[list[int], Meta(max_length=portable.MAX_TRIGGERS)]
SetName = Literal["gifts", "chat", "followers", "likes"]


class Chosen(Struct, frozen=True):
    ids: Ids


class SetChosen(Struct, frozen=True):
    set: SetName


class SetAdded(Struct, frozen=True):
    """`settings`: what was changed, as it was before."""

    ids: list[int]
    skipped: int
    settings: dict[str, Any]


class FileText(Struct, frozen=True):
    text: Annotated[str, Meta(max_length=400_000)]


@calls.post(
    "/triggers/order",
    "Have the triggers tried in this order, which names each once; their priorities follow from it",
    body=Chosen,
    answer=Done,
    rate=RATE,
    refusals=(errors.Invalid, errors.Conflict),
)
async def order_triggers(request: web.Request, body: Chosen) -> Done:
    services, user_id = request.app[SERVICES], caller(request).user_id
    async with services.db.begin() as uow:
        await arranging.arrange(uow, user_id, body.ids, services.clock)
    await services.studios.reload(user_id)
    return Done()


@calls.post(
    "/triggers/remove",
    "Delete several triggers",
    body=Chosen,
    answer=Done,
    rate=RATE,
    refusals=(errors.NotFound,),
)
async def remove_triggers(request: web.Request, body: Chosen) -> Done:
    services, user_id = request.app[SERVICES], caller(request).user_id
    async with services.db.begin() as uow:
        await bulk.remove_all(uow, user_id, body.ids, services.clock)
    await services.studios.reload(user_id)
    return Done()


@calls.post(
    "/triggers/sets",
    "Add a ready-made set of triggers and settings; what is there already is left out",
    body=SetChosen,
    answer=SetAdded,
    rate=RATE,
    refusals=(errors.PlanLimit,),
)
async def add_set(request: web.Request, body: SetChosen) -> SetAdded:
    services, user_id = request.app[SERVICES], caller(request).user_id
    settings = await services.accounts.settings(user_id)
    wanted = sets.SETS[body.set].settings
    before = {
        name: getattr(settings, name) for name, value in wanted.items() if value != getattr(settings, name)
    }
    async with services.db.begin() as uow:
        added = await bulk.add_all(
            uow,
            user_id,
            sets.bodies(body.set, settings.language),
            _plan(request),
            services.clock,
            services.trigger_checks,
            bulk.occasion,
        )
    if before:
        await services.accounts.update_settings(user_id, {name: wanted[name] for name in before})
    await services.studios.reload(user_id)
    return SetAdded(added.ids, added.skipped, before)


@calls.get("/triggers/export", "All triggers as a file", media="application/json", rate=RATE)
async def export_triggers(request: web.Request) -> web.Response:
    async with request.app[SERVICES].db.read() as uow:
        found = await service.list_all(uow, caller(request).user_id)
    headers = {"Content-Disposition": 'attachment; filename="ttboost-triggers.json"'}
    return web.Response(text=portable.written(found), content_type="application/json", headers=headers)


@calls.post(
    "/triggers/import",
    "Add the triggers of such a file: all that are not there yet, or none",
    body=FileText,
    answer=Added,
    rate=RATE,
    refusals=(errors.Invalid, errors.PlanLimit, errors.SoundNotFound),
)
async def import_triggers(request: web.Request, body: FileText) -> Added:
    services, user_id = request.app[SERVICES], caller(request).user_id
    bodies = portable.read(body.text)
    try:
        async with services.db.begin() as uow:
            added = await bulk.add_all(
                uow, user_id, bodies, _plan(request), services.clock, services.trigger_checks
            )
    except (errors.Invalid, errors.SoundNotFound) as error:
        raise portable.at_line(error, body.text) from error
    await services.studios.reload(user_id)
    return added


def _plan(request: web.Request) -> Plan:
    return plans.limits_of(request.app[SERVICES].config, caller(request).access.license.plan)
