"""Triggers: the list with what each did today, and the editor that reads as a sentence."""

from datetime import datetime
from typing import Annotated, Any

import msgspec
from msgspec import Meta, Struct

from core import plans
from core.errors import NotFound
from core.history import fired_today
from core.sounds.builtin import BUILTIN
from core.triggers import service, sets
from core.triggers.intake import MAX_NAME
from core.triggers.model import Action, Count, Trigger
from core.triggers.templates import FIELDS
from webapp.miniapp.sentences import Part, parts_of, text_of
from webapp.miniapp.views import Scene, Views
from webapp.miniapp.wording import Words, catalogue
from webapp.requests import media_url

views = Views("triggers")

PAGE = 100
IMAGES = ("heart", "star", "gift", "party", "crown", "fire", "rocket", "wave")
ICONS = {
    Action.PLAY_SOUND: "sound",
    Action.TTS: "voice",
    Action.ALERT: "alert",
    Action.COUNTER: "counter",
    Action.WEBHOOK: "webhook",
}
# Those with a button: what a viewer is called stands there as `user` already, and counters have their own.
INSERTED = tuple(name for name in FIELDS if name not in {"nickname", "counter:NAME"})
SET_ICONS = {"gifts": "gift", "chat": "chat", "followers": "follow", "likes": "heart"}
NEW: dict[str, Any] = {
    "id": None,
    "event_type": "gift",
    "condition_key": None,
    "condition_value": None,
    "action": "play_sound",
    "action_params": {"sound_filename": "bell"},
    "name": "",
    "enabled": True,
    "priority": 0,
    "cooldown_seconds": 0,
    "user_cooldown_seconds": 0,
    "once_per_stream": False,
    "conditions": [],
    "when": "start",
    "stop": False,
    "version": None,
}


class ListQuery(Struct, frozen=True):
    q: Annotated[str, Meta(max_length=200)] = ""
    offset: Annotated[int, Meta(ge=0, le=100_000)] = 0


class EditorQuery(Struct, frozen=True):
    copy: int | None = None
    sound: Annotated[str, Meta(max_length=200)] = ""  # begins with it; the page's script reads it


class Row(Struct, frozen=True):
    id: int
    name: str
    sentence: str
    parts: list[Part]
    icon: str
    enabled: bool
    count: int  # of today
    last: datetime | None


@views("/triggers", "triggers.html", query=ListQuery)
async def show_list(scene: Scene, query: ListQuery) -> dict[str, Any]:
    services, user_id = scene.services, scene.user_id
    midnight = scene.say.local(services.clock.now()).replace(hour=0, minute=0, second=0, microsecond=0)
    async with services.db.read() as uow:
        triggers = await service.list_all(uow, user_id)
        fired = await fired_today(uow, user_id, midnight)
    words = catalogue(scene.say.language, "triggers")
    rows = [_row(trigger, fired, words, scene) for trigger in triggers]
    found = [row for row in rows if _has(row, query.q)]
    plan = plans.limits_of(services.config, scene.access.license.plan)
    return {
        "rows": found[query.offset : query.offset + PAGE],
        "ids": [trigger.id for trigger in triggers],
        "query": query,
        "found": len(found),
        "page": PAGE,
        "limit": plan.triggers,
        "sets": [(name, SET_ICONS[name]) for name in sets.SETS],
        "added_sets": sets.added(triggers, scene.settings, services.trigger_checks.allowed),
    }


@views("/triggers/new", "trigger.html", query=EditorQuery)
async def show_new(scene: Scene, query: EditorQuery) -> dict[str, Any]:
    """`copy`: begins as that one does."""
    if query.copy is None:
        return await _editor(scene, NEW)
    copied = await _saved(scene, query.copy) | {"id": None, "version": None}
    if copied["name"]:  # else it is called by its sentence
        copied["name"] = _name_of_copy(copied["name"], catalogue(scene.say.language, "triggers")["copied"])
    return await _editor(scene, copied, is_copy=True)


def _name_of_copy(name: str, phrase: str) -> str:
    room = MAX_NAME - len(phrase.format_map({"name": ""}))
    return phrase.format_map({"name": name[:room].rstrip()})


@views("/triggers/{id}", "trigger.html")
async def show_editor(scene: Scene) -> dict[str, Any]:
    number = scene.request.match_info["id"]
    if not number.isdecimal() or len(number) > 15:
        raise NotFound
    return await _editor(scene, await _saved(scene, int(number)))


async def _saved(scene: Scene, trigger_id: int) -> dict[str, Any]:
    async with scene.services.db.read() as uow:
        trigger = await service.require(uow, scene.user_id, trigger_id)
    found: dict[str, Any] = msgspec.to_builtins(service.to_api(trigger))
    return found


async def _editor(scene: Scene, trigger: dict[str, Any], *, is_copy: bool = False) -> dict[str, Any]:
    services = scene.services
    plan = plans.limits_of(services.config, scene.access.license.plan)
    async with services.db.read() as uow:
        there = await service.list_all(uow, scene.user_id)
    own = await services.sounds.list(scene.user_id, plans.sound_quota(services.config, plan))
    return {
        "trigger": trigger,
        "is_copy": is_copy,
        "fields": INSERTED,
        "counters": sorted({one.params.name for one in there if isinstance(one.params, Count)}),
        "images": IMAGES,
        "state": {
            "trigger": trigger,
            "newest": max((one.id for one in there), default=0),
            "own": [_sound(scene, one.filename, one.url, one.duration) for one in own.sounds],
            "builtin": [
                _sound(scene, one.filename, one.media_name, one.duration) for one in BUILTIN.values()
            ],
            "voice": scene.settings.voice_id,
            "has_webhooks": services.config.webhooks.enabled,
        },
    }


def _sound(scene: Scene, name: str, media: str, seconds: float) -> dict[str, Any]:
    return {"name": name, "url": media_url(scene.request, media), "lasts": scene.say.sound(seconds)}


def _row(trigger: Trigger, fired: dict[int, tuple[int, datetime]], words: Words, scene: Scene) -> Row:
    sentence = text_of(trigger, words["sentence"], scene.say)
    count, last = fired.get(trigger.id, (0, None))
    return Row(
        id=trigger.id,
        name=trigger.name or sentence,
        sentence=sentence if trigger.name else "",
        parts=parts_of(trigger, words["sentence"], scene.say),
        icon=ICONS[trigger.action],
        enabled=trigger.enabled,
        count=count,
        last=last,
    )


def _has(row: Row, text: str) -> bool:
    wanted = text.strip().casefold()
    return wanted in row.name.casefold() or wanted in row.sentence.casefold()
