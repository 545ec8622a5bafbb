"""What processes say to each other about a studio, and how it becomes bytes.

A process with sockets calls the one that has the studio (`Call`); what comes back is an `Answer`, and `Heard`
for as long as one of its sockets listens. Versions next to each other understand each other: fields are only
added, with a default.
"""

from typing import Any

import msgspec
from msgspec import Struct

from core.errors import AppError, Unavailable
from core.listener import Place
from core.live.events import Fact
from core.triggers.model import Trigger

# From sockets to the studio


class Join(Struct, tag=True, frozen=True, kw_only=True):
    """A socket takes its place. `since`: the last message it has heard, where it has heard any."""

    listener: int
    place: Place
    base_url: str
    since: int | None
    token_version: int | None = None
    token_id: str | None = None
    secret_version: int | None = None
    hears_changes: bool = False
    agent: str = ""


class Leave(Struct, tag=True, frozen=True):
    listener: int


class Played(Struct, tag=True, frozen=True):
    listener: int
    message_id: str


class Control(Struct, tag=True, frozen=True):
    action: str
    message_id: str | None


class StartLive(Struct, tag=True, frozen=True):
    pass


class StopLive(Struct, tag=True, frozen=True):
    pass


class Reload(Struct, tag=True, frozen=True):
    pass


class Look(Struct, tag=True, frozen=True):
    pass


class LookAtAll(Struct, tag=True, frozen=True):
    pass


class Try(Struct, tag=True, frozen=True):
    """One of them: a saved trigger, one not saved yet, a made-up fact."""

    trigger_id: int | None = None
    trigger: Trigger | None = None
    fact: Fact | None = None


class StillHere(Struct, tag=True, frozen=True):
    """The sockets of this process that listen there."""

    listeners: list[int]


# Between workers


class Prepare(Struct, tag=True, frozen=True):
    """You are about to be given this streamer: connect to the room, if there is one."""

    room_id: str | None
    unique_id: str | None


class Given(Struct, tag=True, frozen=True):
    """They are yours by this token; what I know of them lies on the bus under `state`, if anything does."""

    token: int
    state: str | None


Body = (
    Join
    | Leave
    | Played
    | Control
    | StartLive
    | StopLive
    | Reload
    | Look
    | LookAtAll
    | Try
    | StillHere
    | Prepare
    | Given
)


class Call(Struct, frozen=True):
    caller: str  # the process, and the channel it hears answers on
    id: int  # 0: no answer is wanted
    user_id: int  # 0: about nobody
    body: Body


# Back


class Answer(Struct, tag=True, frozen=True):
    id: int
    value: msgspec.Raw = msgspec.Raw(b"\xc0")  # nil
    refused: str | None = None  # the code of an `AppError`
    detail: str = ""
    details: dict[str, Any] = {}
    is_elsewhere: bool = False  # I do not have this studio


class Item(Struct, frozen=True, array_like=True):
    """For one socket: a text, or why it is let go."""

    listener: int
    text: str = ""
    code: int = 0
    heard_at: float = 0.0  # Unix time, when the frame came that made it; 0: no frame did


class Heard(Struct, tag=True, frozen=True):
    user_id: int
    token: int
    items: list[Item]


class Moved(Struct, tag=True, frozen=True):
    """Ask again who has this studio, and listen there from the last message you heard."""

    user_id: int


Back = Answer | Heard | Moved

encode = msgspec.msgpack.Encoder().encode
decode_call = msgspec.msgpack.Decoder(Call).decode
decode_back = msgspec.msgpack.Decoder(Back).decode
UNREADABLE = (msgspec.DecodeError, UnicodeDecodeError, RecursionError)
"""What reading something that is none of these raises."""


def answer(call_id: int, value: object = None) -> Answer:
    return Answer(call_id, msgspec.Raw(encode(value)))


def refusal(call_id: int, error: AppError) -> Answer:
    return Answer(call_id, refused=error.code, detail=error.detail, details=dict(error.details))


def value_of(found: Answer, kind: Any) -> Any:
    """What was answered; raises what was refused, as it was raised there."""
    if found.refused is not None:
        raise _raised(found)
    try:
        return msgspec.msgpack.decode(found.value, type=kind)
    except UNREADABLE as error:  # of another version
        raise Unavailable(service="live") from error


def _raised(found: Answer) -> AppError:
    kind = next((one for one in _kinds(AppError) if one.code == found.refused), Unavailable)
    error = kind.__new__(kind)
    AppError.__init__(error, found.detail)
    error.details = {**found.details}
    return error


def _kinds(kind: type[AppError]) -> list[type[AppError]]:
    return [kind, *(deeper for one in kind.__subclasses__() for deeper in _kinds(one))]


def worker_channel(worker: str) -> str:
    return f"live:{worker}"


def sockets_channel(process: str) -> str:
    return f"web:{process}"


WANTED = "wanted"  # somebody needs a studio nobody has
