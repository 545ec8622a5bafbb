"""Every message of the bot in every language: there, filled in, and valid for Telegram."""

import ast
import re
import string
from collections.abc import Iterator
from pathlib import Path

import pytest
from babel.messages.pofile import read_po

from bot import notice_texts
from bot.audit_texts import ACTIONS
from bot.refusals import text_of
from core import errors, plan_limits
from core.errors import AppError
from core.i18n import LANGUAGES, LOCALES, language_of, words
from core.notices import NoticeKind
from core.payments import booking
from tests.fake_telegram import rules
from tests.test_architecture import every_refusal

ROOT = Path(__file__).parents[2]
HOSTILE = "<b>Ann & co</a>"
Said = str | tuple[str, str]


def said_in_code() -> Iterator[Said]:
    """What is marked with `message(...)`; two of them in `.many(...)` are one text."""
    for path in sorted([*ROOT.glob("bot/**/*.py"), *ROOT.glob("core/**/*.py")]):
        inside: set[int] = set()
        calls = [node for node in ast.walk(ast.parse(path.read_text("utf-8"))) if isinstance(node, ast.Call)]
        for call in calls:
            if isinstance(call.func, ast.Attribute) and call.func.attr == "many":
                one, several = call.args[:2]
                inside |= {id(one), id(several)}
                yield text_in(one), text_in(several)
        for call in calls:
            if isinstance(call.func, ast.Name) and call.func.id == "message" and id(call) not in inside:
                yield text_in(call)


def text_in(node: ast.AST) -> str:
    assert isinstance(node, ast.Call)
    assert isinstance(node.args[0], ast.Constant)
    return str(node.args[0].value)


SAID = list(dict.fromkeys(said_in_code()))


def catalogue(language: str) -> dict[Said, tuple[str, ...]]:
    with (LOCALES / language / "LC_MESSAGES" / "ttboost.po").open("rb") as file:
        read = read_po(file, locale=language)
    texts = {}
    for entry in read:
        if entry.id:
            translated = entry.string if isinstance(entry.string, tuple) else (entry.string,)
            texts[tuple(entry.id) if isinstance(entry.id, (tuple, list)) else entry.id] = translated
    return texts


def fields(text: str) -> set[str]:
    return {name for _, name, _, _ in string.Formatter().parse(text) if name}


def commands(text: str) -> set[str]:
    return set(re.findall(r"(?<![<\w])/[a-z]+", text))


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_catalogue_holds_what_is_said_and_nothing_else(language: str):
    assert set(catalogue(language)) == set(SAID)


@pytest.mark.parametrize("language", LANGUAGES)
def test_no_translation_is_empty_or_fills_in_something_else(language: str):
    for said, translated in catalogue(language).items():
        original = said if isinstance(said, str) else said[1]
        for text in translated:
            assert text.strip(), original
            assert fields(text) == fields(original), original
            assert commands(text) == commands(original), original


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_text_is_valid_with_a_hostile_name(language: str):
    for translated in catalogue(language).values():
        for text in translated:
            said = words(language)(text, **dict.fromkeys(fields(text), HOSTILE))
            shown = rules.visible(said, "HTML")
            assert shown.count(HOSTILE) == text.count("{"), text


@pytest.mark.parametrize(
    ("count", "shown"), [(1, "1 день"), (2, "2 дня"), (5, "5 дней"), (11, "11 дней"), (21, "21 день")]
)
def test_russian_counts_as_russians_do(count: int, shown: str):
    one, several = "🎁 Try {count} day for free", "🎁 Try {count} days for free"

    assert shown in words("ru").many(one, several, count)


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("kind", list(every_refusal()), ids=lambda kind: kind.__name__)
def test_every_refusal_has_words(kind: type[AppError], language: str):
    details = {"available": 1, "required": 250, "debt": 5, "minimum": 100, "maximum": 500, "limit": 3}
    error = kind.__new__(kind)
    AppError.__init__(error, **details)

    assert rules.visible(text_of(error, words(language), "USD"), "HTML")


def test_a_refusal_nobody_has_words_for_is_said_in_its_ancestors():
    class Unheard(errors.NotFound):
        code = "unheard"

    assert text_of(Unheard(), words("en"), "USD") == text_of(errors.NotFound(), words("en"), "USD")


