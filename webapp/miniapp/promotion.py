"""Promotion: what it costs, ordering it, following it."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Annotated, Any

from markupsafe import Markup
from msgspec import Meta, Struct
from msgspec.structs import replace

from core.money import ledger
from core.orders.views import OrderDetail, ProgressView, coming_back, unit_price
from webapp.miniapp import charts
from webapp.miniapp.views import Scene, Views
from webapp.miniapp.wording import catalogue

views = Views("promotion")

LISTED = 20
STEPS = 30  # the newest of an order that are listed
OPEN = ("pending", "processing")


class PromotionQuery(Struct, frozen=True):
    """`video` and `views`: what the form begins with, for who comes back from topping up."""

    video: Annotated[str, Meta(max_length=2_048)] = ""
    views: Annotated[str, Meta(max_length=12)] = ""
    offset: Annotated[int, Meta(ge=0, le=1_000_000)] = 0


@views("/promotion", "promotion.html", query=PromotionQuery)
async def show_promotion(scene: Scene, query: PromotionQuery) -> dict[str, Any]:
    orders, total = await scene.services.orders.list(scene.user_id, limit=LISTED, offset=query.offset)
    async with scene.services.db.read() as uow:
        balance = await ledger.balance(uow, scene.user_id)
    return {
        "prices": scene.services.orders.prices(),
        "available": balance.available,
        "orders": orders,
        "total": total,
        "limit": LISTED,
        "offset": query.offset,
        "video": query.video,
        "views": query.views if query.views.isascii() and query.views.isdigit() else "",
        "open": OPEN,
    }


@views("/promotion/{order_id}", "order.html")
async def show_order(scene: Scene) -> dict[str, Any]:
    found = await _find(scene)
    back = coming_back(found.order)
    steps = _worth_telling(found.progress)
    return {
        "order": found.order,
        "steps": steps[:STEPS],
        "has_older": len(steps) > STEPS,
        "methods": [one for one in found.methods if one.sent or one.delivered],
        "chart": _chart(scene, found),
        "back": back,
        "spent": found.order.price - back,
        "open": OPEN,
    }


@views("/promotion/{order_id}/receipt", "receipt.html")
async def show_receipt(scene: Scene) -> dict[str, Any]:
    found = await _find(scene)
    return {"order": found.order, "unit": unit_price(found.order), "open": OPEN}


async def _find(scene: Scene) -> OrderDetail:
    return await scene.services.orders.get(scene.user_id, scene.request.match_info["order_id"])


def _worth_telling(progress: Sequence[ProgressView]) -> list[ProgressView]:
    """Newest first. What only went further on the same way is one: when it began, and how far it came."""
    told: list[ProgressView] = []
    for step in reversed(progress):
        is_same = told and (step.status, step.source) == (told[-1].status, told[-1].source)
        if is_same and not step.note:
            told[-1] = replace(told[-1], at=step.at)
        else:
            told.append(step)
    return told


def _chart(scene: Scene, found: OrderDetail) -> Markup | None:
    """What was delivered by when; None where nothing was yet."""
    steps = [step for step in found.progress if step.source]
    if len(steps) < 2 or not any(step.delivered for step in steps):
        return None
    return charts.line(
        charts.thinned([step.delivered for step in steps], max),
        charts.thinned_labels(_times(scene, [step.at for step in steps])),
        _spoken(scene, found, steps[-1]),
        scene.say.number,
    )


def _times(scene: Scene, moments: Sequence[datetime]) -> list[str]:
    """As exact as it takes to tell the first from the last."""
    lasting = moments[-1] - moments[0]
    if lasting >= timedelta(days=1):
        return [scene.say.short_day(moment) for moment in moments]
    said = scene.say.clock if lasting < timedelta(minutes=10) else scene.say.hour
    return [said(moment) for moment in moments]


def _spoken(scene: Scene, found: OrderDetail, last: ProgressView) -> str:
    return scene.say.fill(
        catalogue(scene.say.language, "promotion")["progress_said"],
        delivered=scene.say.number(found.order.view_count_delivered),
        ordered=scene.say.number(found.order.view_count),
        when=scene.say.when(last.at),
    )
