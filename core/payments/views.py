"""Payments as admins see them."""

from datetime import datetime

from msgspec import Struct

from storage.models import Payment


class PaymentView(Struct, frozen=True, kw_only=True):
    """Amounts in minor units. `problem` tells why it was not used as its invoice says."""

    charge_id: str
    user_id: int
    telegram_id: int
    stars: int
    amount: int
    status: str
    problem: str
    booked_at: datetime
    refund_reason: str
    refund_error: str
    refunded_at: datetime | None
    debt: int


def view_of(payment: Payment) -> PaymentView:
    return PaymentView(
        charge_id=payment.charge_id,
        user_id=payment.user_id,
        telegram_id=payment.telegram_id,
        stars=payment.stars,
        amount=payment.amount,
        status=payment.status.value,
        problem=payment.problem,
        booked_at=payment.booked_at,
        refund_reason=payment.refund_reason,
        refund_error=payment.refund_error,
        refunded_at=payment.refunded_at,
        debt=payment.debt,
    )
