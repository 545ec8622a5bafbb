"""The only place where a refusal becomes words in a chat. The nearest ancestor's words are said."""

import re
import secrets
from collections.abc import Mapping
from decimal import Decimal

import structlog
from aiogram import Bot, Router
from aiogram.exceptions import (
    TelegramBadRequest,
    TelegramForbiddenError,
    TelegramNetworkError,
    TelegramRetryAfter,
    TelegramServerError,
)
from aiogram.filters import ExceptionTypeFilter
from aiogram.types import ErrorEvent

from bot import kept_replies, plan_words
from bot.figures import count, money
from bot.front import Front
from bot.pace import is_unsent
from bot.screens import Rows, Screen, button
from core import errors
from core.errors import AppError
from core.i18n import Html, Words, message
from core.money import amounts

log = structlog.get_logger(__name__)

OUT_OF_REACH = (TelegramNetworkError, TelegramServerError, TelegramRetryAfter)

SORRY = message(
    "😔 Something broke on our side. Please try again in a minute. If it happens again, send /support and "
    "quote the number {number}."
)

OUT_OF_DATE = message("⌛ This button is out of date.")
OF_OLD_BUTTONS = {errors.Invalid.code, errors.NotFound.code, "order_not_found", "license_not_found"}
"""What a press is refused with when its button, made of what was there then, makes no sense any more."""

TEXTS: dict[str, str] = {
    errors.AppError.code: message("😔 That did not work. Please try again, or write to /support."),
    errors.Invalid.code: message("🤔 I could not use that. Please check it and send it again."),
    errors.Unauthenticated.code: message("🔒 Please open the bot with /start and try again."),
    errors.Forbidden.code: message("🔒 That is not allowed for your account. Questions? /support"),
    errors.NotFound.code: message("🔍 I cannot find that any more. /start shows the menu."),
    errors.Conflict.code: message("🔄 Something has just changed. Please look again and repeat."),
    errors.TooLarge.code: message("📦 That is too big. Please send something smaller."),
    errors.RateLimited.code: message("🐢 That was too fast. Please wait a moment and try again."),
    errors.Full.code: message("💾 There is no space left. Please delete something first."),
    errors.Unavailable.code: message("⏳ That is not available right now. Please try again in a minute."),
    errors.InvalidLicenseKey.code: message(
        "🔑 There is a typing error in this key. It looks like <code>TTB-XXXX-XXXX-XXXX</code>: best copy it "
        "and paste it here."
    ),
    errors.LicenseNotFound.code: message(
        "🔑 I do not know this key. Please check it with whoever sold it to you, or write to /support."
    ),
    errors.LicenseRevoked.code: message("🔑 This key was withdrawn. Please write to /support."),
    errors.LicenseSuspended.code: message("🔑 This key is paused. Please write to /support."),
    errors.LicenseAlreadyBound.code: message(
        "🔑 This key belongs to another account already. Is it yours? Write to /support."
    ),
    errors.LicenseRequired.code: message(
        "🔑 You need a license for this. /activate shows how to get one, also for free to try."
    ),
    errors.LicenseExpired.code: message("🔑 Your license has ended. /activate shows how to renew it."),
    errors.PlanLimit.code: message("📈 Your plan does not reach that far. /activate shows larger plans."),
    errors.UserBanned.code: message("🔒 This account is blocked. Please write to whoever runs this service."),
    errors.InsufficientFunds.code: message(
        "💳 Not enough on your balance: you have {available} and need {required}. "
        "/topup adds money, then press the same button again."
    ),
    "debt_open": message("💳 A refund left {debt} to be paid. /topup first, then try again."),
    "trial_used": message("🎁 You have had your free days already. /activate shows what you can buy."),
    "no_trial": message("🎁 There are no free days here. /activate shows what you can buy."),
    "not_for_sale": message("🛒 This plan is no longer sold. /activate shows what you can buy."),
    "invoice_not_payable": message("🧾 This invoice has run out. Please ask for a new one."),
    "payments_unavailable": message("⭐ Stars cannot be used right now. Please try again later."),
    "invalid_video_url": message(
        "🤔 That is no link to a TikTok video. In TikTok press Share → Copy link and paste it here."
    ),
    "video_not_found": message(
        "🔍 This link leads to no video. Open the video in a browser and send me the long link from there."
    ),
    "short_link_unanswered": message(
        "📡 TikTok does not answer right now. Try again in a minute, or send me the long link."
    ),
    "view_count_out_of_range": message("🔢 Please choose between {minimum} and {maximum} views."),
    "order_not_found": message("🔍 I do not know this order. /orders lists yours."),
    "order_ended": message("📦 This order is over already; nothing has changed."),
    "link_request_not_found": message(
        "⌛ That is too late or was answered already. Please ask again in the app."
    ),
    "accounts_in_use": message(
        "🔗 Both accounts hold money or a license, so I cannot join them. /support can help."
    ),
    "too_many_tickets": message("💬 You have several open questions. Please wait for an answer first."),
    "ticket_closed": message("💬 This question is closed. /support opens a new one."),
    "ticket_full": message("💬 This question has become very long. /support opens a new one."),
    errors.UnsupportedSound.code: message(
        "🔇 I cannot use this file as a sound. Please send mp3, wav, ogg, m4a or a voice message, and keep "
        "it short."
    ),
    errors.SoundExists.code: message(
        "🎵 You have a sound of this name already. Please rename the file and send it again."
    ),
    errors.SoundInUse.code: message("🎵 This sound is in use by a trigger. Change the trigger first."),
    errors.FileTooLarge.code: message("📦 This file is too big. Please send a shorter or smaller one."),
    errors.QuotaExceeded.code: message(
        "💾 Your space for sounds is full. Please delete some in the app, then send it again."
    ),
    errors.TiktokUsernameNotSet.code: message(
        "👤 Tell me your TikTok name first: open /settings and press “TikTok name”."
    ),
}
"""By `code`. An error of another part that is not named here is said in the words of its ancestor."""

