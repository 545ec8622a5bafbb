"""Notices in words, one function a kind. What their data holds is said at `core.notices.NoticeKind`."""

from collections.abc import Callable, Mapping
from typing import Any

from bot import desk_texts, plan_words, snapshots
from bot.figures import count, money
from bot.live_texts import trouble
from bot.order_cards import status_of
from bot.screens import Rows, Screen, button
from core.i18n import Html, Words, message
from core.notices import NoticeKind

Data = Mapping[str, Any]
Render = Callable[[Data, Words], Screen]
SHOWN_GIFTERS = 5
LONGEST_TEXT = 3_000


def render(kind: str, data: Data, words: Words) -> Screen:
    """Raises `KeyError` for a kind that nobody has words for."""
    return _RENDER[NoticeKind(kind)](data, words)


def _screen(text: Html, words: Words, *rows: tuple[str, str]) -> Screen:
    buttons: Rows = [[button(label, data)] for label, data in rows]
    return Screen(text, [*buttons, [button(words(message("🏠 Menu")), "menu")]])


def _day(moment: Any) -> str:
    return str(moment or "")[:10]


def _time(moment: Any) -> str:
    """Of an ISO time: hours and minutes, UTC."""
    return str(moment or "")[11:16]


def _license_ending(data: Data, words: Words) -> Screen:
    days, renew = int(data["days"]), (words(message("🔑 Renew")), "license")
    if days <= 0:
        text = words(
            message("⌛ Your license has ended. Your settings and sounds stay; LIVE is off until you renew.")
        )
        return _screen(text, words, renew)
    text = words.many(
        message("⏳ Your license ends in {count} day, on {day}."),
        message("⏳ Your license ends in {count} days, on {day}."),
        days,
        day=_day(data["expires_at"]),
    )
    return _screen(text, words, renew)


def _license_bought(data: Data, words: Words) -> Screen:
    text = words(
        message("🎉 Thank you! Your license runs until <b>{day}</b>."), day=_day(data.get("expires_at"))
    )
    return _screen(text, words, (words(message("🔴 LIVE")), "live"))


def _live_began(data: Data, words: Words) -> Screen:
    text = words(
        message("🔴 You are LIVE, and I am listening to @{name}."), name=data.get("tiktok_username", "")
    )
    return _screen(text, words, (words(message("🖥 Player and overlay")), "pages"))


def _live_failed(data: Data, words: Words) -> Screen:
    cure = trouble(str(data.get("code", "")), words)
    text = words(message("⚠️ I cannot hear your LIVE.\n💡 {cure}"), cure=cure)
    return _screen(text, words, (words(message("🔴 LIVE")), "live"))


def _live_deaf(data: Data, words: Words) -> Screen:
    text = words(
        message(
            "🙉 I could not hear your LIVE from {began} to {ended} (UTC): TikTok cut the connection. What "
            "was sent in that time was not played."
        ),
        began=_time(data["since"]),
        ended=_time(data["until"]),
    )
    return _screen(text, words, (words(message("🔴 LIVE")), "live"))


def _unplayed(data: Data, words: Words) -> Screen:
    is_closed = data.get("reason") == "no_player"
    text = words(
        message(
            "🔇 Sounds are due, but no player is open.\n"
            "💡 Open the player on your phone or the overlay in OBS."
        )
        if is_closed
        else message(
            "🔇 Sounds are due, but nothing has played for 30 seconds.\n"
            "💡 Touch the player’s page once, and check its volume."
        )
    )
    return _screen(text, words, (words(message("🖥 Player and overlay")), "pages"))


def _speech_spent(data: Data, words: Words) -> Screen:
    text = words(
        message("🔇 Nothing more is read aloud until {time} (UTC). Sounds and alerts go on.\n{why}"),
        time=_time(data["again_at"]),
        why=plan_words.said(data, words),
    )
    return _screen(text, words, (words(message("🔑 License")), "license"))


def _live_report(data: Data, words: Words) -> Screen:
    lines: list[str] = [words(message("📊 <b>Your LIVE</b>")), _lasted(int(data["seconds"]), words)]
    lines += [words(text, number=count(data[key], words)) for key, text in _REPORTED.items() if key in data]
    lines += [_gifter(one, words) for one in list(data.get("top_gifters", []))[:SHOWN_GIFTERS]]
    lines += [words(text, number=count(data[key], words)) for key, text in _MISSED.items() if data.get(key)]
    return _screen(Html("\n".join(lines)), words)