LIMIT = {"limit": 5_000, "used": 5_000, "plan": "small", "title": HOSTILE, "larger": None}
LARGER = {"plan": "large", "title": HOSTILE, "limit": 200_000}


@pytest.mark.parametrize("larger", [None, LARGER])
@pytest.mark.parametrize("what", plan_limits.WHATS)
@pytest.mark.parametrize("language", LANGUAGES)
def test_a_plans_limit_is_said_with_its_numbers(language: str, what: str, larger: dict | None):
    error = errors.PlanLimit(**LIMIT | {"what": what, "larger": larger})

    shown = rules.visible(text_of(error, words(language), "USD"), "HTML")

    assert shown.count(HOSTILE) == (2 if larger else 1)
    assert "5\N{NARROW NO-BREAK SPACE}000" in shown
    assert ("200\N{NARROW NO-BREAK SPACE}000" in shown) == bool(larger)


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_full_account_reads_how_much_its_plan_allows(language: str):
    shown = text_of(errors.QuotaExceeded(used=186_300_000, quota=200_000_000), words(language), "USD")

    assert "200 " in shown
    assert "186.3" in shown


WHY_ON_THE_BALANCE = (booking.PAID_AGAIN, booking.DEBT_FIRST, booking.PLAN_GONE, *sorted(booking.STRANGE))


@pytest.mark.parametrize("language", LANGUAGES)
def test_too_large_an_amount_is_told_the_largest(language: str):
    error = errors.Invalid("amount: out of range", field="amount", maximum=1298.7)

    assert "1298.70 USD" in text_of(error, words(language), "USD").replace(",", "").replace("\xa0", "")


NOTICES = {
    NoticeKind.LICENSE_ENDING: [
        {"days": days, "expires_at": "2026-01-08T00:00:00Z", "plan": "standard"} for days in (7, 3, 1, 0)
    ],
    NoticeKind.LICENSE_BOUGHT: [
        {"plan": "standard", "days": 30, "amount": 650, "stars": 500, "expires_at": "2026-02-01T00:00:00Z"}
    ],
    NoticeKind.LIVE_BEGAN: [{"tiktok_username": HOSTILE, "room_id": "1"}],
    NoticeKind.LIVE_FAILED: [
        {"tiktok_username": "ann", "room_id": None, "code": code, "detail": "x"}
        for code in ("unknown_streamer", "never heard of")
    ],
    NoticeKind.LIVE_DEAF: [
        {"since": "2026-01-01T10:00:00Z", "until": "2026-01-01T10:05:00Z", "seconds": 300, "is_over": False}
    ],
    NoticeKind.UNPLAYED: [{"reason": "no_player"}, {"reason": "not_confirmed"}],
    NoticeKind.SPEECH_SPENT: [
        LIMIT | {"what": plan_limits.SPEECH, "again_at": "2026-01-02T10:00:00Z", "larger": larger}
        for larger in (None, LARGER)
    ],
    NoticeKind.LIVE_REPORT: [
        {
            "seconds": 3700,
            "peak_viewers": 12,
            "messages": 3,
            "gifts": 2,
            "diamonds": 8,
            "follows": 1,
            "top_gifters": [{"user": HOSTILE, "username": "ann", "diamonds": 8, "gifts": 2}],
            "deaf_seconds": 4,
            "missed": 1,
            "dropped": 2,
        }
    ],
    NoticeKind.ORDER_ENDED: [
        {
            "order_id": "ORD-20260101-ABCDEF",
            "status": status,
            "cause": "finished",
            "note": HOSTILE,
            "view_count": 100,
            "view_count_delivered": 50,
            "price": 350,
            "refunded": 175,
            "currency": "USD",
            "simulated": False,
        }
        for status in ("completed", "partial", "failed", "cancelled")
    ],
    NoticeKind.PAYMENT: [
        *[
            {"what": "top_up", "amount": 1000, "stars": 770, "problem": why}
            for why in (
                "",
                booking.PAID_AGAIN,
                booking.DEBT_FIRST,
                booking.PLAN_GONE,
                *sorted(booking.STRANGE),
            )
        ],
        {"what": "refund", "amount": 1000, "stars": 770, "debt": 100, "license": True},
        {"what": "reward", "amount": 10},
    ],
    NoticeKind.TICKET: [
        {"ticket_id": 5, "topic": "support", "event": event, "side": "staff", "text": HOSTILE * 300}
        for event in ("said", "closed")
    ],
    NoticeKind.BROADCAST_PREVIEW: [{"text": HOSTILE}],
    NoticeKind.RESET_CODE: [{"code": "123456"}],
    NoticeKind.LINK_REQUEST: [{"request_id": 3, "username": "ann"}],
    NoticeKind.CREDENTIALS_SET: [{"username": "ann"}],
    NoticeKind.ACCOUNTS_JOINED: [{"username": "ann"}],
    NoticeKind.ALERT: [
        {"about": "ledger", "count": 2, "first": [HOSTILE]},
        *[
            {"about": "payment_problem", "problem": why, "charge_id": "c", "stars": 5, "account": 4}
            for why in sorted(booking.STRANGE)
        ],
        {"about": "payment_stuck", "problem": HOSTILE, "charge_id": "c"},
        {"about": "refund_refused", "problem": HOSTILE, "charge_id": "c"},
        {"about": "stars_differ", "problem": HOSTILE},
        {"about": "never heard of", "why": HOSTILE},
    ],
}


