"""What goes out on the socket (contract section 4), and how it becomes text.

The seed's fields never change type: its client reads `type`, `user`, `message`,
`tts_url`, `gift_name`, `count`, `sound_url`, `total`. Everything else is beyond.
`effects` lists what triggers fired; `sound_url` and `tts_url` also carry the
audio no trigger fired (the default gift sound, a chat line being read).
"""

import secrets
from typing import Any

import msgspec
from msgspec import UNSET, Struct, UnsetType

from core.overlay_look import Look

MARK = f"@{secrets.token_hex(12)}@"
"""Stands for the address of media, which each socket may see differently. Nobody can guess it."""


def media_url(media_name: str) -> str:
    return f"{MARK}/media/{media_name}"


class EffectView(Struct, gc=False):
    """One thing that fired. URLs are null in the text of a place that is silent."""

    trigger_id: int | None
    action: str
    sound_url: str | None = None
    tts_url: str | None = None
    volume: int | UnsetType = UNSET  # 0–100, final: setting × trigger
    text: str | UnsetType = UNSET  # spoken or shown
    image: str | UnsetType = UNSET
    duration: float | UnsetType = UNSET  # seconds an alert stays
    name: str | UnsetType = UNSET  # of a counter
    value: int | UnsetType = UNSET


class StreakView(Struct, gc=False):
    id: str
    total: int
    over: bool


class StreamMessage(Struct, tag_field="type", kw_only=True):
    """Has a number of its own in the streamer's stream; `seq`, `id` and `ts` are set on publishing."""

    seq: int = 0
    id: str = ""
    ts: str = ""
    test: bool | UnsetType = UNSET
    effects: list[EffectView] = []


class ViewerMessage(StreamMessage, kw_only=True):
    """Something a viewer did."""

    user: str  # display name, the handle where it is empty
    username: str


class Chat(ViewerMessage, tag="chat", kw_only=True):
    message: str  # as sent
    tts_url: str | None = None
    tts_volume: int | UnsetType = UNSET


class Gift(ViewerMessage, tag="gift", kw_only=True):
    gift_name: str
    count: int  # what this message adds
    sound_url: str | None = None
    sound_volume: int | UnsetType = UNSET
    gift_id: int
    diamonds: int  # of one
    total_diamonds: int  # of this increment
    tts_url: str | None = None
    tts_volume: int | UnsetType = UNSET
    streak: StreakView | None = None


class Like(ViewerMessage, tag="like", kw_only=True):
    count: int
    total: int


class _Sounding(ViewerMessage, kw_only=True):
    sound_url: str | None = None
    sound_volume: int | UnsetType = UNSET
    tts_url: str | None = None
    tts_volume: int | UnsetType = UNSET


class ViewerJoin(_Sounding, tag="viewer_join", kw_only=True):
    pass


class ViewerFirstMessage(_Sounding, tag="viewer_first_message", kw_only=True):
    pass


class Follow(_Sounding, tag="follow", kw_only=True):
    pass


class Share(_Sounding, tag="share", kw_only=True):
    pass


class Subscribe(_Sounding, tag="subscribe", kw_only=True):
    pass


class ViewerCount(StreamMessage, tag="viewer", kw_only=True):
    current: int
    total: int


class Effect(StreamMessage, tag="effect", kw_only=True):
    """Fired with no event message of its own: milestones, a streak's end, the silence text."""

    trigger_id: int | None
    action: str
    sound_url: str | None = None
    tts_url: str | None = None
    text: str | None = None
    volume: int | UnsetType = UNSET
    image: str | UnsetType = UNSET
    duration: float | UnsetType = UNSET
    name: str | UnsetType = UNSET
    value: int | UnsetType = UNSET


class Status(Struct, tag_field="type", tag="status", kw_only=True, omit_defaults=True):
    state: str
    since: str | None
    room_id: str | None
    viewers: int | None
    error: str | None
    username: str | None
    last_seq: int
    last_frame_at: str | None
    live: bool
    demo: bool
    paused: bool
    place: str
    silent: bool  # this place plays nothing: another one does, or it is a monitor
    speech_engine: str | None  # which voice speaks now
    expected_wait_seconds: float | None = None
    gap: int = 0  # messages that are lost


class Queue(Struct, tag_field="type", tag="queue", kw_only=True):
    pending: int
    seconds: float
    paused: bool
    dropped: list[str]  # ids of messages whose audio must be left out
    playing: str | None = None  # the message whose audio sounds now, as far as is known


class Control(Struct, tag_field="type", tag="control", kw_only=True):
    action: str
    ids: list[str]


class Error(Struct, tag_field="type", tag="error", kw_only=True):
    code: str
    message: str


class Pong(Struct, tag_field="type", tag="pong", kw_only=True):
    ts: str


class OrderUpdate(Struct, tag_field="type", tag="order_update", kw_only=True):
    order: dict[str, Any]


class Changed(Struct, tag_field="type", tag="changed", kw_only=True):
    """Something was saved, here or elsewhere: pages that show it are old. Only to monitors of the WebApp."""

    what: str
    """A `ChangeKind`; `place`: a player or overlay came or went; `played`: the first one confirms; `heard`:
    one of them confirmed something, told once a second at most."""


class LookNews(Struct, tag_field="type", tag="look", kw_only=True):
    """How an overlay is to look from now on. Only to overlays."""

    look: Look


class Gifter(Struct, kw_only=True):
    user: str  # display name, the handle where it is empty
    username: str
    diamonds: int


class LiveTotals(Struct, tag_field="type", tag="totals", kw_only=True):
    """What the LIVE adds up to, whole. Only to overlays whose look shows it."""

    room_id: str | None  # of the LIVE counted; None: there is none now
    likes: int
    follows: int
    diamonds: int
    gifters: list[Gifter]  # the most generous first


_encode = msgspec.json.Encoder().encode


def encode(message: Struct) -> str:
    """JSON text; media addresses still carry `MARK`."""
    return _encode(message).decode()


def silenced(message: StreamMessage) -> StreamMessage:
    """The same message for a place that must not sound: no URL in it."""
    changes: dict[str, Any] = {
        field: None for field in ("sound_url", "tts_url") if getattr(message, field, None) is not None
    }
    if message.effects:
        changes["effects"] = [
            msgspec.structs.replace(effect, sound_url=None, tts_url=None) for effect in message.effects
        ]
    return msgspec.structs.replace(message, **changes) if changes else message


def silenced_text(text: str) -> str:
    """The same for a message that was made text already."""
    message = msgspec.json.decode(text)
    for part in (message, *message.get("effects", ())):
        for field in ("sound_url", "tts_url"):
            if field in part:
                part[field] = None
    return _encode(message).decode()


def has_audio(message: StreamMessage) -> bool:
    if getattr(message, "sound_url", None) or getattr(message, "tts_url", None):
        return True
    return bool(message.effects) and any(effect.sound_url or effect.tts_url for effect in message.effects)
