"""The life of an order, as rules: which way it may go, and how it ends. Pure."""

from core.errors import Conflict, OrderEnded
from core.orders import pricing
from storage.models import Order, OrderPaymentStatus, OrderStatus

MANUAL, OPERATOR, SIMULATED = "manual", "operator", "simulated"  # who delivers

_ENDS = {OrderStatus.COMPLETED, OrderStatus.PARTIAL, OrderStatus.FAILED, OrderStatus.CANCELLED}
_FORWARD = {
    OrderStatus.PENDING: {OrderStatus.PROCESSING, OrderStatus.FAILED, OrderStatus.CANCELLED},
    OrderStatus.PROCESSING: _ENDS,
}


def has_ended(order: Order) -> bool:
    return order.status in _ENDS


def check_open(order: Order) -> None:
    if has_ended(order):
        raise OrderEnded(status=order.status.value)


def check_move(order: Order, target: OrderStatus) -> None:
    """Refuses to go anywhere but forward."""
    check_open(order)
    if target not in _FORWARD[order.status]:
        raise Conflict(f"an order that is {order.status} cannot become {target}")


def ending_of(order: Order, *, is_cancelled: bool) -> OrderStatus:
    """What it ends as, by what was delivered; `is_cancelled` tells an end with nothing from a failure."""
    if order.view_count_delivered >= order.view_count:
        return OrderStatus.COMPLETED
    if order.view_count_delivered:
        return OrderStatus.PARTIAL
    return OrderStatus.CANCELLED if is_cancelled else OrderStatus.FAILED


def earned(order: Order) -> int:
    """What was delivered is worth, in minor units; more than ordered is a gift."""
    return pricing.share(order.price, order.view_count, order.view_count_delivered)


def payment_of(price: int, captured: int) -> OrderPaymentStatus:
    if captured == price:
        return OrderPaymentStatus.PAID
    return OrderPaymentStatus.PARTIALLY_REFUNDED if captured else OrderPaymentStatus.REFUNDED


def percent(order: Order) -> int:
    return min(100, order.view_count_delivered * 100 // order.view_count)


def is_simulated(order: Order) -> bool:
    return order.provider == SIMULATED
