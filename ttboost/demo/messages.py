"""Messages as TikTok sends them: (wire method, payload) pairs, for the demo and for tests."""

from typing import Any

from msgspec import Struct

from core.live import schema
from core.live.events import Role, Viewer

Message = tuple[str, bytes]

STREAKABLE, BIG, HEART_ME = 1, 2, 4  # gift.type on the wire; the last two are single events
PAUSED, RESUMED, ENDED, SUSPENDED = 1, 2, 3, 4  # actions of a control message
FOLLOW_KEY = b"pm_main_follow_message_viewer_2"
SHARE_KEY = b"pm_mt_guidance_share"


class Gift(Struct, frozen=True):
    gift_id: int
    name: str
    diamonds: int
    kind: int = STREAKABLE


def _common(method: str, msg_id: int, created_ms: int, text_key: bytes = b"") -> dict[str, Any]:
    fields: dict[str, Any] = {"method": method.encode(), "msg_id": msg_id, "create_time": created_ms}
    return fields | ({"display_text": {"key": text_key}} if text_key else {})


def _message(name: str, kind: Any, msg_id: int, created_ms: int, **fields: Any) -> Message:
    method = f"Webcast{name}Message"
    text_key = fields.pop("text_key", b"")
    payload = kind(common=_common(method, msg_id, created_ms, text_key), **fields).SerializeToString()
    return method, payload


def _badges(viewer: Viewer) -> list[bytes]:
    """Badges by scene: 1 moderator, 4 subscriber, 6 top gifter, 8 gifter level."""
    scenes = {Role.MODERATOR: 1, Role.SUBSCRIBER: 4, Role.TOP_GIFTER: 6}
    badges = [schema.Badge(scene=scene) for role, scene in scenes.items() if viewer.roles & role]
    if viewer.gifter_level:
        level = str(viewer.gifter_level).encode()
        badges.append(schema.Badge(scene=8, extra={"level": level}))
    return [badge.SerializeToString() for badge in badges]


def _user(viewer: Viewer, *, has_badges: bool = True) -> Any:
    follows = 2 if viewer.roles & Role.FRIEND else int(bool(viewer.roles & Role.FOLLOWER))
    return schema.User(
        id=viewer.user_id,
        nickname=viewer.nickname,
        display_id=viewer.unique_id,
        follow_info={"status": follows} if has_badges else None,
        badges=_badges(viewer) if has_badges else [],
    )


def chat(msg_id: int, created_ms: int, viewer: Viewer, text: str) -> Message:
    return _message("Chat", schema.Chat, msg_id, created_ms, user=_user(viewer), content=text)


def gift(
    msg_id: int,
    created_ms: int,
    viewer: Viewer,
    sent: Gift,
    count: int = 1,
    *,
    group: int = 0,
    over: bool = False,
) -> Message:
    """A press of a streak, its closing (`over`), or a single gift. Without badges, as gifts often come."""
    return _message(
        "Gift",
        schema.Gift,
        msg_id,
        created_ms,
        user=_user(viewer, has_badges=False),
        gift_id=sent.gift_id,
        repeat_count=count,
        repeat_end=int(over),
        group_id=group,
        gift={"id": sent.gift_id, "type": sent.kind, "diamond_count": sent.diamonds, "name": sent.name},
    )


def like(msg_id: int, created_ms: int, viewer: Viewer, count: int, total: int) -> Message:
    return _message("Like", schema.Like, msg_id, created_ms, user=_user(viewer), count=count, total=total)


def join(msg_id: int, created_ms: int, viewer: Viewer) -> Message:
    return _message("Member", schema.Member, msg_id, created_ms, user=_user(viewer))


def follow(msg_id: int, created_ms: int, viewer: Viewer) -> Message:
    user = _user(viewer)
    return _message("Social", schema.Social, msg_id, created_ms, text_key=FOLLOW_KEY, user=user)


def share(msg_id: int, created_ms: int, viewer: Viewer) -> Message:
    user = _user(viewer)
    return _message("Social", schema.Social, msg_id, created_ms, text_key=SHARE_KEY, user=user)


def subscribe(msg_id: int, created_ms: int, viewer: Viewer) -> Message:
    return _message("SubNotify", schema.SubNotify, msg_id, created_ms, user=_user(viewer))


def viewers(msg_id: int, created_ms: int, current: int, total: int) -> Message:
    return _message("RoomUserSeq", schema.RoomUserSeq, msg_id, created_ms, total=current, total_user=total)


def control(msg_id: int, created_ms: int, action: int) -> Message:
    return _message("Control", schema.Control, msg_id, created_ms, action=action)


def delete(msg_id: int, created_ms: int, msg_ids: list[int], user_ids: list[int]) -> Message:
    return _message("ImDelete", schema.ImDelete, msg_id, created_ms, msg_ids=msg_ids, user_ids=user_ids)


def unread(msg_id: int, created_ms: int, name: str) -> Message:
    """A message of a type nobody here reads, such as Barrage or Envelope."""
    return _message(name, schema.Control, msg_id, created_ms, action=3)
