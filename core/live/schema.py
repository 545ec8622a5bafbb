"""TikTok's wire, as far as we read it: message names, field numbers and types, nothing else.

Strings are checked for UTF-8 by the parser, which then refuses the whole message;
`mended` parses such a message once more with the broken characters replaced.
"""

from typing import Any

from google.protobuf import descriptor_pb2, descriptor_pool, message_factory
from google.protobuf import message as _message

DecodeError = _message.DecodeError
type_numbers = descriptor_pb2.FieldDescriptorProto

PACKAGE = "ttboost.wire"

FIELDS: dict[str, dict[str, tuple[int, str]]] = {
    "Push": {
        "seq_id": (1, "uint"),
        "log_id": (2, "uint"),
        "headers": (5, "*Header"),
        "payload_encoding": (6, "bytes"),
        "payload_type": (7, "bytes"),
        "payload": (8, "bytes"),
    },
    "Header": {"key": (1, "bytes"), "value": (2, "bytes")},
    "Fetch": {
        "messages": (1, "*Envelope"),
        "cursor": (2, "bytes"),
        "now": (4, "int"),
        "internal_ext": (5, "bytes"),
        "route_params": (7, "*Header"),
        "need_ack": (9, "bool"),
        "push_server": (10, "bytes"),
        "is_first": (11, "bool"),
    },
    "Envelope": {
        "method": (1, "bytes"),
        "payload": (2, "bytes"),
        "msg_id": (3, "int"),
        "is_history": (6, "bool"),
    },
    "Common": {
        "method": (1, "bytes"),
        "msg_id": (2, "int"),
        "room_id": (3, "int"),
        "create_time": (4, "int"),
        "display_text": (8, "DisplayText"),
    },
    "DisplayText": {"key": (1, "bytes")},
    "FollowInfo": {"status": (3, "int")},
    "UserAttributes": {"is_admin": (2, "bool")},
    "SubscribeInfo": {"is_subscribed": (7, "bool")},
    "BadgeExtra": {"level": (5, "bytes")},
    "Badge": {"scene": (3, "int"), "extra": (12, "BadgeExtra")},
    "User": {
        "id": (1, "int"),
        "nickname": (3, "str"),
        "follow_info": (22, "FollowInfo"),
        "attributes": (32, "bytes"),  # UserAttributes; nearly always empty, so not worth an object
        "display_id": (38, "str"),
        "subscribe_info": (63, "bytes"),  # SubscribeInfo
        "badges": (64, "*bytes"),  # Badge; the same bytes for everybody who has it
    },
    "UserId": {"id": (1, "int")},
    "Identity": {
        "is_subscriber": (2, "bool"),
        "is_friend": (3, "bool"),
        "is_follower": (4, "bool"),
        "is_moderator": (5, "bool"),
    },
    "Chat": {
        "common": (1, "Common"),
        "user": (2, "User"),
        "content": (3, "str"),
        "identity": (18, "bytes"),  # Identity; a handful of values, so read once each
    },
    "GiftDetails": {
        "id": (5, "int"),
        "type": (11, "int"),
        "diamond_count": (12, "int"),
        "name": (16, "str"),
    },
    "Gift": {
        "common": (1, "Common"),
        "gift_id": (2, "int"),
        "repeat_count": (5, "int"),
        "user": (7, "User"),
        "to_user": (8, "UserId"),
        "repeat_end": (9, "int"),
        "group_id": (11, "int"),
        "gift": (15, "GiftDetails"),
        "identity": (32, "bytes"),  # Identity
    },
    "Like": {"common": (1, "Common"), "count": (2, "int"), "total": (3, "int"), "user": (5, "User")},
    "Member": {"common": (1, "Common"), "user": (2, "User")},
    "Social": {"common": (1, "Common"), "user": (2, "User")},
    "SubNotify": {"common": (1, "Common"), "user": (2, "User")},
    "RoomUserSeq": {"common": (1, "Common"), "total": (3, "int"), "total_user": (7, "int")},
    "Control": {"common": (1, "Common"), "action": (2, "int")},
    "ImDelete": {"common": (1, "Common"), "msg_ids": (2, "*int"), "user_ids": (3, "*int")},
    "Heartbeat": {"room_id": (1, "uint"), "send_packet_seq_id": (2, "uint")},
    "EnterRoom": {
        "room_id": (1, "uint"),
        "live_id": (4, "int"),
        "identity": (5, "bytes"),
        "cursor": (6, "bytes"),
        "filter_welcome_msg": (9, "bytes"),
    },
}

SCALARS = {
    "int": type_numbers.TYPE_INT64,
    "uint": type_numbers.TYPE_UINT64,
    "bool": type_numbers.TYPE_BOOL,
    "bytes": type_numbers.TYPE_BYTES,
    "str": type_numbers.TYPE_STRING,
}


def _build(text_type: type_numbers.Type.ValueType) -> dict[str, Any]:
    """One message class for each name of `FIELDS`; `text_type` is what a `str` field is parsed as."""
    file = descriptor_pb2.FileDescriptorProto(name="wire.proto", package=PACKAGE, syntax="proto3")
    scalars = SCALARS | {"str": text_type}
    for name, fields in FIELDS.items():
        message = file.message_type.add(name=name)
        for field_name, (number, kind) in fields.items():
            label = type_numbers.LABEL_REPEATED if kind.startswith("*") else type_numbers.LABEL_OPTIONAL
            field = message.field.add(name=field_name, number=number, label=label)
            element = kind.lstrip("*")
            field.type = scalars.get(element, type_numbers.TYPE_MESSAGE)
            if element not in scalars:
                field.type_name = f".{PACKAGE}.{element}"
    pool = descriptor_pool.DescriptorPool()
    pool.Add(file)
    find = pool.FindMessageTypeByName
    return {name: message_factory.GetMessageClass(find(f"{PACKAGE}.{name}")) for name in FIELDS}


_strict = _build(type_numbers.TYPE_STRING)
_lenient = _build(type_numbers.TYPE_BYTES)

Push: Any = _strict["Push"]
Header: Any = _strict["Header"]
Fetch: Any = _strict["Fetch"]
Envelope: Any = _strict["Envelope"]
User: Any = _strict["User"]
Badge: Any = _strict["Badge"]
Identity: Any = _strict["Identity"]
UserAttributes: Any = _strict["UserAttributes"]
SubscribeInfo: Any = _strict["SubscribeInfo"]
Chat: Any = _strict["Chat"]
Gift: Any = _strict["Gift"]
Like: Any = _strict["Like"]
Member: Any = _strict["Member"]
Social: Any = _strict["Social"]
SubNotify: Any = _strict["SubNotify"]
RoomUserSeq: Any = _strict["RoomUserSeq"]
Control: Any = _strict["Control"]
ImDelete: Any = _strict["ImDelete"]
Heartbeat: Any = _strict["Heartbeat"]
EnterRoom: Any = _strict["EnterRoom"]


def mended(kind: Any, payload: bytes) -> Any:
    """A message whose text is not UTF-8, its broken characters replaced. Else raises as the parser does."""
    name = kind.DESCRIPTOR.name
    message = _lenient[name].FromString(payload)
    _replace_broken(message, FIELDS[name])
    return kind.FromString(message.SerializeToString())


def _replace_broken(message: Any, fields: dict[str, tuple[int, str]]) -> None:
    for name, (_, kind) in fields.items():
        if kind == "str":
            setattr(message, name, getattr(message, name).decode(errors="replace").encode())
        elif kind in FIELDS and message.HasField(name):
            _replace_broken(getattr(message, name), FIELDS[kind])
