"""What happens on which event."""

from typing import Annotated, Literal

from aiohttp import web
from msgspec import Meta, Struct

from core import errors, plans
from core.live.events import EventType, Fact, Role, Viewer
from core.triggers import service
from core.triggers.intake import TriggerBody
from core.triggers.views import TriggerView
from core.triggers.webhooks import shown_key
from webapp.api import Calls
from webapp.fields import Done
from webapp.keys import SERVICES
from webapp.requests import caller

calls = Calls("Triggers")

RATE = "triggers"
Text = Annotated[str, Meta(max_length=500)]
Number = Annotated[int, Meta(ge=0, le=1_000_000_000)]
RoleName = Literal["follower", "friend", "subscriber", "moderator", "top_gifter"]


class Saved(Struct, frozen=True):
    trigger: TriggerView
    status: str = "ok"


class TriggerList(Struct, frozen=True):
    triggers: list[TriggerView]


class Chosen(Struct, frozen=True):
    id: int


class WebhookSecret(Struct, frozen=True):
    secret: str  # `whsec_…`, as Standard Webhooks spells it


class MadeUpEvent(Struct, frozen=True):
    """An event to try everything on. What does not belong to its type is not looked at."""

    type: EventType
    user: Text = "Anna"
    username: Text = "test_viewer"
    roles: list[RoleName] = []
    gifter_level: Number = 0
    message: Text = "Hello!"
    gift_name: Text = "Rose"
    gift_id: Number = 0
    diamonds: Number = 1
    count: Annotated[int, Meta(ge=1, le=1_000_000)] = 1
    total: Number = 100


class Trial(Struct, frozen=True):
    """Either one trigger by its `id`, whatever its conditions, or an event for all of them."""

    id: int | None = None
    event: MadeUpEvent | None = None


@calls.post(
    "/triggers/set",
    "Add or change a trigger",
    body=TriggerBody,
    answer=Saved,
    rate=RATE,
    refusals=(errors.PlanLimit, errors.SoundNotFound, errors.NotFound),
)
async def save_trigger(request: web.Request, body: TriggerBody) -> Saved:
    services, who = request.app[SERVICES], caller(request)
    plan = plans.limits_of(services.config, who.access.license.plan)
    async with services.db.begin() as uow:
        trigger = await service.save(uow, who.user_id, body, plan, services.clock, services.trigger_checks)
    await services.studios.reload(who.user_id)
    return Saved(service.to_api(trigger))


@calls.get("/triggers/list", "All triggers, in the order they are tried", answer=TriggerList, rate=RATE)
async def list_triggers(request: web.Request) -> TriggerList:
    async with request.app[SERVICES].db.read() as uow:
        found = await service.list_all(uow, caller(request).user_id)
    return TriggerList([service.to_api(trigger) for trigger in found])


@calls.post(
    "/triggers/delete", "Delete a trigger", body=Chosen, answer=Done, rate=RATE, refusals=(errors.NotFound,)
)
async def delete_trigger(request: web.Request, body: Chosen) -> Done:
    services, user_id = request.app[SERVICES], caller(request).user_id
    async with services.db.begin() as uow:
        await service.delete(uow, user_id, body.id, services.clock)
    await services.studios.reload(user_id)
    return Done()


@calls.post(
    "/triggers/test",
    "Let a trigger fire, or a made-up event go through all of them; marked `test`, it changes nothing",
    body=Trial,
    answer=Done,
    rate=RATE,
    refusals=(errors.NotFound,),
)
async def test_trigger(request: web.Request, body: Trial) -> Done:
    trial = _fact(body.event) if body.event else body.id
    if trial is None or (body.id and body.event):
        raise errors.Invalid("send either id or event", field="id")
    await request.app[SERVICES].studios.test(caller(request).user_id, trial)
    return Done()


@calls.get("/webhooks/secret", "What receivers of your webhooks check signatures with", answer=WebhookSecret)
async def show_webhook_secret(request: web.Request) -> WebhookSecret:
    key = request.app[SERVICES].secrets.webhook_key
    return WebhookSecret(shown_key(key, caller(request).user_id))


def _fact(event: MadeUpEvent) -> Fact:
    roles = sum(Role[name.upper()] for name in event.roles)
    viewer = Viewer(0, event.username.removeprefix("@"), event.user, roles, event.gifter_level)
    match event.type:
        case EventType.CHAT:
            return Fact(event.type, viewer, is_first=True, text=event.message, test=True)
        case EventType.GIFT:
            return Fact(
                event.type,
                viewer,
                is_first=True,
                gift_id=event.gift_id,
                gift_name=event.gift_name,
                diamonds=event.diamonds,
                count=event.count,
                total_diamonds=event.count * event.diamonds,
                added=event.count,
                test=True,
            )
        case EventType.LIKE:
            before = max(0, event.total - event.count)
            return Fact(event.type, viewer, count=event.count, before=before, total=event.total, test=True)
        case EventType.VIEWER_COUNT:
            return Fact(event.type, before=max(0, event.total - 1), total=event.total, test=True)
        case _:
            return Fact(event.type, viewer, is_first=True, test=True)
