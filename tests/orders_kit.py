"""People with money, orders of theirs, and deliverers that do as they are told."""

from sqlalchemy import func, select, text

from core.audit import Act
from core.config import Orders as Tariff
from core.errors import VideoNotFound
from core.fulfilment.provider import Answer, Job
from core.fulfilment.service import Fulfilment
from core.money import ledger
from core.money.ledger import Balance, Movement
from core.orders.links import VideoLink
from core.orders.service import Orders
from core.orders.views import OrderDetail, OrderView
from storage.db import Database
from storage.models import AccountKind, EntryKind, Errand, HoldStatus, LedgerAccount, LedgerHold, Notice, User
from tests.fakes import MovedClock

VIDEO = "https://www.tiktok.com/@host/video/7300000000000000001"
SHORT = "https://vm.tiktok.com/ZMabc123/"
STAFF = "tg:77"


class KnownLinks:
    """Short links and where they lead."""

    def __init__(self) -> None:
        self.known = {SHORT: VideoLink(VIDEO, "7300000000000000001")}
        self.asked: list[str] = []

    async def resolve(self, url: str) -> VideoLink:
        self.asked.append(url)
        if url not in self.known:
            raise VideoNotFound(field="video_url")
        return self.known[url]


class Told:
    """A deliverer that answers as it is set to, or raises it."""

    def __init__(self) -> None:
        self.submitted: list[Job] = []
        self.cancelled: list[Job] = []
        self.on_submit: Answer | Exception = Answer.STARTED
        self.on_cancel: Answer | Exception = Answer.ASKED

    async def submit(self, job: Job) -> Answer:
        self.submitted.append(job)
        return _given(self.on_submit)

    async def cancel(self, job: Job) -> Answer:
        self.cancelled.append(job)
        return _given(self.on_cancel)


def _given(answer: Answer | Exception) -> Answer:
    if isinstance(answer, Exception):
        raise answer
    return answer


class OrdersKit:
    def __init__(self, db: Database, clock: MovedClock, provider: str = "operator", **tariff: object) -> None:
        self.db = db
        self.clock = clock
        self.links = KnownLinks()
        self.deliverer = Told()
        self.changes = 0
        self.orders = Orders(db, Tariff(provider=provider, **tariff), clock, self.links, after=self._after)
        self.fulfilment = Fulfilment(db, clock, {provider: self.deliverer}, after=self._after)

    def _after(self) -> None:
        self.changes += 1

    def by(self, actor: str = "user:1") -> Act:
        return Act(actor, self.clock.now())

    async def person(self, cents: int = 10_000, **fields: object) -> int:
        """A new account with so much on its balance; its id."""
        async with self.db.begin() as uow:
            user = User(created_at=self.clock.now(), **fields)
            await uow.accounts.add_user(user)
            if cents:
                movement = Movement(kind=EntryKind.CREDIT, key=f"test:{user.id}", by=self.by("cli"))
                await ledger.credit(uow, user.id, cents, AccountKind.ADJUSTMENTS, movement)
            return user.id

    async def order(
        self, user_id: int, views: int = 1_000, key: str = "key-1", url: str = VIDEO
    ) -> OrderView:
        return await self.orders.create(user_id, url, views, key, self.by(f"user:{user_id}"))

    async def started(self, user_id: int, views: int = 1_000, key: str = "key-1") -> OrderView:
        """An order that is being delivered."""
        order = await self.order(user_id, views, key)
        await self.fulfilment.work()
        return order

    async def report(self, order: OrderView, sent: int, delivered: int, *, final: bool = False) -> OrderView:
        return await self.orders.report(order.order_id, sent, delivered, "", self.by(STAFF), final=final)

    async def detail(self, order: OrderView) -> OrderDetail:
        return await self.orders.get_any(order.order_id)

    async def balance(self, user_id: int) -> Balance:
        async with self.db.read() as uow:
            return await ledger.balance(uow, user_id)

    async def revenue(self) -> int:
        return await self._number(
            select(func.coalesce(func.sum(LedgerAccount.balance), 0)).where(
                LedgerAccount.kind == AccountKind.REVENUE
            )
        )

    async def check_money(self) -> None:
        """All accounts sum to zero, and what is held is what open orders hold."""
        assert await self._number(select(func.sum(LedgerAccount.balance))) == 0
        held = select(func.coalesce(func.sum(LedgerAccount.balance), 0)).where(
            LedgerAccount.kind == AccountKind.HELD
        )
        holds = select(func.coalesce(func.sum(LedgerHold.amount), 0)).where(
            LedgerHold.status == HoldStatus.OPEN
        )
        open_orders = text(
            "SELECT coalesce(sum(price), 0) FROM orders WHERE status IN ('pending', 'processing')"
        )
        assert await self._number(held) == await self._number(holds) == await self._number(open_orders)

    async def notices(self, user_id: int) -> list[Notice]:
        async with self.db.read() as uow:
            query = select(Notice).where(Notice.user_id == user_id).order_by(Notice.id)
            return list((await uow.orders._session.scalars(query)).all())

    async def errands(self) -> list[Errand]:
        async with self.db.read() as uow:
            return list((await uow.orders._session.scalars(select(Errand).order_by(Errand.id))).all())

    async def _number(self, query: object) -> int:
        async with self.db.read() as uow:
            return int(await uow.orders._session.scalar(query) or 0)
