"""Why? Each event of the LIVEs: what was tried, what stopped it, what was said, sent and heard."""

from datetime import UTC, datetime, timedelta
from typing import Annotated, Any, Literal
from urllib.parse import urlencode

from msgspec import Meta, Struct
from msgspec.structs import asdict

from core import happened
from core.errors import Invalid
from core.happened import PAGE, Filter, Happened
from core.triggers import reasons
from storage.db import UnitOfWork
from webapp.miniapp.views import Scene, Views
from webapp.miniapp.why import Why
from webapp.miniapp.wording import catalogue

views = Views("history")

ALL = "all"  # likes and joins, too
TYPES = (
    "chat",
    "gift",
    "follow",
    "subscribe",
    "share",
    "like",
    "viewer_join",
    "viewer_first_message",
    "effect",
)
MINUTE = timedelta(minutes=1)
Id = Annotated[str, Meta(max_length=64)]


class HistoryAsked(Struct, frozen=True):
    type: Literal[
        "", "all", "chat", "gift", "follow", "subscribe", "share", "like", "viewer_join",
        "viewer_first_message", "effect",
    ] = ""  # fmt: skip
    person: Annotated[str, Meta(max_length=100)] = ""
    missed: Literal["", "true"] = ""
    since: Annotated[str, Meta(max_length=40)] = ""  # a minute, and what was before
    before: Id = ""  # older than that event
    event: Id = ""  # that one, opened

    @property
    def is_filtered(self) -> bool:
        return bool(self.type not in ("", ALL) or self.person.strip() or self.missed)


@views("/history", "history.html", query=HistoryAsked)
async def show_history(scene: Scene, query: HistoryAsked) -> dict[str, Any]:
    words, moment = catalogue(scene.say.language, "history"), _moment(query.since)
    found, opened = happened.Found([], None, 0), None
    if query.event:
        await happened.written(scene.services.db, scene.user_id, query.event)
    async with scene.services.db.read() as uow:
        newest = await happened.last_seq(uow, scene.user_id)
        if query.event:
            opened = await _opened(scene, uow, query.event)
        else:
            found = await happened.list_page(uow, scene.user_id, _filter(query, moment), query.before or None)
    why = Why(scene.say)
    return {
        "lines": [why.line(event) for event in found.events],
        "older_url": _older(query, found.last) if found.last else None,
        "newest": newest,
        "looked_at": found.looked_at,
        "opened": opened,
        "moment": moment,
        "until": moment + MINUTE if moment else None,
        "query": query,
        "types": [(kind, words["types"][kind]) for kind in TYPES],
        "time_of": _time_of(scene),
        "days": scene.services.config.history.retention_days,
    }


class OutcomesAsked(Struct, frozen=True):
    of: Annotated[str, Meta(max_length=4_000)] = ""  # ids, with commas between


@views("/history/outcomes", "outcomes.html", query=OutcomesAsked)
async def show_outcomes(scene: Scene, query: OutcomesAsked) -> dict[str, Any]:
    """What became meanwhile of rows that are shown."""
    async with scene.services.db.read() as uow:
        events = await happened.list_of(uow, scene.user_id, query.of.split(",")[:PAGE])
    why = Why(scene.say)
    return {"lines": [why.line(event) for event in events], "time_of": _time_of(scene)}


@views("/history/{id}", "why.html")
async def show_event(scene: Scene) -> dict[str, Any]:
    """Of one row, fetched when it is opened."""
    await happened.written(scene.services.db, scene.user_id, scene.request.match_info["id"])
    async with scene.services.db.read() as uow:
        return await _opened(scene, uow, scene.request.match_info["id"])


async def _opened(scene: Scene, uow: UnitOfWork, message_id: str) -> dict[str, Any]:
    event = await happened.require(uow, scene.user_id, message_id)
    why = Why(scene.say)
    tried = await reasons.tried(uow, scene.user_id, event)
    return {
        "line": why.line(event),
        "reasons": [why.reason(one) for one in tried],
        "steps": why.steps(event),
    }


def _filter(query: HistoryAsked, moment: datetime | None) -> Filter:
    return Filter(
        type=query.type if query.type not in ("", ALL) else None,
        person=query.person,
        missed=bool(query.missed),
        calm=query.type == "",
        until=moment + MINUTE if moment else None,
    )


def _older(query: HistoryAsked, last: str) -> str:
    asked = {name: value for name, value in asdict(query).items() if value and name != "event"}
    return f"/app/history?{urlencode({**asked, 'before': last})}"


def _moment(text: str) -> datetime | None:
    if not text:
        return None
    try:
        moment = datetime.fromisoformat(text)
    except ValueError as error:
        raise Invalid("since: not a time", field="since") from error
    if not 2000 <= moment.year < 2200:  # the first and the last day have no time in every zone
        raise Invalid("since: no time of ours", field="since")
    return (moment if moment.tzinfo else moment.replace(tzinfo=UTC)).astimezone(UTC)


def _time_of(scene: Scene) -> Any:
    """To the second where it is of today: rows stand close together."""
    say = scene.say
    today = say.local(scene.services.clock.now()).date()

    def told(event: Happened) -> str:
        return say.clock(event.at) if say.local(event.at).date() == today else say.when(event.at)

    return told
