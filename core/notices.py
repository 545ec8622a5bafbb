"""What somebody is to be told in Telegram: written down with what happened, sent by the bot afterwards."""

from datetime import datetime
from enum import StrEnum
from typing import Any

from storage.db import UnitOfWork
from storage.models import Notice


class NoticeKind(StrEnum):
    LICENSE_ENDING = "license_ending"  # days (7, 3, 1; 0: it has ended), expires_at, plan
    LICENSE_BOUGHT = "license_bought"  # plan, days, amount, stars (0: by balance), expires_at
    # tiktok_username, room_id
    LIVE_BEGAN = "live_began"
    # tiktok_username, room_id (null before it began), code (`LiveStatus.error_code`, which names the cure),
    # detail (its text, in English)
    LIVE_FAILED = "live_failed"
    # tiktok_username, room_id, since, until, seconds, is_over (the LIVE was over when it was found again)
    LIVE_DEAF = "live_deaf"  # was deaf from, to
    # tiktok_username, room_id, reason ("no_player": nothing was connected that plays, "not_confirmed":
    # what was connected did not say it has played)
    UNPLAYED = "unplayed"  # sounds due, but not played for 30 s
    # what, limit, used, plan, title, larger {plan, title, limit} or null (`core.plan_limits`), again_at
    SPEECH_SPENT = "speech_spent"  # the day's speech is used up
    # see `core.live_report.Report`
    LIVE_REPORT = "live_report"
    # order_id, status, percent, view_count, view_count_delivered, simulated; at each ten percent
    ORDER_PROGRESS = "order_progress"
    # order_id, status, cause (finished, cancelled, refused, failed, expired), note, view_count,
    # view_count_delivered, price and refunded in minor units, currency, simulated
    ORDER_ENDED = "order_ended"
    # what: top_up (problem: "" or why the money is on the balance instead), refund (debt, license: whether
    # one was taken back), reward; amount in minor units, stars (not of a reward)
    PAYMENT = "payment"
    # ticket_id, topic, event ("opened", "said", "closed"), side (who spoke: "user", "staff"), text; to staff
    # also user {id, username, telegram_id, telegram_name, name}, snapshot ("opened": `core.ticket_views`)
    TICKET = "ticket"
    REPLY = (
        "reply"  # text, markup, message_id (null: a new one): what the bot could not say before it stopped
    )
    RESET_CODE = "reset_code"  # `seed` of a code (`core.password_reset`), good for ten minutes
    LINK_REQUEST = "link_request"  # `request_id`, `username`: join that account? Good for ten minutes
    CREDENTIALS_SET = "credentials_set"  # `username`: this account can be entered with a password from now on
    ACCOUNTS_JOINED = "accounts_joined"  # `username`
    # To admins: something is wrong. about: ledger (count, first [lines]), payment_problem (charge_id,
    # problem, stars, account), payment_stuck and refund_refused (charge_id, problem), stars_differ (problem)
    ALERT = "alert"
    BROADCAST_PREVIEW = "broadcast_preview"  # text: to the admin who tries it, one for each language


async def add(uow: UnitOfWork, user_id: int, kind: NoticeKind, key: str, at: datetime, **data: Any) -> None:
    """In the transaction of what it tells. The same `key` is told once."""
    if not await uow.notices.has(user_id, key):
        uow.notices.add(
            Notice(user_id=user_id, kind=kind.value, key=key, data=data, created_at=at, due_at=at)
        )
