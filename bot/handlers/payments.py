"""Stars: a purchase is confirmed here in time; what was paid is written down before it comes this far."""

from aiogram import F, Router
from aiogram.types import Message, PreCheckoutQuery

from bot.front import Front, Person
from bot.needs import CheckoutQuery
from bot.refusals import text_of
from bot.screens import plain


def checkouts() -> Router:
    router = Router(name="checkouts")
    router.pre_checkout_query.register(check_out)
    return router


def router() -> Router:
    router = Router(name="payments")
    router.message.register(thank, F.successful_payment | F.refunded_payment)
    return router


async def check_out(query: PreCheckoutQuery, who: Person, front: Front) -> None:
    asked = CheckoutQuery(who.telegram_id, query.invoice_payload, query.currency, query.total_amount)
    refusal = await front.payments.check_out(asked)
    if refusal is None:
        await query.answer(ok=True)
    else:
        await query.answer(ok=False, error_message=plain(text_of(refusal, who.words, front.currency)))


async def thank(_: Message) -> None:
    """The notice of the payment says what it brought."""
