"""A license: tried, bought, or activated with a key."""

import secrets

from aiogram import F, Router
from aiogram.filters import Command, CommandObject
from aiogram.fsm.context import FSMContext
from aiogram.types import CallbackQuery, Message

from bot.dialogs import Dialog
from bot.figures import count, money
from bot.front import Front, Person
from bot.needs import Offer
from bot.presses import Press, PressOf, word
from bot.screens import Rows, Screen, button, link, show, tell
from core.errors import NotForSale
from core.i18n import Html, message
from core.license_clock import LicenseState

PLAN = "plan:"
WITH_STARS = "stars:"
WITH_BALANCE = "pay:"


def router() -> Router:
    router = Router(name="activation")
    router.message.register(show_license, Command("activate"))
    router.message.register(take_key, Dialog.key, F.text, ~F.text.startswith("/"))
    router.callback_query.register(press_license, Press("license", "license:back"))
    router.callback_query.register(start_trial, Press("trial"))
    router.callback_query.register(show_plan, PressOf(PLAN, word))
    router.callback_query.register(pay_with_stars, PressOf(WITH_STARS, word))
    router.callback_query.register(pay_with_balance, PressOf(WITH_BALANCE, word))
    return router


async def show_license(
    event: Message, command: CommandObject, who: Person, front: Front, state: FSMContext
) -> None:
    if command.args:
        await activate(event, command.args, who, front, state)
        return
    await state.set_state(Dialog.key)
    await show(event, await _shelf(who, front))


async def press_license(event: CallbackQuery, who: Person, front: Front, state: FSMContext) -> None:
    await state.set_state(Dialog.key)
    await show(event, await _shelf(who, front))


async def take_key(event: Message, who: Person, front: Front, state: FSMContext) -> None:
    await activate(event, event.text or "", who, front, state)


async def activate(event: Message, key: str, who: Person, front: Front, state: FSMContext) -> None:
    """At once, without asking. A refused key leaves the dialog as it was."""
    license_ = await front.shop.activate(who.user_id, key)
    await state.clear()
    await tell(event, await _granted(who, front, license_))


async def start_trial(event: CallbackQuery, who: Person, front: Front, state: FSMContext) -> None:
    """Pressed twice it is one trial, and the second press is told of it as the first was."""
    shelf = await front.shop.shelf(who.user_id)
    is_running = shelf.trial is None and shelf.state.is_live
    license_ = shelf.state if is_running else await front.shop.start_trial(who.user_id, who.act(front))
    await state.clear()
    await show(event, await _granted(who, front, license_))


async def show_plan(event: CallbackQuery, about: str, who: Person, front: Front) -> None:
    offer = await _offer(who, front, about)
    t = who.words
    text = t.many(
        message("<b>{title}</b>: {count} day\n⭐ {stars} Stars, or {price} from your balance."),
        message("<b>{title}</b>: {count} days\n⭐ {stars} Stars, or {price} from your balance."),
        offer.days,
        title=offer.title,
        stars=count(offer.stars, t),
        price=money(offer.price, front.currency, t),
    )
    rows: Rows = [
        [
            button(
                t(message("⭐ Pay {stars} Stars"), stars=count(offer.stars, t)), f"{WITH_STARS}{offer.plan}"
            )
        ],
        # Shown again it is another purchase, pressed twice it is one.
        [button(t(message("💳 Pay from balance")), f"{WITH_BALANCE}{offer.plan}:{secrets.token_hex(4)}")],
        [button(t(message("⬅️ Back")), "license:back")],
    ]
    await show(event, Screen(text, rows))


async def pay_with_stars(event: CallbackQuery, about: str, who: Person, front: Front) -> None:
    t = who.words
    invoice = await front.payments.for_license(who.user_id, about)
    text = t(
        message("⭐ {stars} Stars. Your license starts as soon as you have paid."),
        stars=count(invoice.stars, t),
    )
    rows: Rows = [
        [link(t(message("⭐ Pay {stars} Stars"), stars=count(invoice.stars, t)), invoice.link)],
        [button(t(message("🏠 Menu")), "menu")],
    ]
    await show(event, Screen(text, rows))


async def pay_with_balance(event: CallbackQuery, about: str, who: Person, front: Front) -> None:
    plan, _, shown = about.partition(":")
    shown_in = event.message.message_id if event.message else 0
    key = f"tg:{who.telegram_id}:{shown_in}:{shown}:{plan}"
    await front.shop.buy(who.user_id, plan, "balance", key, who.act(front))
    await show(event, await _granted(who, front, (await front.shop.shelf(who.user_id)).state))


async def _offer(who: Person, front: Front, plan: str) -> Offer:
    shelf = await front.shop.shelf(who.user_id)
    found = next((offer for offer in shelf.offers if offer.plan == plan), None)
    if found is None:
        raise NotForSale
    return found


async def _shelf(who: Person, front: Front) -> Screen:
    t = who.words
    shelf = await front.shop.shelf(who.user_id)
    trial: Rows = []
    if shelf.trial:
        label = t.many(
            message("🎁 Try {count} day for free"), message("🎁 Try {count} days for free"), shelf.trial.days
        )
        trial = [[button(label, "trial")]]
    offers = [
        [
            button(
                t.many(
                    message("🛒 {title}: {count} day, {stars} ⭐"),
                    message("🛒 {title}: {count} days, {stars} ⭐"),
                    offer.days,
                    title=offer.title,
                    stars=count(offer.stars, t),
                ),
                f"{PLAN}{offer.plan}",
            )
        ]
        for offer in shelf.offers
    ]
    rows: Rows = [*trial, *offers, [button(t(message("✖️ Close")), "menu:cancel")]]
    return Screen(_standing(who, shelf.state), rows)


def _standing(who: Person, state: LicenseState) -> Html:
    t = who.words
    if state.is_live and state.expires_at:
        now = t(message("✅ Your license runs until <b>{day}</b>."), day=f"{state.expires_at:%Y-%m-%d}")
    elif state.expires_at and not state.is_withdrawn:
        now = t(message("⌛ Your license ended on <b>{day}</b>."), day=f"{state.expires_at:%Y-%m-%d}")
    else:
        now = t(message("🔑 You have no license yet."))
    how = t(message("Have a key? Send it here, it looks like <code>TTB-XXXX-XXXX-XXXX</code>."))
    return Html(f"{now}\n{how}")


async def _granted(who: Person, front: Front, state: LicenseState) -> Screen:
    t = who.words
    until = f"{state.expires_at:%Y-%m-%d}" if state.expires_at else "–"
    text = t(
        message(
            "🎉 Done! Your license runs until <b>{day}</b>.\n"
            "Next: press “LIVE”, then open “Player and overlay”: "
            "that is where you hear the sounds."
        ),
        day=until,
    )
    front.services.access.drop(who.user_id)
    front.services.changes.check_now()
    rows: Rows = [
        [button(t(message("🔴 LIVE")), "live")],
        [button(t(message("🖥 Player and overlay")), "pages")],
        [button(t(message("🏠 Menu")), "menu")],
    ]
    return Screen(text, rows)