def _lasted(seconds: int, words: Words) -> Html:
    minutes = max(1, round(seconds / 60))
    if minutes < 60:
        return words.many(message("⏱ {count} minute"), message("⏱ {count} minutes"), minutes)
    return words(message("⏱ {hours} h {minutes} min"), hours=minutes // 60, minutes=minutes % 60)


_REPORTED = {
    "peak_viewers": message("👀 Most viewers at once: {number}"),
    "follows": message("➕ New followers: {number}"),
    "messages": message("💬 Messages: {number}"),
    "gifts": message("🎁 Gifts: {number}"),
    "diamonds": message("💎 Diamonds: {number}"),
}

_MISSED = {
    "deaf_seconds": message("🙉 Seconds not heard: {number}"),
    "missed": message("🔇 Not played, no player was open: {number}"),
    "dropped": message("⏭ Not played, too much at once: {number}"),
}


def _gifter(one: Data, words: Words) -> Html:
    name = one.get("user") or one.get("username") or ""
    return words(
        message("🏅 {name}: {diamonds} 💎"), name=name, diamonds=count(one.get("diamonds", 0), words)
    )


def _order_ended(data: Data, words: Words) -> Screen:
    order_id, currency = str(data["order_id"]), str(data.get("currency", "USD"))
    lines = [
        words(
            message("📦 <b>{order_id}</b>: {status}\n👁 {delivered} of {ordered} views"),
            order_id=order_id,
            status=words(status_of(str(data["status"]), is_cancel_asked=bool(data.get("cancel_requested")))),
            delivered=count(data["view_count_delivered"], words),
            ordered=count(data["view_count"], words),
        )
    ]
    if data.get("note"):
        lines.append(words(message("💬 {note}"), note=str(data["note"])[:LONGEST_TEXT]))
    if data.get("refunded"):
        back = money(int(data["refunded"]), currency, words)
        lines.append(words(message("↩️ Back to your balance: {amount}"), amount=back))
    return _screen(Html("\n".join(lines)), words, (words(message("📦 Details")), f"order:{order_id}"))


def _payment(data: Data, words: Words) -> Screen:
    currency = str(data.get("currency", "USD"))
    amount = money(int(data.get("amount", 0)), currency, words)
    text = _PAID.get(str(data.get("what", "top_up")), _PAID["top_up"])
    lines = [words(text, amount=amount)]
    if problem := data.get("problem"):
        lines.append(words(_PROBLEMS.get(str(problem), _PROBLEMS[""])))
    if data.get("license"):
        lines.append(words(message("🔑 The unused days of the license bought with it are gone.")))
    if data.get("debt"):
        owed = money(int(data["debt"]), currency, words)
        lines.append(words(message("⚠️ {amount} of it had been spent and is owed now."), amount=owed))
    return _screen(Html("\n".join(lines)), words, (words(message("💳 Balance")), "balance"))


_PROBLEMS = {
    "paid_again": message("⚠️ You had paid this invoice before; this is money to spend."),
    "debt_first": message(
        "⚠️ Something was owed, so no license was bought. /activate shows how to buy it now."
    ),
    "plan_gone": message("⚠️ The plan you paid for is no longer sold. /activate shows the others."),
    "": message("⚠️ We could not match this payment with an invoice. Questions? /paysupport"),
}
"""Why money for something else is on the balance, by `Payment.problem`."""

_PAID = {
    "top_up": message("💳 <b>{amount}</b> was added to your balance. Thank you!"),
    "refund": message("↩️ A payment was refunded: {amount}."),
    "reward": message("🎁 A reward for your invitation: {amount}."),
}


def _ticket(data: Data, words: Words) -> Screen:
    number, event = data["ticket_id"], data.get("event", "said")
    if event == "closed":
        return _screen(
            words(message("✅ Your question {number} is closed. Anything else? /support"), number=number),
            words,
        )
    text = words(
        message("💬 Question {number}:\n{text}"), number=number, text=str(data.get("text", ""))[:LONGEST_TEXT]
    )
    if snapshot := data.get("snapshot"):  # staff alone is told
        text = Html(f"{text}\n\n{snapshots.known(snapshot, words)}")
    return _screen(text, words, (words(message("✍️ Answer")), f"answer:{number}"))


def _reset_code(data: Data, words: Words) -> Screen:
    text = words(
        message(
            "🔐 Your code for a new password: <code>{code}</code>\n"
            "Did you not ask for it? Then ignore this and give the code to nobody."
        ),
        code=data["code"],
    )
    return Screen(text)


def _link_request(data: Data, words: Words) -> Screen:
    request_id = data["request_id"]
    text = words(
        message(
            "🔗 Somebody signed in as <b>{name}</b> wants to join that account with this Telegram. "
            "Was it you?"
        ),
        name=data.get("username", ""),
    )
    rows: Rows = [
        [button(words(message("✅ Yes, join them")), f"link:yes:{request_id}")],
        [button(words(message("✖️ No, that was not me")), f"link:cancel:{request_id}")],
    ]
    return Screen(text, rows)


def _credentials_set(data: Data, words: Words) -> Screen:
    text = words(
        message(
            "🔐 Your account can now be entered as <b>{name}</b> with a password. "
            "Was it not you? Write to /support."
        ),
        name=data["username"],
    )
    return _screen(text, words)


def _accounts_joined(data: Data, words: Words) -> Screen:
    text = words(
        message("🔗 This Telegram and the account <b>{name}</b> are one now."), name=data["username"]
    )
    return _screen(text, words)


def _broadcast_preview(data: Data, words: Words) -> Screen:
    return Screen(words(message("👁 This is how it will look:\n\n{text}"), text=data["text"]))


def _alert(data: Data, words: Words) -> Screen:
    known = {name: value[:LONGEST_TEXT] if isinstance(value, str) else value for name, value in data.items()}
    return Screen(words(message("🚨 <b>Attention</b>\n{what}"), what=desk_texts.alert(known, words)))


_RENDER: dict[NoticeKind, Render] = {
    NoticeKind.LICENSE_ENDING: _license_ending,
    NoticeKind.LICENSE_BOUGHT: _license_bought,
    NoticeKind.LIVE_BEGAN: _live_began,
    NoticeKind.LIVE_FAILED: _live_failed,
    NoticeKind.LIVE_DEAF: _live_deaf,
    NoticeKind.UNPLAYED: _unplayed,
    NoticeKind.SPEECH_SPENT: _speech_spent,
    NoticeKind.LIVE_REPORT: _live_report,
    NoticeKind.ORDER_ENDED: _order_ended,
    NoticeKind.PAYMENT: _payment,
    NoticeKind.TICKET: _ticket,
    NoticeKind.RESET_CODE: _reset_code,
    NoticeKind.LINK_REQUEST: _link_request,
    NoticeKind.CREDENTIALS_SET: _credentials_set,
    NoticeKind.ACCOUNTS_JOINED: _accounts_joined,
    NoticeKind.BROADCAST_PREVIEW: _broadcast_preview,
    NoticeKind.ALERT: _alert,
}