TOO_LONG = re.compile(r"longer than ([0-9.]+) seconds")
BROKEN = ("it cannot be decoded", "the file is empty", "the file is damaged", "there is no sound")
NOTHING: dict[str, str] = {}
NO_ROWS: Rows = []
MONEY = ("available", "required", "debt")

FIELDS: dict[str, str] = {
    "amount": message("🤔 Please send an amount, for example <code>10</code> or <code>12.50</code>."),
    "video_url": message(
        "🤔 That is no link to a TikTok video. In TikTok press Share → Copy link and paste it here."
    ),
    "view_count": message("🔢 Please send a whole number within the limits, for example <code>1000</code>."),
    "text": message("✍️ That is empty or too long. Please write it in a shorter message."),
    "tiktok_username": message(
        "🤔 A TikTok name has 2–24 letters, digits, dots or underscores, as in your profile: @name."
    ),
}
"""By the field an `Invalid` names."""


def text_of(error: AppError, words: Words, currency: str, first: Mapping[str, str] = NOTHING) -> Html:
    """`first`: texts by code that come before those of everybody."""
    field = error.details.get("field")
    if type(error) is errors.Invalid and field in FIELDS:
        return _of_field(str(field), error.details.get("maximum"), words, currency)
    if isinstance(error, errors.PlanLimit) and "what" in error.details:
        return plan_words.said(error.details, words)
    if said := _of_sound(error, words):
        return said
    known = {**TEXTS, **first}
    return words(known[_said_code(error, known)], **_values(error, words, currency))


def _of_field(field: str, most: object, words: Words, currency: str) -> Html:
    if field == "amount" and isinstance(most, int | float):
        text = message("🤔 At most {most} can be added at once.")
        return words(text, most=money(amounts.minor(Decimal(str(most))), currency, words))
    return words(FIELDS[field])


def _of_sound(error: AppError, words: Words) -> Html | None:
    """Names the limit, or says that the file is broken, where that is known."""
    reason = str(error.details.get("reason"))
    if isinstance(error, errors.FileTooLarge) and isinstance(most := error.details.get("max_bytes"), int):
        text = message("📦 This file is too big: {megabytes} MB is the most. Please send a shorter one.")
        return words(text, megabytes=f"{most / 1_000_000:g}")
    if isinstance(error, errors.QuotaExceeded):
        return _full(error.details, words)
    if isinstance(error, errors.UnsupportedSound) and (longest := TOO_LONG.fullmatch(reason)):
        text = message("⏱ This sound is too long: {seconds} s is the most. Cut it and send it again.")
        return words(text, seconds=longest[1])
    if isinstance(error, errors.UnsupportedSound) and reason.startswith(BROKEN):
        return words(
            message("💔 This file is empty or broken. Please save or export it anew, or send another.")
        )
    return None