WITHOUT_WORDS = (NoticeKind.ORDER_PROGRESS, NoticeKind.REPLY)  # a card, and what was put into words before


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("kind", [kind for kind in NoticeKind if kind not in WITHOUT_WORDS])
def test_every_notice_has_words(kind: NoticeKind, language: str):
    for data in NOTICES[kind]:
        screen = notice_texts.render(kind.value, data, words(language))

        assert rules.visible(screen.text, "HTML")
        if screen.markup:
            rules.check_keyboard(screen.markup.model_dump(exclude_none=True))


@pytest.mark.parametrize("data", NOTICES[NoticeKind.ALERT], ids=lambda data: data.get("problem", ""))
def test_an_alert_names_no_codes(data: dict):
    """But for what nobody has foreseen."""
    told = notice_texts.render("alert", data, words("ru")).text

    assert ("about" in told) == (data["about"] == "never heard of")
    assert "_" not in told


ACT = re.compile(r'"((?:license|user|account|wallet|payment|order|broadcast|ticket|ledger)\.[a-z_]+)"')


def test_every_act_in_the_audit_log_has_words():
    """Those named in the code; the rest begin with a kind of movement or a step of a broadcast."""
    named = {act for path in ROOT.glob("core/**/*.py") for act in ACT.findall(path.read_text("utf-8"))}
    steps = {f"broadcast.{step}" for step in ("start", "pause", "resume", "stop")}

    assert set(ACTIONS) == (named - {"order.submit"}) | steps | {"wallet.credit", "wallet.debit"}


@pytest.mark.parametrize(
    ("seconds", "shown"), [(5, "1 minute\n"), (3_000, "50 minutes\n"), (11_100, "3 h 5 min\n")]
)
def test_a_live_lasted_as_people_say_it(seconds: int, shown: str):
    told = notice_texts.render("live_report", {"seconds": seconds, "follows": 1}, words("en")).text

    assert f"⏱ {shown}" in told


@pytest.mark.parametrize(
    ("asked", "told"), [(False, "☑️ partly done"), (True, "✖️ cancelled, delivered in part")]
)
def test_the_end_of_an_order_that_was_cancelled_is_told_as_such(asked: bool, told: str):
    data = NOTICES[NoticeKind.ORDER_ENDED][1] | {"cancel_requested": asked}

    assert told in notice_texts.render("order_ended", data, words("en")).text


@pytest.mark.parametrize("why", WHY_ON_THE_BALANCE)
def test_money_that_bought_nothing_says_why(why: str):
    data = {"what": "top_up", "amount": 1000, "stars": 770}

    plain = notice_texts.render("payment", {**data, "problem": ""}, words("en")).text
    told = notice_texts.render("payment", {**data, "problem": why}, words("en")).text

    assert told.startswith(plain)
    assert "⚠️" in told


@pytest.mark.parametrize(
    ("chosen", "code", "spoken"),
    [("es", "ru", "es"), (None, "ru", "ru"), (None, "es-MX", "es"), (None, "de", "en"), (None, None, "en")],
)
def test_the_choice_comes_before_telegrams_language(chosen, code, spoken):
    assert language_of(chosen, code) == spoken
