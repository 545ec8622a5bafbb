"""What happens on which event."""

from typing import Annotated, Literal

from aiohttp import web
from msgspec import Meta, Struct

from core import errors
from core.live.events import EventType, Fact, Role, Viewer
from core.plan_limits import terms_of
from core.triggers import service
from core.triggers.intake import TriggerBody
from core.triggers.model import Trigger
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
    """One of: a trigger by its `id`, whatever its conditions; one not saved yet; an event for all of them."""

    id: int | None = None
    trigger: TriggerBody | None = None
    event: MadeUpEvent | None = None


class Tried(Struct, frozen=True):
    heard_by: list[str]  # the places that play it: none where nothing is connected that plays
    status: str = "ok"


@calls.post(
    "/triggers/set",
    "Add or change a trigger",
    body=TriggerBody,
    answer=Saved,
    rate=RATE,
    short="/triggers",
    refusals=(errors.PlanLimit, errors.SoundNotFound, errors.NotFound, errors.TriggerChanged),
)
async def save_trigger(request: web.Request, body: TriggerBody) -> Saved:
    services, who = request.app[SERVICES], caller(request)
    terms = terms_of(services.config, who.access.license.plan)
    async with services.db.begin() as uow:
        trigger = await service.save(uow, who.user_id, body, terms, services.clock, services.trigger_checks)
    await services.studios.reload(who.user_id)
    return Saved(service.to_api(trigger))


@calls.get(
    "/triggers/list",
    "All triggers, in the order they are tried",
    answer=TriggerList,
    rate=RATE,
    short="/triggers",
)
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
    answer=Tried,
    rate=RATE,
    refusals=(errors.NotFound, errors.SoundNotFound),
)
async def test_trigger(request: web.Request, body: Trial) -> Tried:
    services, user_id = request.app[SERVICES], caller(request).user_id
    trial: int | Trigger | Fact
    match body:
        case Trial(id=int() as trial, trigger=None, event=None):
            pass
        case Trial(id=None, trigger=TriggerBody() as draft, event=None):
            async with services.db.read() as uow:
                trial = await service.draft(uow, user_id, draft, services.trigger_checks)
        case Trial(id=None, trigger=None, event=MadeUpEvent() as event):
            trial = _fact(event)
        case _:
            raise errors.Invalid("send either id, trigger or event", field="id")
    return Tried([place.value for place in await services.studios.test(user_id, trial)])


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
