"""What each wire message becomes, and what we send."""

import gzip
import zlib

import pytest

from core.live import schema
from core.live.events import (
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
from core.live.wire import (
    BadFrame,
    decode_frame,
    decode_sign_answer,
    encode_ack,
    encode_enter_room,
    encode_frame,
    encode_heartbeat,
    methods,
)
from tests.fake_tiktok import proto
from ttboost.demo import messages
from ttboost.demo.messages import BIG, Gift, Message

ANN = Viewer(11, "ann.b", "Ann 🌵", Role.FOLLOWER | Role.FRIEND | Role.MODERATOR, 12)
PLAIN = Viewer(11, "ann.b", "Ann 🌵")
ROSE, GALAXY = Gift(5655, "Rose", 1), Gift(11046, "Galaxy", 1000, BIG)


def framed(*sent: Message) -> bytes:
    return encode_frame(list(sent), log_id=9, server_ms=1234)


@pytest.mark.parametrize(
    ("sent", "event"),
    [
        (messages.chat(5, 77, ANN, "hi"), ChatPosted(5, 77, ANN, "hi")),
        (
            messages.gift(5, 77, ANN, ROSE, 3, group=8, over=True),
            GiftSent(5, 77, PLAIN, 5655, "Rose", 1, 3, True, True, 8),
        ),
        (
            messages.gift(5, 77, ANN, GALAXY),
            GiftSent(5, 77, PLAIN, 11046, "Galaxy", 1000, 1, False, False, 0),
        ),
        (messages.like(5, 0, ANN, 15, 900), LikesSent(5, 0, ANN, 15, 900)),
        (messages.join(5, 77, ANN), ViewerJoined(5, 77, ANN)),
        (messages.follow(5, 77, ANN), Followed(5, 77, ANN)),
        (messages.share(5, 77, ANN), Shared(5, 77, ANN)),
        (messages.subscribe(5, 77, ANN), Subscribed(5, 77, ANN)),
        (messages.viewers(5, 77, 40, 500), ViewersCounted(5, 77, 40, 500)),
        (messages.delete(5, 77, [1, 2], [3]), ChatDeleted(5, 77, [1, 2], [3])),
        (messages.control(5, 77, 1), LivePaused(5, 77, True)),
        (messages.control(5, 77, 2), LivePaused(5, 77, False)),
        (messages.control(5, 77, 3), LiveEnded(5, 77, False)),
        (messages.control(5, 77, 4), LiveEnded(5, 77, True)),
    ],
    ids=lambda value: type(value).__name__,
)
def test_message_becomes_event(sent: Message, event: object) -> None:
    assert decode_frame(framed(sent)).events == [event]


@pytest.mark.parametrize("name", ["Barrage", "Envelope", "EmoteChat", "RoomPin", "Question", "Room"])
def test_other_types_make_no_event_even_when_they_look_like_one(name: str) -> None:
    """`unread` has the fields of a control message that ends the LIVE."""
    frame = decode_frame(framed(messages.unread(5, 77, name)))

    assert (frame.events, frame.unreadable) == ([], 0)


def test_unlisted_message_is_not_parsed_at_all() -> None:
    frame = decode_frame(framed(("WebcastBarrageMessage", b"\xff\xff\xff"), messages.join(1, 1, PLAIN)))

    assert (len(frame.events), frame.unreadable) == (1, 0)


def test_other_actions_of_a_control_message_make_no_event() -> None:
    assert decode_frame(framed(messages.control(5, 77, 9))).events == []


def test_frame_carries_what_the_ack_needs() -> None:
    frame = decode_frame(framed(messages.join(5, 77, ANN)))

    assert (frame.kind, frame.log_id, frame.need_ack, frame.server_ms) == ("msg", 9, True, 1234)
    assert frame.internal_ext == b"internal_src:ttboost|t:9"


def test_plain_and_gzip_payloads_read_alike() -> None:
    sent = [messages.chat(5, 77, ANN, "hi")]

    plain = encode_frame(sent, log_id=9, server_ms=1234, gzip=False)

    assert decode_frame(plain) == decode_frame(framed(*sent))


def test_history_is_marked() -> None:
    frame = encode_frame([messages.chat(5, 77, ANN, "old")], log_id=1, server_ms=1, is_history=True)

    assert decode_frame(frame).events == [ChatPosted(5, 77, ANN, "old", True)]


def user(**fields: object) -> list[object]:
    chat = schema.Chat(user=schema.User(id=1, **fields))
    return decode_frame(framed(("WebcastChatMessage", chat.SerializeToString()))).events


def badge(scene: int, level: bytes = b"") -> bytes:
    data: bytes = schema.Badge(scene=scene, extra={"level": level}).SerializeToString()
    return data


@pytest.mark.parametrize(
    ("fields", "roles", "level"),
    [
        ({"follow_info": {"status": 1}}, Role.FOLLOWER, 0),
        ({"follow_info": {"status": 2}}, Role.FOLLOWER | Role.FRIEND, 0),
        ({"follow_info": {"status": 3}}, Role.FOLLOWER, 0),
        ({"follow_info": {"status": 0}}, Role.NONE, 0),
        ({"attributes": schema.UserAttributes(is_admin=True).SerializeToString()}, Role.MODERATOR, 0),
        (
            {"subscribe_info": schema.SubscribeInfo(is_subscribed=True).SerializeToString()},
            Role.SUBSCRIBER,
            0,
        ),
        ({"badges": [badge(1)]}, Role.MODERATOR, 0),
        ({"badges": [badge(4)]}, Role.SUBSCRIBER, 0),
        ({"badges": [badge(7)]}, Role.SUBSCRIBER, 0),
        ({"badges": [badge(6)]}, Role.TOP_GIFTER, 0),
        ({"badges": [badge(8, b"27"), badge(10, b"5"), badge(1)]}, Role.MODERATOR, 27),
        ({"badges": [badge(8, b"x"), badge(99)]}, Role.NONE, 0),
    ],
)
def test_roles_and_level_of_a_viewer(fields: dict, roles: int, level: int) -> None:
    (event,) = user(**fields)

    assert (event.viewer.roles, event.viewer.gifter_level) == (roles, level)


@pytest.mark.parametrize(
    ("flag", "roles"),
    [
        ("is_subscriber", Role.SUBSCRIBER),
        ("is_friend", Role.FOLLOWER | Role.FRIEND),
        ("is_follower", Role.FOLLOWER),
        ("is_moderator", Role.MODERATOR),
    ],
)
@pytest.mark.parametrize(("name", "kind"), [("Chat", schema.Chat), ("Gift", schema.Gift)])
def test_identity_gives_roles(name: str, kind: type, flag: str, roles: int) -> None:
    payload = kind(identity=schema.Identity(**{flag: True}).SerializeToString()).SerializeToString()

    (event,) = decode_frame(framed((f"Webcast{name}Message", payload))).events

    assert event.viewer.roles == roles


def test_gift_knows_its_receiver() -> None:
    payload = schema.Gift(gift_id=1, to_user={"id": 44}).SerializeToString()

    (event,) = decode_frame(framed(("WebcastGiftMessage", payload))).events

    assert (event.receiver_id, event.repeat_count) == (44, 1)


def test_text_that_is_not_utf8_is_mended_and_costs_no_neighbour() -> None:
    nobody = proto.field(2, proto.field(1, 7) + proto.field(3, b"B\xffb") + proto.field(38, "bob"))
    broken = ("WebcastChatMessage", nobody + proto.field(3, b"a\xfe\xffz"))

    frame = decode_frame(framed(messages.join(1, 1, PLAIN), broken, messages.join(2, 1, PLAIN)))

    assert [type(event) for event in frame.events] == [ViewerJoined, ChatPosted, ViewerJoined]
    assert frame.events[1] == ChatPosted(0, 0, Viewer(7, "bob", "B�b"), "a��z")
    assert frame.unreadable == 0


def test_undecodable_message_is_counted_and_costs_no_neighbour() -> None:
    broken = ("WebcastChatMessage", b"\x12\xff\xff")

    frame = decode_frame(framed(messages.join(1, 1, PLAIN), broken, messages.join(2, 1, PLAIN)))

    assert ([event.msg_id for event in frame.events], frame.unreadable) == ([1, 2], 1)


def test_heartbeats_of_the_server_are_frames_without_events() -> None:
    frame = decode_frame(proto.push("hb"))

    assert (frame.kind, frame.events, frame.need_ack) == ("hb", [], False)


def packed(payload: bytes) -> bytes:
    return proto.push("msg", log_id=1) + proto.field(8, payload)


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"\xff\xff\xff\xff",
        b"<html>not found</html>",
        packed(gzip.compress(b"\xff\xff")),
        packed(gzip.compress(b"x" * 1000)[:-9]),
        packed(b"\x1f\x8bnot gzip"),
        packed(zlib.compress(b"\0" * (64 * 1024 * 1024), 9, 31)),
    ],
    ids=["empty", "random", "html", "no fetch result", "cut off", "no gzip", "gzip bomb"],
)
def test_what_is_no_frame_is_refused(data: bytes) -> None:
    with pytest.raises(BadFrame):
        decode_frame(data)


