"""One function for each wire message we read: message to live event.

A reader is given the parsed message and the envelope it came in. This is the hottest
code of the product: submessages that are nearly always empty, or have few values, stay
bytes (see `schema`), and a repeated field is sliced, which is quicker than iterating it.
"""

from functools import lru_cache
from typing import Any

from core.live import schema
from core.live.events import (
    AnyEvent,
    ChatDeleted,
    ChatPosted,
    Followed,
    GiftSent,
    LikesSent,
    LiveEnded,
    LivePaused,
    Role,
    Shared,
    Subscribed,
    Viewer,
    ViewerJoined,
    ViewersCounted,
)

FOLLOWER, FRIEND = Role.FOLLOWER.value, Role.FRIEND.value
SUBSCRIBER, MODERATOR = Role.SUBSCRIBER.value, Role.MODERATOR.value
FOLLOW_ROLES = {1: FOLLOWER, 2: FOLLOWER | FRIEND, 3: FOLLOWER}  # 3: gifts spell a follower so
SCENE_ROLES = {1: MODERATOR, 4: SUBSCRIBER, 7: SUBSCRIBER, 6: Role.TOP_GIFTER.value}
SCENE_GIFTER_LEVEL = 8
MAX_BADGES = 20  # of one viewer; TikTok shows a handful
MAX_DELETED = 200  # named by one message
GIFTER_LEVELS = {str(level).encode(): level for level in range(100)}  # TikTok's end at 50


def _viewer(user: Any, roles: int = 0) -> Viewer:
    roles |= FOLLOW_ROLES.get(user.follow_info.status, 0)
    level = 0
    if attributes := user.attributes:
        roles |= _attribute_roles(attributes)
    if subscribe_info := user.subscribe_info:
        roles |= _subscribe_roles(subscribe_info)
    if badges := user.badges:
        for raw in badges[:MAX_BADGES]:
            role, grade = _badge(raw)
            roles |= role
            level = level or grade
    return Viewer(user.id, user.display_id, user.nickname, roles, level)


@lru_cache(1024)
def _badge(raw: bytes) -> tuple[int, int]:
    """What a badge says: roles, and a gifter level."""
    badge = schema.Badge.FromString(raw)
    if badge.scene == SCENE_GIFTER_LEVEL:
        return 0, GIFTER_LEVELS.get(badge.extra.level, 0)
    return SCENE_ROLES.get(badge.scene, 0), 0


@lru_cache(256)
def _attribute_roles(raw: bytes) -> int:
    return MODERATOR if schema.UserAttributes.FromString(raw).is_admin else 0


@lru_cache(256)
def _subscribe_roles(raw: bytes) -> int:
    return SUBSCRIBER if schema.SubscribeInfo.FromString(raw).is_subscribed else 0


@lru_cache(256)
def _identity_roles(raw: bytes) -> int:
    identity = schema.Identity.FromString(raw)
    roles = FOLLOWER if identity.is_follower else 0
    roles |= FOLLOWER | FRIEND if identity.is_friend else 0
    roles |= MODERATOR if identity.is_moderator else 0
    return roles | (SUBSCRIBER if identity.is_subscriber else 0)


def _read_chat(m: Any, envelope: Any) -> AnyEvent | None:
    common = m.common
    viewer = _viewer(m.user, _identity_roles(m.identity))
    return ChatPosted(common.msg_id, common.create_time, viewer, m.content, envelope.is_history)


def _read_gift(m: Any, _: Any) -> AnyEvent | None:
    common = m.common
    gift = m.gift
    return GiftSent(
        common.msg_id,
        common.create_time,
        _viewer(m.user, _identity_roles(m.identity)),
        m.gift_id or gift.id,
        gift.name,
        gift.diamond_count,
        m.repeat_count or 1,
        gift.type == 1,
        m.repeat_end == 1,
        m.group_id,
        m.to_user.id if m.HasField("to_user") else 0,
    )


def _read_like(m: Any, _: Any) -> AnyEvent | None:
    common = m.common
    return LikesSent(common.msg_id, common.create_time, _viewer(m.user), m.count, m.total)


def _read_member(m: Any, _: Any) -> AnyEvent | None:
    common = m.common
    return ViewerJoined(common.msg_id, common.create_time, _viewer(m.user))


def _read_social(m: Any, _: Any) -> AnyEvent | None:
    common = m.common
    key = common.display_text.key
    if b"follow" in key:
        return Followed(common.msg_id, common.create_time, _viewer(m.user))
    if b"share" in key:
        return Shared(common.msg_id, common.create_time, _viewer(m.user))
    return None


def _read_sub_notify(m: Any, _: Any) -> AnyEvent | None:
    common = m.common
    return Subscribed(common.msg_id, common.create_time, _viewer(m.user))


def _read_room_user_seq(m: Any, _: Any) -> AnyEvent | None:
    common = m.common
    return ViewersCounted(common.msg_id, common.create_time, m.total, m.total_user)


def _read_control(m: Any, _: Any) -> AnyEvent | None:
    common = m.common
    action = m.action
    if action in (1, 2):
        return LivePaused(common.msg_id, common.create_time, action == 1)
    if action in (3, 4):
        return LiveEnded(common.msg_id, common.create_time, action == 4)
    return None


def _read_im_delete(m: Any, _: Any) -> AnyEvent | None:
    common = m.common
    messages, users = m.msg_ids[:MAX_DELETED], m.user_ids[:MAX_DELETED]
    return ChatDeleted(common.msg_id, common.create_time, messages, users)


READERS = {
    f"Webcast{name}Message".encode(): (kind.FromString, read, kind)
    for name, kind, read in (
        ("Chat", schema.Chat, _read_chat),
        ("Gift", schema.Gift, _read_gift),
        ("Like", schema.Like, _read_like),
        ("Member", schema.Member, _read_member),
        ("Social", schema.Social, _read_social),
        ("SubNotify", schema.SubNotify, _read_sub_notify),
        ("RoomUserSeq", schema.RoomUserSeq, _read_room_user_seq),
        ("Control", schema.Control, _read_control),
        ("ImDelete", schema.ImDelete, _read_im_delete),
    )
}
"""Wire method to its parser, its reader and its class. What is not here makes no event and is not parsed."""
