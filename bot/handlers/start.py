"""The menu, where everything begins, and what a deep link asks for."""

from aiogram import Router
from aiogram.filters import Command, CommandObject, CommandStart
from aiogram.fsm.context import FSMContext
from aiogram.types import CallbackQuery, Message

from bot.front import Front, Person
from bot.handlers import account, activation
from bot.presses import Press
from bot.screens import Rows, Screen, button, page, show
from core.i18n import Html, message

KEY = "key_"
REFERRAL = "ref_"
LOGIN = "login"


def router() -> Router:
    router = Router(name="start")
    router.message.register(start, CommandStart())
    router.message.register(show_help, Command("help"))
    router.message.register(show_terms, Command("terms"))
    router.callback_query.register(show_menu, Press("menu", "menu:cancel"))
    router.callback_query.register(show_help, Press("help"))
    return router


async def start(event: Message, command: CommandObject, who: Person, front: Front, state: FSMContext) -> None:
    asked = (command.args or "").strip()
    if asked.startswith(REFERRAL) and who.is_new:
        await front.referrals.came_by(who.user_id, asked, who.account.created_at)
    if asked.startswith(KEY):
        await activation.activate(event, asked.removeprefix(KEY), who, front, state)
    elif asked == LOGIN:
        await account.send_sign_in(event, who, front)
    else:
        await show(event, menu(who, front, greets=True))


async def show_menu(event: CallbackQuery, who: Person, front: Front) -> None:
    await show(event, menu(who, front))


def menu(who: Person, front: Front, *, greets: bool = False) -> Screen:
    t = who.words
    opens = page(t(message("📱 Open TTBoost")), f"{front.base_url}/app")
    rows: Rows = [
        [opens] if opens else [],
        [button(t(message("🔴 LIVE")), "live"), button(t(message("🔑 License")), "license")],
        [button(t(message("🚀 Promote a video")), "promote"), button(t(message("📦 Orders")), "orders:0")],
        [button(t(message("💳 Balance")), "balance"), button(t(message("⚙️ Settings")), "settings")],
        [button(t(message("🖥 Player and overlay")), "pages"), button(t(message("🤝 Invite")), "invite")],
        [button(t(message("💬 Support")), "support"), button(t(message("❓ Help")), "help")],
    ]
    return Screen(_welcome(who) if greets else _standing(who), rows)


def _welcome(who: Person) -> Html:
    t = who.words
    hello = t(
        message(
            "👋 Hi, {name}! I make your TikTok LIVE heard: gifts ring, chat is read aloud, on your phone or "
            "in OBS."
        ),
        name=who.name,
    )
    return Html(f"{hello}\n\n{_standing(who)}")


def _standing(who: Person) -> Html:
    t = who.words
    if who.license.is_live and who.license.expires_at:
        return t(
            message("✅ Your license runs until <b>{day}</b>."), day=f"{who.license.expires_at:%Y-%m-%d}"
        )
    if who.license.expires_at and not who.license.is_withdrawn:
        return t(message("⌛ Your license ended on <b>{day}</b>."), day=f"{who.license.expires_at:%Y-%m-%d}")
    return t(message("🔑 You have no license yet. Press “License” to try for free, buy, or enter a key."))


async def show_help(event: Message | CallbackQuery, who: Person) -> None:
    t = who.words
    text = t(
        message(
            "<b>What I can do</b>\n"
            "🔴 /live – switch listening to your LIVE on or off, see what is wrong\n"
            "🔑 /activate – try, buy, or enter a key (or just send the key)\n"
            "🚀 Send a TikTok link – promote that video\n"
            "🎵 Send an audio file or a voice message – it becomes a sound\n"
            "💳 /balance, /topup – your money\n"
            "📦 /orders – your orders\n"
            "⚙️ /settings, /language\n"
            "💬 /support – a person answers"
        )
    )
    await show(event, Screen(text, [[button(t(message("🏠 Menu")), "menu")]]))


async def show_terms(event: Message, who: Person, front: Front) -> None:
    t = who.words
    text = t(
        message(
            "<b>Terms</b>\n"
            "• Licenses run for the days you bought, from activation.\n"
            "• Inside Telegram you pay with Stars; 1.00 {currency} is {rate} Stars.\n"
            "• Promotion means TikTok’s own advertising or our team’s work, with measured results. What is "
            "not delivered goes back to your balance.\n"
            "• Problems with a payment: /paysupport. Unused days and money can be refunded.\n"
            "• Names and messages of your viewers are deleted after {days} days."
        ),
        currency=front.currency,
        rate=front.services.config.telegram.stars_rate,
        days=front.services.config.history.retention_days,
    )
    await show(event, Screen(text, [[button(t(message("🏠 Menu")), "menu")]]))