def test_methods_names_every_message() -> None:
    frame = framed(messages.join(1, 1, PLAIN), messages.unread(2, 1, "Barrage"))

    assert methods(frame) == ["WebcastMemberMessage", "WebcastBarrageMessage"]
    assert methods(proto.push("hb")) == []


def read(frame: bytes) -> dict[int, int | bytes]:
    return dict(proto.fields(frame))


def test_ack_returns_log_id_and_internal_ext() -> None:
    sent = read(encode_ack(2**64 - 1, b"ext|1"))

    assert sent == {2: 2**64 - 1, 6: b"pb", 7: b"ack", 8: b"ext|1"}
    assert read(encode_ack(1, b""))[8] == b"-"


def test_heartbeat_names_room_and_sequence() -> None:
    sent = read(encode_heartbeat(7_300_000_000_000_000_001, 4))

    assert (sent[6], sent[7]) == (b"pb", b"hb")
    assert read(sent[8]) == {1: 7_300_000_000_000_000_001, 2: 4}


def test_entering_a_room_asks_as_audience() -> None:
    sent = read(encode_enter_room(5))

    assert (sent[6], sent[7]) == (b"pb", b"im_enter_room")
    assert read(sent[8]) == {1: 5, 4: 12, 5: b"audience", 9: b"0"}


