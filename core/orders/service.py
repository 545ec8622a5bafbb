"""Orders as the edges use them: for the person who buys, and for those who deliver."""

from collections.abc import Callable
from datetime import timedelta

from core.audit import Act
from core.clock import Clock
from core.config import Orders as Tariff
from core.errors import Invalid, OrderNotFound
from core.orders import lifecycle, links, placing, pricing, states
from core.orders.lifecycle import Ending, Report
from core.orders.links import ShortLink, VideoLink
from core.orders.placing import Placing
from core.orders.pricing import Price
from core.orders.short_links import Resolver
from core.orders.views import OrderDetail, OrderView, Package, PriceList, Quote, detail_of, view_of
from storage.db import Database, UnitOfWork
from storage.models import Order, OrderStatus

MAX_NOTE = 500
MAX_COUNT = 10**9  # of views anybody may report
MAX_KEY = 255

_PATIENCE_HOURS = {states.MANUAL: 14 * 24.0}  # a queue that people work off
_OTHER_PATIENCE_HOURS = 72.0

Page = tuple[list[OrderView], int]
"""Some of them, and how many there are."""


class Orders:
    """`after` is called after every change has committed; it must return at once."""

    def __init__(
        self, db: Database, tariff: Tariff, clock: Clock, resolver: Resolver, *, after: Callable[[], None]
    ) -> None:
        self._db = db
        self._tariff = tariff
        self._clock = clock
        self._resolver = resolver
        self._after = after

    # For the person who buys

    def prices(self) -> PriceList:
        tariff = self._tariff
        priced = [(count, pricing.price_of(tariff, count)) for count in pricing.packages(tariff)]
        return PriceList(
            currency=tariff.currency,
            minimum=tariff.minimum,
            maximum=tariff.maximum,
            tiers=pricing.tiers(tariff),
            packages=[Package(count, price.total, price.unit) for count, price in priced],
            simulated=tariff.provider == states.SIMULATED,
        )

    def price(self, view_count: int) -> Price:
        """Of whatever video. Raises `ViewCountOutOfRange`."""
        return pricing.price_of(self._tariff, view_count)

    async def quote(self, video_url: str, view_count: int) -> Quote:
        """Raises `ViewCountOutOfRange`, `InvalidVideoUrl`, `VideoNotFound`, `ShortLinkUnanswered`."""
        price = self.price(view_count)
        video = await self._video(video_url)
        return Quote(
            price=price.total,
            unit_price=price.unit,
            video_id=video.video_id,
            video_url=video.url,
            view_count=view_count,
            currency=self._tariff.currency,
            simulated=self._tariff.provider == states.SIMULATED,
        )

    async def create(self, user_id: int, video_url: str, view_count: int, key: str, by: Act) -> OrderView:
        """The same `key` with the same request is the same order. Raises `KeyReused`, `InsufficientFunds`
        and what `quote` does."""
        check_key(key)
        asked = placing.hash_of(video_url, view_count)
        async with self._db.read() as uow:
            known = await placing.find(uow, user_id, key, asked)
        if known is not None:
            return view_of(known)
        wanted = self._placing(user_id, key, asked, await self.quote(video_url, view_count))
        async with self._db.begin() as uow:
            order = await placing.place(uow, wanted, by)
        self._after()
        return view_of(order)

    async def get(self, user_id: int, order_id: str) -> OrderDetail:
        return await self._detail(order_id, user_id)

    async def list(self, user_id: int, status: str = "", limit: int = 20, offset: int = 0) -> Page:
        """Newest first. `status`: only those; "" for all."""
        async with self._db.read() as uow:
            rows, total = await uow.orders.page(
                user_id=user_id, status=_status(status), limit=limit, offset=offset
            )
        return [view_of(row) for row in rows], total

    async def cancel(self, user_id: int, order_id: str, by: Act) -> OrderView:
        """At once while it waits; while it is delivered, whoever delivers is asked to stop."""
        async with self._db.begin() as uow:
            order = await self._require(uow, order_id, user_id)
            await lifecycle.ask_cancel(uow, order, by)
        self._after()
        return view_of(order)

    # For those who deliver

    async def list_queue(self, limit: int = 50, offset: int = 0) -> Page:
        """Open orders a person has to deliver, oldest first, and how many there are."""
        async with self._db.read() as uow:
            rows, total = await uow.orders.queue(states.MANUAL, limit, offset)
        return [view_of(row) for row in rows], total

    async def list_all(self, status: str = "", limit: int = 50, offset: int = 0) -> Page:
        async with self._db.read() as uow:
            rows, total = await uow.orders.page(
                user_id=None, status=_status(status), limit=limit, offset=offset
            )
        return [view_of(row) for row in rows], total

    async def get_any(self, order_id: str) -> OrderDetail:
        return await self._detail(order_id)

    async def take(self, order_id: str, by: Act) -> OrderView:
        """Raises `OrderTaken` where somebody else has it, `OrderEnded`."""
        async with self._db.begin() as uow:
            order = await self._require(uow, order_id)
            await lifecycle.take(uow, order, by)
            by.note(uow, "order.take", f"order:{order.number}")
        self._after()
        return view_of(order)

    async def report(
        self, order_id: str, sent: int, delivered: int, note: str, by: Act, *, final: bool
    ) -> OrderView:
        """Numbers of the whole order so far; they never go back. `final` settles it by them."""
        _check_numbers(sent, delivered)
        told = Report(sent=sent, delivered=delivered, source=states.MANUAL, note=_checked_note(note))
        async with self._db.begin() as uow:
            order = await self._require(uow, order_id)
            _check_forward(order, told)
            await lifecycle.report(uow, order, told, by)
            if final:
                await lifecycle.end(uow, order, Ending(cause="finished", note=told.note), by)
            details = {"sent": sent, "delivered": delivered, "final": final, "note": told.note}
            by.note(uow, "order.report", f"order:{order.number}", **details)
        self._after()
        return view_of(order)

    async def fail(self, order_id: str, note: str, by: Act) -> OrderView:
        """It cannot be delivered any further: what was delivered is paid, the rest goes back."""
        return await self._end(order_id, Ending(cause="failed", note=_checked_note(note)), "order.fail", by)

    async def cancel_as_admin(self, order_id: str, note: str, by: Act) -> OrderView:
        """At once, also while it is delivered; what was delivered is paid."""
        ending = Ending(cause="cancelled", note=_checked_note(note))
        return await self._end(order_id, ending, "order.cancel", by)

    async def _end(self, order_id: str, ending: Ending, action: str, by: Act) -> OrderView:
        async with self._db.begin() as uow:
            order = await self._require(uow, order_id)
            await lifecycle.end(uow, order, ending, by)
            by.note(uow, action, f"order:{order.number}", note=ending.note)
        self._after()
        return view_of(order)

    async def _detail(self, order_id: str, user_id: int | None = None) -> OrderDetail:
        async with self._db.read() as uow:
            order = await self._require(uow, order_id, user_id, lock=False)
            return detail_of(order, await uow.orders.progress(order.id))

    async def _require(
        self, uow: UnitOfWork, order_id: str, user_id: int | None = None, *, lock: bool = True
    ) -> Order:
        """`user_id`: whose it must be; somebody else's does not exist."""
        order = await (lifecycle.lock(uow, order_id) if lock else uow.orders.get_by_number(order_id))
        if order is None or user_id not in (None, order.user_id):
            raise OrderNotFound
        return order

    async def _video(self, video_url: str) -> VideoLink:
        link = links.read(video_url)
        return await self._resolver.resolve(link.url) if isinstance(link, ShortLink) else link

    def _placing(self, user_id: int, key: str, asked: str, quote: Quote) -> Placing:
        provider = self._tariff.provider
        hours = self._tariff.expire_after_hours or _PATIENCE_HOURS.get(provider, _OTHER_PATIENCE_HOURS)
        return Placing(
            user_id=user_id,
            key=key,
            asked=asked,
            video_url=quote.video_url,
            video_id=quote.video_id,
            view_count=quote.view_count,
            price=quote.price,
            currency=quote.currency,
            provider=provider,
            patience=timedelta(hours=hours),
        )