def _full(details: Mapping[str, object], words: Words) -> Html | None:
    used, quota = details.get("used"), details.get("quota")
    if not isinstance(used, int) or not isinstance(quota, int):
        return None
    text = message(
        "💾 Your plan has room for {quota} MB of sounds, {used} MB are used. Please delete some in the app, "
        "then send it again. /activate shows the plans."
    )
    return words(text, quota=f"{quota / 1_000_000:g}", used=f"{used / 1_000_000:.1f}")


def _said_code(error: AppError, known: Mapping[str, str] = TEXTS) -> str:
    codes = [kind.code for kind in type(error).__mro__ if issubclass(kind, AppError)]
    return next(code for code in codes if code in known)


def is_of_old_button(event: ErrorEvent) -> bool:
    error = event.exception
    is_press = event.update.callback_query is not None
    return is_press and isinstance(error, AppError) and _said_code(error) in OF_OLD_BUTTONS


def _values(error: AppError, words: Words, currency: str) -> dict[str, object]:
    return {name: _value(name, value, words, currency) for name, value in error.details.items()}


def _value(name: str, value: object, words: Words, currency: str) -> object:
    if not isinstance(value, int):
        return value
    return money(value, currency, words) if name in MONEY else count(value, words)


def router() -> Router:
    router = Router(name="refusals")
    router.error.register(say_refusal, ExceptionTypeFilter(AppError))
    router.error.register(pass_over, ExceptionTypeFilter(TelegramForbiddenError))
    router.error.register(give_up, ExceptionTypeFilter(*OUT_OF_REACH))
    router.error.register(apologise)
    return router


async def say_refusal(event: ErrorEvent, bot: Bot, words: Words, front: Front) -> None:
    error = event.exception
    if isinstance(error, AppError):
        log.info("refused", code=error.code)
        if is_of_old_button(event):
            await _say(event, bot, front, words, words(OUT_OF_DATE))
            return
        await _say(event, bot, front, words, text_of(error, words, front.currency), _way_on(error, words))


async def pass_over(event: ErrorEvent) -> None:
    """They blocked the bot: nobody reads an apology."""
    log.info("not_reachable", reason=str(event.exception))


async def give_up(event: ErrorEvent, front: Front) -> None:
    """Telegram did not take the answer: it takes no apology either."""
    await _not_taken(event.exception, front)


async def _not_taken(error: Exception, front: Front) -> None:
    """Sent later, where it is certain that it has not arrived."""
    log.warning("answer_not_sent", reason=type(error).__name__)
    if isinstance(error, TelegramRetryAfter) or (
        isinstance(error, TelegramNetworkError) and is_unsent(error)
    ):
        await kept_replies.keep(front, error.method)


async def apologise(event: ErrorEvent, bot: Bot, words: Words, front: Front) -> None:
    if isinstance(event.exception, TelegramBadRequest) and "query is too old" in event.exception.message:
        return
    number = secrets.token_hex(4)
    log.error("update_failed", number=number, exc_info=event.exception)
    await _say(event, bot, front, words, words(SORRY, number=number))


def _way_on(error: AppError, words: Words) -> Rows:
    """The button for what the text says to do first."""
    if isinstance(error, errors.InsufficientFunds | errors.DebtOpen):
        return [[button(words(message("➕ Top up")), "topup")]]
    if isinstance(error, errors.LicenseRequired | errors.LicenseExpired) or error.details.get("larger"):
        return [[button(words(message("🔑 License")), "license")]]
    return []


async def _say(
    event: ErrorEvent, bot: Bot, front: Front, words: Words, text: str, way_on: Rows = NO_ROWS
) -> None:
    update = event.update
    source = update.message or update.callback_query
    if source is None or source.from_user is None:
        return
    screen = Screen(text, [*way_on, [button(words(message("🏠 Menu")), "menu")]])
    try:
        await bot.send_message(source.from_user.id, screen.text, reply_markup=screen.markup)
    except OUT_OF_REACH as error:
        await _not_taken(error, front)
