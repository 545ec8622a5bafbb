"""What the operators' desk says of states, figures and refusals."""

from collections.abc import Mapping
from typing import Any

from bot.refusals import text_of
from core import errors
from core.errors import AppError
from core.i18n import Html, Words, message

KEYS = {
    "new": message("🆕 not used yet"),
    "active": message("✅ in use"),
    "suspended": message("⏸ suspended"),
    "revoked": message("🗑 revoked"),
}
TICKETS = {"open": message("🟢 open"), "closed": message("☑️ closed")}
TOPICS = {"support": message("question"), "payment": message("payment")}
CASTS = {
    "draft": message("📝 draft"),
    "running": message("🚀 being sent"),
    "paused": message("⏸ paused"),
    "done": message("✅ sent"),
    "stopped": message("⏹ stopped"),
}
PAYMENTS = {
    "booked": message("✅ paid"),
    "refund_requested": message("⏳ being refunded"),
    "refunded": message("↩️ refunded"),
}
ROLES = {"user": message("customer"), "support": message("support"), "admin": message("administrator")}

FIGURES = {
    "users": (
        message("👤 <b>Accounts</b>"),
        {
            "total": message("in all"),
            "new_in_week": message("new this week"),
            "seen_in_day": message("seen today"),
            "reachable": message("reachable in Telegram"),
            "banned": message("blocked"),
            "licensed": message("with a license"),
            "expired": message("license ended"),
        },
    ),
    "licenses": (message("🔑 <b>Keys</b>"), KEYS),
    "orders": (
        message("📦 <b>Orders</b>"),
        {
            "pending": message("waiting"),
            "processing": message("being shown"),
            "completed": message("done"),
            "partial": message("partly done"),
            "failed": message("failed"),
            "cancelled": message("cancelled"),
        },
    ),
    "lives": (
        message("🔴 <b>LIVE right now</b>"),
        {
            "off": message("off"),
            "connecting": message("connecting"),
            "waiting": message("waiting"),
            "live": message("on air"),
            "failed": message("failed"),
        },
    ),
    "money": (
        message("💳 <b>Money</b>"),
        {
            "wallet": message("on balances"),
            "held": message("set aside for orders"),
            "debt": message("owed to us"),
            "stars": message("came in by Stars"),
            "adjustments": message("given and taken by hand"),
            "rewards": message("rewards"),
            "revenue": message("earned"),
        },
    ),
}

EVENTS = {
    "chat": message("chat line"),
    "gift": message("gift"),
    "like": message("likes"),
    "viewer_join": message("somebody came in"),
    "viewer_first_message": message("somebody’s first message"),
    "follow": message("new follower"),
    "share": message("LIVE shared"),
    "subscribe": message("subscription"),
    "effect": message("milestone"),
}
"""What happened in a LIVE, by the type of its message."""

ALERTS = {
    "ledger": message(
        "The ledger does not hold. Broken places: {count}. Book nothing by hand and run "
        "<code>ttboost wallet verify</code>.\n{first}"
    ),
    "payment_problem": message(
        "A payment of {stars} Stars does not fit any invoice; the money is on the balance of account "
        "#{account}.\nReason: {problem}\nCharge: <code>{charge_id}</code>"
    ),
    "payment_stuck": message(
        "A payment cannot be booked. It is tried again by itself; the log says more.\nReason: {problem}\n"
        "Charge: <code>{charge_id}</code>"
    ),
    "refund_refused": message(
        "Telegram refused a refund; the payment stays as it was.\nReason: {problem}\n"
        "Charge: <code>{charge_id}</code>"
    ),
    "stars_differ": message("Telegram’s list of Stars and ours differ.\n{problem}"),
}
"""By what is wrong (`core.notices.NoticeKind.ALERT`)."""

PROBLEMS = {
    "unknown_payload": message("we made no such invoice"),
    "wrong_user": message("somebody else paid it"),
    "wrong_amount": message("another amount was paid"),
    "wrong_currency": message("it was not paid in Stars"),
    "refunded_first": message("it was refunded before we heard of it"),
}

REFUSED = {
    errors.UserNotFound.code: message("🔍 Nobody of that name or number has come yet."),
    errors.LicenseNotFound.code: message("🔍 No key ends like that."),
    errors.InsufficientFunds.code: message("💳 There is only {available} on this balance."),
    errors.LicenseRevoked.code: message("🗑 This key is revoked: nothing can be done with it any more."),
    errors.OrderTaken.code: message("✋ Somebody else has taken this order."),
    errors.NotOneself.code: message("🪞 Not to yourself: another administrator can."),
    errors.BroadcastState.code: message("📣 That was done already. Look again."),
}
FIELDS = {
    "amount": message("🤔 Begin with an amount, for example <code>5.00</code>."),
    "reason": message("✍️ Say why, in a few plain words."),
    "user": message("🤔 That is no username and no tg: with digits."),
    "days": message("🔢 How many days? A whole number from 1 to 36500."),
    "count": message("🔢 How many keys? A whole number from 1 to 50."),
    "sent": message("🔢 Views sent: a whole number, not below what was reported before."),
    "delivered": message("🔢 Views delivered: a whole number, not below what was reported before."),
    "note": message("✍️ That note is longer than 500 characters. Please shorten it."),
    "texts": message("✍️ That is empty or longer than 3500 characters."),
}


def alert(data: Mapping[str, Any], words: Words) -> Html:
    """What is wrong and what helps; trouble nobody has words for is told as it stands."""
    text = ALERTS.get(str(data.get("about")))
    if text is None:
        lines = [words("{name}: {value}", name=name, value=value) for name, value in data.items()]
        return Html("\n".join(lines))
    problem = str(data.get("problem", ""))
    first = "\n".join(str(one) for one in data.get("first", ()))
    known = {**data, "first": first, "problem": words(PROBLEMS.get(problem, "{code}"), code=problem)}
    return words(text, **known)


def refusal(error: AppError, words: Words, currency: str) -> Html:
    """Why, to an operator; what is not said otherwise here is said as to everybody."""
    field = str(error.details.get("field"))
    if type(error) is errors.Invalid and field in FIELDS:
        return words(FIELDS[field])
    return text_of(error, words, currency, REFUSED)
