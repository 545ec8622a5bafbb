"""Money: the balance with its history, and adding to it with Stars."""

from aiogram import F, Router
from aiogram.filters import Command, CommandObject
from aiogram.fsm.context import FSMContext
from aiogram.types import CallbackQuery, Message

from bot.dialogs import Dialog
from bot.figures import count, money
from bot.front import Front, Person
from bot.presses import Press, PressOf, number
from bot.screens import Rows, Screen, button, link, show, turning
from core.i18n import Html, message
from core.money import amounts, ledger, views
from core.money.views import EntryView, TextCode

TOP_UP = "topup:"
HISTORY = "balance:"
AMOUNTS = (1_000, 500, 2_500, 5_000)  # minor units; the first is what most take
PAGE = 8

TEXTS = {
    TextCode.TOPPED_UP: message("Added with Stars"),
    TextCode.GIVEN_BY_ADMIN: message("Added by support"),
    TextCode.TAKEN_BY_ADMIN: message("Taken by support"),
    TextCode.SET_ASIDE: message("Set aside for an order"),
    TextCode.SPENT: message("Paid for an order"),
    TextCode.RETURNED: message("Back from an order"),
    TextCode.BOUGHT: message("License bought"),
    TextCode.REFUNDED: message("Refunded"),
    TextCode.OWED: message("Debt from a refund"),
    TextCode.DEBT_PAID: message("Debt paid"),
    TextCode.REWARDED: message("Reward for an invitation"),
    TextCode.REVERSED: message("Corrected"),
}


def router() -> Router:
    router = Router(name="wallet")
    router.message.register(show_balance, Command("balance"))
    router.message.register(ask_amount, Command("topup"))
    router.message.register(take_amount, Dialog.amount, F.text, ~F.text.startswith("/"))
    router.callback_query.register(show_balance, Press("balance"))
    router.callback_query.register(show_balance, PressOf(HISTORY, number))
    router.callback_query.register(press_top_up, Press("topup", "topup:back"))
    router.callback_query.register(take_button, PressOf(TOP_UP, number))
    return router


async def show_balance(event: Message | CallbackQuery, who: Person, front: Front, about: int = 0) -> None:
    t, currency, offset = who.words, front.currency, about
    async with front.services.db.read() as uow:
        now = await ledger.balance(uow, who.user_id)
        entries, total = await views.history(uow, who.user_id, limit=PAGE, offset=offset)
    lines: list[str] = [t(message("💳 Balance: <b>{amount}</b>"), amount=money(now.available, currency, t))]
    if now.held:
        lines.append(t(message("🔒 Set aside for orders: {amount}"), amount=money(now.held, currency, t)))
    if now.debt:
        lines.append(t(message("⚠️ Owed after a refund: {amount}"), amount=money(now.debt, currency, t)))
    lines.append("")
    lines += [_line(entry, who, currency) for entry in entries]
    if not entries:
        lines.append(t(message("Nothing has happened here yet.")))
    rows: Rows = [
        [button(t(message("➕ Top up")), "topup")],
        turning(HISTORY, offset, PAGE, total),
        [button(t(message("🏠 Menu")), "menu")],
    ]
    await show(event, Screen(Html("\n".join(lines)), rows))


async def ask_amount(
    event: Message, command: CommandObject, who: Person, front: Front, state: FSMContext
) -> None:
    if command.args:
        await _offer_invoice(event, amounts.parse(command.args), who, front, state)
        return
    await _ask(event, who, front, state)


async def press_top_up(event: CallbackQuery, who: Person, front: Front, state: FSMContext) -> None:
    await _ask(event, who, front, state)


async def take_amount(event: Message, who: Person, front: Front, state: FSMContext) -> None:
    amount = amounts.parse((event.text or "").upper().strip(" $€").removesuffix(front.currency))
    await _offer_invoice(event, amount, who, front, state)


async def take_button(event: CallbackQuery, about: int, who: Person, front: Front, state: FSMContext) -> None:
    await _offer_invoice(event, about, who, front, state)


async def _ask(event: Message | CallbackQuery, who: Person, front: Front, state: FSMContext) -> None:
    t = who.words
    await state.set_state(Dialog.amount)
    text = t(
        message(
            "➕ How much do you want to add? 1.00 {currency} costs {rate} Stars.\n"
            "Press a button or send an amount, for example <code>12.50</code>."
        ),
        currency=front.currency,
        rate=front.services.config.telegram.stars_rate,
    )
    buttons = [button(money(amount, front.currency, t), f"{TOP_UP}{amount}") for amount in AMOUNTS]
    rows: Rows = [buttons[:2], buttons[2:], [button(t(message("✖️ Cancel")), "menu:cancel")]]
    await show(event, Screen(text, rows))


async def _offer_invoice(
    event: Message | CallbackQuery, amount: int, who: Person, front: Front, state: FSMContext
) -> None:
    """Where it is refused the question stays open: another amount may be sent."""
    t = who.words
    invoice = await front.payments.top_up(who.user_id, amount)
    await state.clear()
    text = t(
        message("⭐ <b>{amount}</b> costs {stars} Stars ({rate} Stars for 1.00 {currency})."),
        amount=money(invoice.amount, front.currency, t),
        stars=count(invoice.stars, t),
        rate=invoice.rate,
        currency=front.currency,
    )
    rows: Rows = [
        [link(t(message("⭐ Pay {stars} Stars"), stars=count(invoice.stars, t)), invoice.link)],
        [button(t(message("⬅️ Back")), "topup:back")],
    ]
    await show(event, Screen(text, rows))


def _line(entry: EntryView, who: Person, currency: str) -> str:
    t = who.words
    sign = "+" if entry.amount > 0 else "−"
    return t(
        message("{day} · {what}: <b>{amount}</b>"),
        day=f"{entry.at:%d.%m}",
        what=t(TEXTS[entry.text_code]),
        amount=f"{sign}{money(abs(entry.amount), currency, t)}",
    )
