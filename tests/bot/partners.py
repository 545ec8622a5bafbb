"""Stand-ins for the parts of core the bot speaks to, behind the same protocols (`bot.needs`)."""

import itertools
from collections.abc import Mapping
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

from msgspec import Struct
from msgspec.structs import replace

from bot.needs import CheckoutQuery
from core import license_keys, licenses, notices
from core.account import SignIn, TelegramPerson, account_of
from core.audit import Act
from core.errors import AppError, Conflict, InsufficientFunds, Invalid, NotFound
from core.license_clock import LicenseState
from core.money import ledger
from core.money.ledger import Movement
from core.notices import NoticeKind
from core.services import Services
from storage.models import AccountKind, EntryKind, User

START = datetime(2026, 1, 1, tzinfo=UTC)


class People:
    def __init__(self, services: Services) -> None:
        self._services = services
        self.linked: list[tuple[str, int, int]] = []

    async def by_telegram(self, who: TelegramPerson) -> SignIn:
        db, now = self._services.db, self._services.clock.now()
        async with db.begin() as uow:
            user = await uow.accounts.get_by_telegram_id(who.telegram_id)
            is_new = user is None
            if user is None:
                user = User(
                    telegram_id=who.telegram_id, first_name=who.first_name, created_at=now, settings={}
                )
                await uow.accounts.add_user(user)
            state = await licenses.state(uow, user, now, self._services.config)
        return SignIn(account_of(user), state, is_new)

    async def ticket_for(self, user_id: int) -> str:
        return f"ticket-of-{user_id}"

    async def confirm_link(self, telegram_id: int, request_id: int) -> None:
        self.linked.append(("yes", telegram_id, request_id))

    async def refuse_link(self, telegram_id: int, request_id: int) -> None:
        self.linked.append(("no", telegram_id, request_id))


class Offer(Struct, frozen=True):
    plan: str = "standard"
    title: str = "Standard & more"
    days: int = 30
    stars: int = 500
    price: int = 650


class TrialOffer(Struct, frozen=True):
    days: int = 3


class Shelf(Struct, frozen=True):
    state: LicenseState
    offers: list[Offer]
    trial: TrialOffer | None


class Shop:
    def __init__(self, services: Services) -> None:
        self._services = services
        self.bought: dict[str, str] = {}

    async def shelf(self, user_id: int) -> Shelf:
        async with self._services.db.read() as uow:
            user = await uow.accounts.get_user(user_id)
            state = await licenses.state(uow, user, self._services.clock.now(), self._services.config)
            return Shelf(state, [Offer()], None if user.trial_at else TrialOffer())

    async def start_trial(self, user_id: int, by: Act) -> LicenseState:
        async with self._services.db.begin() as uow:
            user = await uow.accounts.get_user(user_id, lock=True)
            if user.trial_at:
                raise Conflict
            user.trial_at = by.at
        return await self._grant(user_id, 3, by)

    async def buy(self, user_id: int, plan: str, pay: str, key: str | None, by: Act) -> None:
        if key in self.bought:
            return
        self.bought[key or ""] = plan
        async with self._services.db.begin() as uow:
            buying = Movement(kind=EntryKind.PURCHASE, key=f"buy:{key}", by=by)
            await ledger.debit(uow, user_id, Offer().price, AccountKind.REVENUE, buying)
        await self._grant(user_id, Offer().days, by)

    async def activate(self, user_id: int, license_key: str) -> LicenseState:
        mac = license_keys.mac(license_keys.normalise(license_key), self._services.secrets.license_pepper)
        async with self._services.db.begin() as uow:
            user = await uow.accounts.get_user(user_id, lock=True)
            await licenses.redeem(uow, mac, user, self._services.clock.now())
        return (await self.shelf(user_id)).state

    async def _grant(self, user_id: int, days: int, by: Act) -> LicenseState:
        async with self._services.db.begin() as uow:
            batch = licenses.Batch("standard", days)
            key = (await licenses.issue(uow, batch, self._services.secrets.license_pepper, by))[0]
        return await self.activate(user_id, key)


class InvoiceLink(Struct, frozen=True):
    link: str
    stars: int
    amount: int
    rate: Decimal = Decimal(77)


