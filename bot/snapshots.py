"""What a ticket keeps of the account it is about, as whoever answers it reads it in the chat."""

from collections.abc import Mapping
from typing import Any

from bot.desk_texts import EVENTS
from bot.live_texts import trouble
from core.i18n import Html, Words, message

SHOWN = 5  # the newest of those kept
LIVES = {
    "off": message("LIVE: off"),
    "connecting": message("LIVE: connecting"),
    "waiting": message("LIVE: waiting"),
    "live": message("LIVE: on air"),
    "failed": message("LIVE: failed"),
}


def known(snapshot: Mapping[str, Any], t: Words) -> Html:
    """License, LIVE and the last events; no money, so that everybody may read it."""
    license_, live = snapshot["license"], snapshot["live"]
    until = (license_["expires_at"] or "")[:10]
    title = license_.get("title") or license_["plan"] or "–"
    lines = [
        t(message("License: {plan} {until}"), plan=title, until=until),
        t(LIVES.get(live["state"], live["state"])),
    ]
    if live["error_code"]:
        lines.append(t(message("💡 They read: {text}"), text=trouble(live["error_code"], t)))
    lines += [_event(event, t) for event in snapshot["history"][-SHOWN:]]
    return Html("\n".join(lines))


def _event(event: Mapping[str, Any], t: Words) -> Html:
    at = event["at"][5:16].replace("T", " ")
    kind = t(EVENTS.get(event["type"], "{code}"), code=event["type"])
    return t("{at} · {kind} · {outcome}", at=at, kind=kind, outcome=_outcome(event, t))


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
