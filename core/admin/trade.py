"""Orders and payments of everybody, as admins look for them."""

from msgspec import Struct

from core import team
from core.orders.views import OrderView, view_of
from core.payments import views as payment_views
from core.payments.views import PaymentView
from core.team import Person
from storage.db import Database
from storage.models.orders import OrderStatus
from storage.models.payments import PaymentStatus


class OrderQuery(Struct, frozen=True, kw_only=True):
    q: str = ""
    status: str | None = None
    user_id: int | None = None
    is_queue: bool = False  # only those a person has to deliver, oldest first
    limit: int = 50
    offset: int = 0


class PaymentQuery(Struct, frozen=True, kw_only=True):
    q: str = ""
    status: str | None = None
    has_problem: bool | None = None
    user_id: int | None = None
    limit: int = 50
    offset: int = 0


class OwnedOrder(Struct, frozen=True):
    user: Person
    order: OrderView


class OwnedPayment(Struct, frozen=True):
    user: Person
    payment: PaymentView


class Trade:
    def __init__(self, db: Database) -> None:
        self._db = db

    async def orders(self, query: OrderQuery) -> tuple[list[OwnedOrder], int]:
        """Newest first. `q`: an order's id or the beginning of it, or a video's id."""
        async with self._db.read() as uow:
            rows, total = await uow.admin.orders(
                text=query.q.strip(),
                status=OrderStatus(query.status) if query.status else None,
                user_id=query.user_id,
                is_queue=query.is_queue,
                limit=query.limit,
                offset=query.offset,
            )
            owners = await uow.admin.names_of(row.user_id for row in rows)
        return [OwnedOrder(team.person(owners[row.user_id]), view_of(row)) for row in rows], total

    async def owner_of(self, order: OrderView) -> OwnedOrder:
        async with self._db.read() as uow:
            people = await uow.admin.names_of([order.user_id])
        return OwnedOrder(team.person(people[order.user_id]), order)

    async def payments(self, query: PaymentQuery) -> tuple[list[OwnedPayment], int]:
        """Newest first. `q`: a charge's id or the beginning of it."""
        async with self._db.read() as uow:
            rows, total = await uow.admin.payments(
                text=query.q.strip(),
                status=PaymentStatus(query.status) if query.status else None,
                has_problem=query.has_problem,
                user_id=query.user_id,
                limit=query.limit,
                offset=query.offset,
            )
            owners = await uow.admin.names_of(row.user_id for row in rows)
        return [
            OwnedPayment(team.person(owners[row.user_id]), payment_views.view_of(row)) for row in rows
        ], total

    async def payer_of(self, payment: PaymentView) -> OwnedPayment:
        async with self._db.read() as uow:
            people = await uow.admin.names_of([payment.user_id])
        return OwnedPayment(team.person(people[payment.user_id]), payment)