class Payments:
    """Invoices come from Telegram itself, as they do in the product."""

    def __init__(self, services: Services) -> None:
        self._services = services
        self.make_link: Any = None  # the bot's `create_invoice_link`
        self.open: dict[str, tuple[int, int, int]] = {}  # payload -> user, Stars, minor units
        self.received: list[Mapping[str, Any]] = []
        self._numbers = itertools.count(1)

    async def top_up(self, user_id: int, amount: int) -> InvoiceLink:
        return await self._invoice(user_id, -(-amount * 77 // 100), amount)

    async def for_license(self, user_id: int, plan: str) -> InvoiceLink:
        return await self._invoice(user_id, Offer().stars, Offer().price)

    async def check_out(self, query: CheckoutQuery) -> AppError | None:
        known = self.open.get(query.payload)
        is_right = known and known[1] == query.total_amount and query.currency == "XTR"
        return None if is_right else Conflict()

    async def receive(self, raw: Mapping[str, Any]) -> None:
        self.received.append(raw)
        paid = raw["successful_payment"]
        user_id, _, amount = self.open[paid["invoice_payload"]]
        key = f"stars:{paid['telegram_payment_charge_id']}"
        now = self._services.clock.now()
        async with self._services.db.begin() as uow:
            movement = Movement(kind=EntryKind.TOP_UP, key=key, by=Act("system", now))
            await ledger.credit(uow, user_id, amount, AccountKind.STARS, movement)
            await notices.add(uow, user_id, NoticeKind.PAYMENT, key, now, what="top_up", amount=amount)

    async def _invoice(self, user_id: int, stars: int, amount: int) -> InvoiceLink:
        payload = f"invoice-{next(self._numbers)}"
        self.open[payload] = (user_id, stars, amount)
        return InvoiceLink(await self.make_link(payload, stars), stars, amount)


class Quote(Struct, frozen=True):
    video_url: str
    view_count: int
    price: int
    unit_price: int = 350
    currency: str = "USD"


class Package(Struct, frozen=True):
    view_count: int
    price: int


class PriceList(Struct, frozen=True):
    packages: list[Package]
    minimum: int = 100
    maximum: int = 1_000_000
    currency: str = "USD"


class Order(Struct, frozen=True, kw_only=True):
    order_id: str
    video_url: str
    view_count: int
    price: int
    view_count_sent: int = 0
    view_count_delivered: int = 0
    status: str = "pending"
    refunded: int = 0
    currency: str = "USD"
    note: str = ""
    is_cancel_asked: bool = False
    is_simulated: bool = False
    created_at: datetime = START

    @property
    def percent(self) -> int:
        return self.view_count_delivered * 100 // self.view_count


class OrderDetail(Struct, frozen=True):
    order: Order


class Orders:
    def __init__(self, services: Services) -> None:
        self._services = services
        self.rate = 350
        self.made: dict[tuple[int, str], Order] = {}

    def prices(self) -> PriceList:
        return PriceList([Package(count, self._price(count)) for count in (1_000, 5_000)])

    async def quote(self, video_url: str, view_count: int) -> Quote:
        if "/video/" not in video_url:
            raise Invalid("video_url: no video", field="video_url")
        if not 100 <= view_count <= 1_000_000:
            raise Invalid("view_count: out of range", field="view_count")
        return Quote(video_url.partition("?")[0], view_count, self._price(view_count))

    async def create(self, user_id: int, video_url: str, view_count: int, key: str, by: Act) -> Order:
        if known := self.made.get((user_id, key)):
            return known
        async with self._services.db.read() as uow:
            available = (await ledger.balance(uow, user_id)).available
        if available < self._price(view_count):
            raise InsufficientFunds(available=available, required=self._price(view_count))
        number = f"ORD-20260101-{len(self.made):06}"
        order = Order(
            order_id=number, video_url=video_url, view_count=view_count, price=self._price(view_count)
        )
        self.made[user_id, key] = order
        return order

    async def get(self, user_id: int, order_id: str) -> OrderDetail:
        return OrderDetail(self.made[self._place(user_id, order_id)])

    async def list(
        self, user_id: int, status: str = "", limit: int = 20, offset: int = 0
    ) -> tuple[list[Order], int]:
        mine = [order for (owner, _), order in self.made.items() if owner == user_id][::-1]
        return mine[offset : offset + limit], len(mine)

    async def cancel(self, user_id: int, order_id: str, by: Act) -> Order:
        return self.change(user_id, order_id, status="cancelled", refunded=self.rate)

    def change(self, user_id: int, order_id: str, **values: Any) -> Order:
        place = self._place(user_id, order_id)
        self.made[place] = replace(self.made[place], **values)
        return self.made[place]

    def _place(self, user_id: int, order_id: str) -> tuple[int, str]:
        for place, order in self.made.items():
            if place[0] == user_id and order.order_id == order_id:
                return place
        raise NotFound

    def _price(self, view_count: int) -> int:
        return self.rate * view_count // 1_000


class Ticket(Struct, frozen=True):
    id: int
    topic: str
    text: str


class Tickets:
    def __init__(self) -> None:
        self.opened: list[Ticket] = []
        self.said: list[tuple[int, str, str]] = []

    async def open(self, user_id: int, topic: str, text: str, by: Act) -> Ticket:
        self.opened.append(Ticket(len(self.opened) + 1, topic, text))
        return self.opened[-1]

    async def say(self, ticket_id: int, by: Act, text: str) -> None:
        self.said.append((ticket_id, by.actor, text))


class Invited(Struct, frozen=True):
    parameter: str = "ref_abc"
    count: int = 2
    pending: int = 150
    paid: int = 300


class Referrals:
    def __init__(self) -> None:
        self.came: list[tuple[int, str]] = []

    async def view(self, user_id: int) -> Invited:
        return Invited()

    async def came_by(self, user_id: int, parameter: str, since: datetime) -> bool:
        self.came.append((user_id, parameter))
        return True