def check_key(key: str) -> None:
    """1 to 255 visible ASCII characters."""
    if not (1 <= len(key) <= MAX_KEY and all("!" <= letter <= "~" for letter in key)):
        raise Invalid(
            f"Idempotency-Key: 1 to {MAX_KEY} visible ASCII characters are needed", field="Idempotency-Key"
        )


def _status(name: str) -> OrderStatus | None:
    try:
        return OrderStatus(name) if name else None
    except ValueError as error:
        raise Invalid(f"status: one of {', '.join(OrderStatus)}", field="status") from error


def _check_numbers(sent: int, delivered: int) -> None:
    for field, value in (("sent", sent), ("delivered", delivered)):
        if not 0 <= value <= MAX_COUNT:
            raise Invalid(f"{field}: between 0 and {MAX_COUNT}", field=field)


def _check_forward(order: Order, told: Report) -> None:
    """A person who types less than is known has mistyped."""
    states.check_open(order)
    if told.delivered < order.view_count_delivered:
        raise Invalid(f"delivered: {order.view_count_delivered} are reported already", field="delivered")
    if told.sent < order.view_count_sent:
        raise Invalid(f"sent: {order.view_count_sent} are reported already", field="sent")


def _checked_note(note: str) -> str:
    if len(note) > MAX_NOTE or "\0" in note:
        raise Invalid(f"note: at most {MAX_NOTE} characters", field="note")
    return note.strip()
