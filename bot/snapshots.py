"""What a ticket keeps of the account it is about, as whoever answers it reads it in the chat."""

from collections.abc import Mapping
from typing import Any

from core.i18n import Html, Words, message

EVENTS = 5  # the newest of those kept


def known(snapshot: Mapping[str, Any], t: Words) -> Html:
    """License, LIVE and the last events; no money, so that everybody may read it."""
    license_, live = snapshot["license"], snapshot["live"]
    until = (license_["expires_at"] or "")[:10]
    trouble = f" ({live['error_code']})" if live["error_code"] else ""
    lines = [
        t(message("License: {plan} {until}"), plan=license_["plan"] or "–", until=until),
        t("LIVE: {state}", state=live["state"] + trouble),
        *(_event(event, t) for event in snapshot["history"][-EVENTS:]),
    ]
    return Html("\n".join(lines))


def _event(event: Mapping[str, Any], t: Words) -> Html:
    at = event["at"][5:16].replace("T", " ")
    return t("{at} · {type} · {outcome}", at=at, type=event["type"], outcome=_outcome(event, t))


def _outcome(event: Mapping[str, Any], t: Words) -> Html:
    if event["played_at"]:
        return t(message("▶️ played"))
    if event["dropped"]:
        return t(message("⏭ left out"))
    if event["heard_by"]:
        return t(message("📨 sent, not played"))
    if event["fired"]:
        return t(message("🔇 nobody listened"))
    return t(message("nothing to play"))
