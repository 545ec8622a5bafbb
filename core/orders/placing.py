"""Making an order: its row, its money, its first step and its errand, all or nothing."""

import hashlib
import secrets
from datetime import timedelta

import msgspec
from msgspec import Struct

from core.account import require_user
from core.audit import Act
from core.errors import Conflict, KeyReused, Unavailable, UserBanned
from core.money import ledger
from core.money.ledger import Movement
from core.orders import lifecycle, telling
from storage.db import UnitOfWork
from storage.models import EntryKind, ErrandKind, Order, OrderProgress

_LETTERS = "23456789ABCDEFGHJKLMNPQRSTUVWXYZ"
_ATTEMPTS = 5  # at a number that is free


class Placing(Struct, frozen=True, kw_only=True):
    """An order about to be made, checked and priced."""

    user_id: int
    key: str
    asked: str
    video_url: str
    video_id: str
    view_count: int
    price: int
    currency: str
    provider: str
    patience: timedelta


def hash_of(video_url: str, view_count: int) -> str:
    """What was asked for, as it was written."""
    return hashlib.sha256(msgspec.json.encode([video_url.strip(), view_count])).hexdigest()


async def find(uow: UnitOfWork, user_id: int, key: str, asked: str) -> Order | None:
    """The order this key made. Raises `KeyReused` where something else was asked for with it."""
    known = await uow.orders.get_by_key(user_id, key)
    if known is not None and known.asked != asked:
        raise KeyReused
    return known


async def place(uow: UnitOfWork, placing: Placing, by: Act) -> Order:
    """Raises `InsufficientFunds`.

    The user's row is locked first: of two calls with one key the later one waits and finds the other's order.
    """
    if (await require_user(uow, placing.user_id, lock=True)).is_banned:
        raise UserBanned
    if known := await find(uow, placing.user_id, placing.key, placing.asked):
        return known
    order = await _insert(uow, placing, by)
    movement = Movement(kind=EntryKind.HOLD, key=f"order:{order.number}", by=by, subject=order.number)
    hold = await ledger.hold(uow, order.user_id, order.price, movement)
    if not await uow.orders.move(order, hold_id=hold.id):
        raise Conflict
    uow.orders.add_progress(OrderProgress(order_id=order.id, at=by.at, status="created", percent=0))
    lifecycle.send(uow, order, ErrandKind.SUBMIT, by.at)
    await telling.tell(uow, order, by.at)
    return order


async def _insert(uow: UnitOfWork, placing: Placing, by: Act) -> Order:
    for _ in range(_ATTEMPTS):
        order = _row(placing, by)
        if await uow.orders.add(order):
            return order
    raise Unavailable


def _row(placing: Placing, by: Act) -> Order:
    tail = "".join(secrets.choice(_LETTERS) for _ in range(6))
    return Order(
        number=f"ORD-{by.at:%Y%m%d}-{tail}",
        user_id=placing.user_id,
        key=placing.key,
        asked=placing.asked,
        video_url=placing.video_url,
        video_id=placing.video_id,
        view_count=placing.view_count,
        price=placing.price,
        currency=placing.currency,
        provider=placing.provider,
        patience_seconds=int(placing.patience.total_seconds()),
        created_at=by.at,
        changed_at=by.at,
        expires_at=by.at + placing.patience,
    )
