"""What history keeps of an event, as the message the socket told it by: one script draws both."""

from typing import Any

_MADE_BY_US = "effect"


def message_of(row: dict[str, Any]) -> dict[str, Any] | None:
    """None: it has no line of its own. `row`: as `core.history` shows it."""
    message = {"type": row["type"], "id": row["id"], "seq": row["seq"], "ts": row["at"]}
    message["test"] = row.get("test", False)
    if row["dropped"]:
        message["left_out"] = True
    if row["type"] == _MADE_BY_US:
        return _effect(message, row)
    who = row["user"] or {"nickname": "", "username": ""}
    message |= {"user": who["nickname"] or who["username"], "username": who["username"]}
    if row["type"] == "chat":
        return message | {"message": row["message"]}
    if row["type"] == "gift":
        return message | _gift(row)
    return message


def _gift(row: dict[str, Any]) -> dict[str, Any]:
    total = row.get("streak_total", row["count"])
    return {"gift_name": row["gift_name"], "count": row["count"], "streak": {"total": total}}


def _effect(message: dict[str, Any], row: dict[str, Any]) -> dict[str, Any] | None:
    fired = row["fired"][0] if row["fired"] else None
    if fired is None or fired["action"] in ("counter", "webhook"):
        return None
    return message | {"action": fired["action"], "text": fired.get("text")}
