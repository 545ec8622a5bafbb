"""What history keeps of a message: what was tried, fired, refused, spoken, sent."""

from collections.abc import Iterable
from typing import Any

from msgspec import UNSET

from core.channel import Place
from core.live.events import EventType, Fact
from core.messages import EffectView
from core.triggers.engine import Match


def record(
    fact: Fact,
    match: Match,
    views: Iterable[EffectView],
    *,
    speech: dict[str, Any] | None,
    heard_by: Iterable[Place],
    dropped: str | None,
) -> dict[str, Any]:
    """Plain JSON data; `core.history` says how it is read again. Absent keys: nothing to say."""
    data: dict[str, Any] = {"sent": True}
    viewer = fact.viewer
    if viewer.user_id or viewer.unique_id:
        data["user"] = {"username": viewer.unique_id, "nickname": viewer.nickname}
    data |= _facts(fact)
    fired = [_fired(view) for view in views]
    if fired:
        data["fired"] = fired
    if match.refused:
        data["refused"] = [{"trigger_id": trigger_id, "by": by} for trigger_id, by in match.refused]
    if speech is not None:
        data["speech"] = speech
    if heard := [place.value for place in heard_by]:
        data["heard_by"] = heard
    if dropped:
        data["dropped"] = dropped
    if fact.test:
        data["test"] = True
    return data


def _facts(fact: Fact) -> dict[str, Any]:
    match fact.type:
        case EventType.CHAT | EventType.VIEWER_FIRST_MESSAGE:
            return {"message": fact.text}
        case EventType.GIFT:
            return {
                "gift_name": fact.gift_name,
                "gift_id": fact.gift_id,
                "count": fact.count,
                "diamonds": fact.diamonds,
                "total": fact.total_diamonds,
            }
        case EventType.LIKE:
            return {"count": fact.count, "total": fact.total}
        case EventType.VIEWER_COUNT:
            return {"total": fact.total}
        case _:
            return {}


def _fired(view: EffectView) -> dict[str, Any]:
    fired: dict[str, Any] = {"trigger_id": view.trigger_id, "action": view.action}
    if view.volume is not UNSET:
        fired["volume"] = view.volume
    if view.text is not UNSET:
        fired["text"] = view.text
    if view.sound_url or view.tts_url:
        fired["audible"] = True
    return fired
