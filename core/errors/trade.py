"""Refusals about money, sales, orders and support."""

from core.errors.kinds import Conflict, Forbidden, Invalid, NotFound, Unauthenticated, Unavailable

# Money


class InsufficientFunds(Conflict):
    """`available` and `required` in the details, in minor units."""

    code = "insufficient_funds"
    text = "not enough money on the balance"


class KeyReused(Conflict):
    """An idempotency key came again with something else."""

    code = "key_reused"
    text = "this idempotency key was used for something else"


class HoldClosed(Conflict):
    code = "hold_closed"
    text = "this money was already spent or given back"


# Sales and payments


class TrialUsed(Conflict):
    code = "trial_used"
    text = "the trial was used already"


class NoTrial(NotFound):
    code = "no_trial"
    text = "there is no trial here"


class TelegramRequired(Forbidden):
    code = "telegram_required"
    text = "link a Telegram account first"


class NotForSale(NotFound):
    code = "not_for_sale"
    text = "this plan is not for sale"


class DebtOpen(InsufficientFunds):
    """`debt` in the details, in minor units: what a refund left to be paid."""

    code = "debt_open"
    text = "a refund left a debt on the balance: top up first"


class InvoiceNotPayable(Conflict):
    """Unknown, expired, somebody else's, or for something that is sold otherwise by now."""

    code = "invoice_not_payable"
    text = "this invoice cannot be paid any more: ask for a new one"


class PaymentNotFound(NotFound):
    code = "payment_not_found"
    text = "payment not found"


class PaymentsUnavailable(Unavailable):
    code = "payments_unavailable"
    text = "Telegram Stars cannot be used here: the operator has set up no Telegram bot"


class RefundRefused(Conflict):
    """Telegram said no for good; `reason` in the details."""

    code = "refund_refused"
    text = "Telegram refused the refund"


# Orders


class InvalidVideoUrl(Invalid):
    code = "invalid_video_url"
    text = "send the link of a TikTok video: https://www.tiktok.com/@name/video/123"


class VideoNotFound(NotFound):
    code = "video_not_found"
    text = "this short link leads to no video: open it and send the long one"


class ShortLinkUnanswered(Unavailable):
    code = "short_link_unanswered"
    text = "TikTok does not answer: try again, or send the long link"


class ViewCountOutOfRange(Invalid):
    """`minimum` and `maximum` in the details."""

    code = "view_count_out_of_range"
    text = "so many views cannot be ordered"


class OrderNotFound(NotFound):
    code = "order_not_found"
    text = "order not found"


class OrdersOpen(Conflict):
    code = "orders_open"
    text = "orders are still being delivered; wait for them or cancel them first"


class BalanceLeft(Conflict):
    """`available` in the details."""

    code = "balance_left"
    text = "there is money on the balance; say that you give it up"


class OrderEnded(Conflict):
    """`status` in the details."""

    code = "order_ended"
    text = "this order has ended"


class OrderTaken(Conflict):
    code = "order_taken"
    text = "somebody else has taken this order"


class InvalidSignature(Unauthenticated):
    code = "invalid_signature"
    text = "invalid signature"


# Support


class TooManyTickets(Conflict):
    code = "too_many_tickets"
    text = "close one of your open tickets first, or write in it"


class TicketClosed(Conflict):
    code = "ticket_closed"
    text = "this ticket is closed, open another one"


class TicketFull(Conflict):
    code = "ticket_full"
    text = "this ticket is full, open another one"


class BroadcastState(Conflict):
    """`status` in the details: what it is in."""

    code = "broadcast_state"
    text = "the broadcast is not in a state that allows this"


class NotOneself(Conflict):
    code = "not_oneself"
    text = "one cannot do that to one's own account; another admin can"
