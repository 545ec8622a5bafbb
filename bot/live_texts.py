"""The LIVE in plain words: how it stands, what is wrong, what helps."""

from datetime import datetime

from core.i18n import Html, Words, message
from core.live.source import LiveState, LiveStatus

STATES = {
    LiveState.OFF: message("⚪️ LIVE is off: I am not listening."),
    LiveState.CONNECTING: message("🟡 Connecting to your LIVE…"),
    LiveState.WAITING: message("🟡 Ready. I begin by myself as soon as you are LIVE on TikTok."),
    LiveState.LIVE: message("🔴 I am listening to your LIVE."),
    LiveState.FAILED: message("⚠️ I cannot hear your LIVE."),
}

TROUBLES = {
    "offline": message("You are not LIVE on TikTok right now. Just go LIVE; I notice within a minute."),
    "unknown_streamer": message("TikTok knows nobody of this name. Check your TikTok name in /settings."),
    "lookup_failed": message(
        "TikTok did not answer whether you are LIVE. I keep trying; you need not do anything."
    ),
    "sign_failed": message(
        "The connection cannot be opened right now. I keep trying; you need not do anything."
    ),
    "sign_limited": message("Too many connections for the moment. I keep trying; you need not do anything."),
    "sign_refused": message("Our access to TikTok has a problem. Please write to /support."),
    "blocked": message("TikTok refuses our server for now. I try again later; you need not do anything."),
    "connection_lost": message("The connection was cut. I am reconnecting; you need not do anything."),
    "connection_silent": message("TikTok went silent. I am reconnecting; you need not do anything."),
    "license_required": message("There is no license. /activate shows how to get one."),
    "license_expired": message("Your license has ended. /activate shows how to renew it."),
    "live_unavailable": message("Your LIVE cannot be reached right now. I keep trying."),
}
"""By the code of the trouble: what it means and what the streamer can do."""


def trouble(code: str, words: Words) -> Html:
    return words(TROUBLES.get(code, TROUBLES["live_unavailable"]))


def status(told: LiveStatus, words: Words, now: datetime) -> Html:
    lines = [words(STATES[told.state])]
    if told.state is LiveState.LIVE and told.viewers is not None:
        lines.append(words.many(message("👀 {count} viewer"), message("👀 {count} viewers"), told.viewers))
    if told.last_frame_at:
        seconds = max(0, int((now - told.last_frame_at).total_seconds()))
        lines.append(
            words.many(
                message("📡 Last heard {count} second ago"),
                message("📡 Last heard {count} seconds ago"),
                seconds,
            )
        )
    if told.error_code or told.error:
        lines.append(Html("💡 " + trouble(told.error_code or "", words)))
    return Html("\n".join(lines))
