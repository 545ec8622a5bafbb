"""What a plan allows, in words: where it stops somebody (`core.plan_limits`)."""

from collections.abc import Mapping
from typing import Any

from core.i18n import Html, Words, message
from core.plan_limits import TIKTOK_CHANGES, TRIGGERS

NARROW_SPACE = "\N{NARROW NO-BREAK SPACE}"


def said(details: Mapping[str, Any], words: Words) -> Html:
    """Of a `PlanLimit`'s details."""
    larger = details.get("larger")
    if larger:
        more = message("💡 The plan <b>{title}</b> allows {limit}. /activate shows how to get it.")
        way_on = words(more, title=larger["title"], limit=_number(larger["limit"]))
    else:
        way_on = words(message("💡 There is no larger plan here. Questions? /support"))
    return Html(f"{_allowed(details, words)}\n{way_on}")


def _allowed(details: Mapping[str, Any], words: Words) -> Html:
    limit = int(details["limit"])
    told = {"title": details["title"], "count": _number(limit)}
    if details["what"] == TRIGGERS:
        return words.many(
            message("📈 Your plan <b>{title}</b> allows {count} trigger, and you have it."),
            message("📈 Your plan <b>{title}</b> allows {count} triggers, and you have them all."),
            limit,
            **told,
        )
    if details["what"] == TIKTOK_CHANGES:
        return words.many(
            message(
                "📈 Your plan <b>{title}</b> allows {count} change of the TikTok name a month, "
                "and it is made."
            ),
            message(
                "📈 Your plan <b>{title}</b> allows {count} changes of the TikTok name a month, "
                "and none is left."
            ),
            limit,
            **told,
        )
    return words.many(  # of speech
        message("📈 Your plan <b>{title}</b> allows {count} character of speech a day, and it is used up."),
        message(
            "📈 Your plan <b>{title}</b> allows {count} characters of speech a day, and they are used up."
        ),
        limit,
        **told,
    )


def _number(count: int) -> str:
    return f"{count:,}".replace(",", NARROW_SPACE)
