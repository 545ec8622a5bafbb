"""What history keeps of a message: what was tried, fired, refused, spoken, sent."""

from collections.abc import Iterable
from typing import Any

from msgspec import UNSET

from core.effects.render import Piece
from core.listener import Place
from core.live.events import EventType, Fact
from core.triggers.engine import Match
from core.triggers.model import Action

GAVE_WAY = "max_backlog_seconds"


def record(
    fact: Fact,
    match: Match,
    pieces: Iterable[Piece],
    *,
    speech: dict[str, Any] | None,
    heard_by: Iterable[Place],
    is_alone: bool,
    dropped: str | None,
) -> dict[str, Any]:
    """Plain JSON data; `core.history` says how it is read again. Absent keys: nothing to say.

    `is_alone`: no player and no overlay was there, so that what is to be seen was seen by nobody.
    """
    data: dict[str, Any] = {"sent": True, **_facts(fact)}
    viewer = fact.viewer
    if viewer.user_id or viewer.unique_id:
        _add_viewer(data, fact)
    fired = [_fired(piece) for piece in pieces]
    if fired:
        data["fired"] = fired
    if is_alone and any(one["action"] == Action.ALERT for one in fired):
        data["unseen"] = True
    if match.refused:
        data["refused"] = _refused(match)
    if speech is not None:
        data["speech"] = speech
    if heard := [place.value for place in heard_by]:
        data["heard_by"] = heard
    if dropped:
        data["dropped"] = dropped
    if fact.test:
        data["test"] = True
    return data


def _add_viewer(data: dict[str, Any], fact: Fact) -> None:
    viewer = fact.viewer
    data["user"] = {"username": viewer.unique_id, "nickname": viewer.nickname}
    if viewer.roles:
        data["roles"] = int(viewer.roles)
    if viewer.gifter_level:
        data["gifter_level"] = viewer.gifter_level
    if fact.is_first:
        data["first"] = True


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
                "phase": fact.phase.value,
            }
        case EventType.LIKE:
            return {"count": fact.count, "total": fact.total, "before": fact.before}
        case EventType.VIEWER_COUNT:
            return {"total": fact.total, "before": fact.before}
        case _:
            return {}


def _refused(match: Match) -> list[dict[str, Any]]:
    refused: list[dict[str, Any]] = [{"trigger_id": trigger_id, "by": by} for trigger_id, by in match.refused]
    if match.left:
        for one in refused:
            if (left := match.left.get(one["trigger_id"])) is not None:
                one["left"] = round(left, 1)
    return refused


def _fired(piece: Piece) -> dict[str, Any]:
    view = piece.view
    fired: dict[str, Any] = {"trigger_id": view.trigger_id, "action": view.action}
    if view.volume is not UNSET:
        fired["volume"] = view.volume
    if view.text is not UNSET:
        fired["text"] = view.text
    if view.sound_url or view.tts_url:
        fired["audible"] = True
    if piece.voice:
        fired["voice"] = piece.voice
    if piece.silent_by:
        fired["silent_by"] = piece.silent_by
    return fired