def sign_answer(*extra: bytes) -> bytes:
    def param(name: str, value: str) -> bytes:
        return proto.field(7, proto.field(1, name) + proto.field(2, value))

    head = proto.field(2, "cur") + proto.field(5, "ext") + proto.field(10, "wss://host/push/")
    return head + param("imprp", "a b%&=") + param("wrss", "w") + b"".join(extra)


def test_sign_answer_names_server_and_parameters() -> None:
    chat = messages.chat(5, 77, ANN, "hi")
    answer = decode_sign_answer(
        sign_answer(proto.field(1, proto.field(1, chat[0]) + proto.field(2, chat[1])))
    )

    assert (answer.cursor, answer.internal_ext, answer.push_server) == ("cur", "ext", "wss://host/push/")
    assert answer.route_params == {"imprp": "a b%&=", "wrss": "w"}
    assert answer.events == [ChatPosted(5, 77, ANN, "hi")]


def test_sign_answer_may_be_gzip() -> None:
    assert decode_sign_answer(gzip.compress(sign_answer())).push_server == "wss://host/push/"


@pytest.mark.parametrize("data", [b"<!doctype html>", b'{"message": "rate limited"}', b"\x1f\x8b"])
def test_what_is_no_sign_answer_is_refused(data: bytes) -> None:
    with pytest.raises(BadFrame):
        decode_sign_answer(data)
