"""Listening to the LIVE: on, off, how it stands, and where its pages are."""

from aiogram import F, Router
from aiogram.filters import Command, CommandObject
from aiogram.fsm.context import FSMContext
from aiogram.types import CallbackQuery, Message

from bot.dialogs import Dialog
from bot.front import Front, Person
from bot.live_texts import status
from bot.presses import Press, PressOf, word
from bot.screens import Rows, Screen, button, link, page, show, tell
from core.i18n import Html, message
from core.live.source import LiveState

NAME = "tiktok:"
TIKTOK = "https://www.tiktok.com/"
LONGEST_NAME = 24  # of TikTok's; Telegram's are longer


def router() -> Router:
    router = Router(name="live")
    router.message.register(command_live, Command("live"))
    router.callback_query.register(show_live, Press("live"))
    router.callback_query.register(switch_on, Press("live:on"))
    router.callback_query.register(switch_off, Press("live:off"))
    router.callback_query.register(ask_name, Press("tiktok"))
    router.callback_query.register(explain_name, Press("tiktok:how"))
    router.callback_query.register(use_name, PressOf(NAME, word))
    router.callback_query.register(show_pages, Press("pages"))
    router.message.register(take_name, Dialog.tiktok, F.text, ~F.text.startswith("/"))
    return router


async def command_live(
    event: Message, command: CommandObject, who: Person, front: Front, state: FSMContext
) -> None:
    """`/live on` and `/live off` switch as well."""
    if who.account.settings.tiktok_username is not None:
        wanted = (command.args or "").strip().lower()
        if wanted == "on":
            await front.services.studios.start_live(who.user_id)
        elif wanted == "off":
            await front.services.studios.stop_live(who.user_id)
    await show_live(event, who, front, state)


async def show_live(event: Message | CallbackQuery, who: Person, front: Front, state: FSMContext) -> None:
    await state.clear()
    if who.account.settings.tiktok_username is None:
        await _ask_name(event, who, state)
        return
    await show(event, await _live(who, front))


async def switch_on(event: CallbackQuery, who: Person, front: Front) -> None:
    await front.services.studios.start_live(who.user_id)
    await show(event, await _live(who, front))


async def switch_off(event: CallbackQuery, who: Person, front: Front) -> None:
    await front.services.studios.stop_live(who.user_id)
    await show(event, await _live(who, front))


async def ask_name(event: CallbackQuery, who: Person, state: FSMContext) -> None:
    await _ask_name(event, who, state)


async def explain_name(event: CallbackQuery, who: Person, state: FSMContext) -> None:
    t = who.words
    await state.set_state(Dialog.tiktok)
    text = t(
        message(
            "Open TikTok and press “Profile”. Your TikTok name stands under your picture and begins with @. "
            "Send it to me here."
        )
    )
    opens = [link(t(message("📱 Open TikTok")), TIKTOK)]
    await show(event, Screen(text, [opens, [button(t(message("✖️ Cancel")), "menu:cancel")]]))


async def take_name(event: Message, who: Person, front: Front, state: FSMContext) -> None:
    await _set_name(event, (event.text or "").strip().lstrip("@"), who, front, state)


async def use_name(event: CallbackQuery, about: str, who: Person, front: Front, state: FSMContext) -> None:
    await _set_name(event, about, who, front, state)


async def _set_name(
    event: Message | CallbackQuery, name: str, who: Person, front: Front, state: FSMContext
) -> None:
    changed = await front.services.accounts.update_settings(who.user_id, {"tiktok_username": name})
    await front.services.studios.reload(who.user_id)
    await state.clear()
    t = who.words
    text = t(message("👤 Your TikTok name is <b>@{name}</b>."), name=changed.tiktok_username)
    rows: Rows = [[button(t(message("🔴 LIVE")), "live")], [button(t(message("🏠 Menu")), "menu")]]
    await tell(event, Screen(text, rows))


async def show_pages(event: CallbackQuery, who: Person, front: Front) -> None:
    """A streamer must always find them."""
    t, base = who.words, front.base_url
    accounts, version = front.services.accounts, who.account.overlay_version
    overlay = f"{base}/overlay/{accounts.overlay_secret(who.user_id, version)}"
    player = f"{base}/player/{accounts.player_secret(who.user_id, version)}"
    text = t(
        message(
            "🖥 <b>Overlay</b> for OBS (add it as a browser source):\n<code>{overlay}</code>\n\n"
            "📱 <b>Player</b> for your phone’s browser:\n<code>{player}</code>\n\n"
            "Keep both secret: who has them hears your LIVE."
        ),
        overlay=overlay,
        player=player,
    )
    opens = page(t(message("📱 Open the player")), player)
    rows: Rows = [[opens] if opens else [], [button(t(message("🏠 Menu")), "menu")]]
    await show(event, Screen(text, rows))


async def _ask_name(event: Message | CallbackQuery, who: Person, state: FSMContext) -> None:
    t = who.words
    await state.set_state(Dialog.tiktok)
    text = t(
        message("👤 What is your TikTok name? Send it as in your profile, for example <code>@name</code>.")
    )
    rows: Rows = []
    if known := who.account.settings.tiktok_username:
        rows.append([button(t(message("✅ Keep @{name}"), name=known), "live")])
    elif guess := _guess(event):
        rows.append([button(f"✅ @{guess}", f"{NAME}{guess}")])
    else:
        rows.append([button(t(message("❓ Where do I find it?")), "tiktok:how")])
    await show(event, Screen(text, [*rows, [button(t(message("✖️ Cancel")), "menu:cancel")]]))


def _guess(event: Message | CallbackQuery) -> str:
    """Many people have one name everywhere; empty where theirs cannot be TikTok's."""
    name = (event.from_user.username if event.from_user else None) or ""
    return name if len(name) <= LONGEST_NAME else ""


async def _live(who: Person, front: Front) -> Screen:
    t = who.words
    now = await front.services.studios.status(who.user_id)
    name = t(message("👤 @{name}"), name=who.account.settings.tiktok_username)
    text = Html(f"{status(now, t, front.services.clock.now())}\n{name}")
    is_off = now.state is LiveState.OFF
    switch = (
        button(t(message("▶️ Switch on")), "live:on")
        if is_off
        else button(t(message("⏹ Switch off")), "live:off")
    )
    rows: Rows = [
        [switch, button(t(message("🔄 Refresh")), "live")],
        [button(t(message("👤 TikTok name")), "tiktok"), button(t(message("🖥 Player and overlay")), "pages")],
        [button(t(message("🏠 Menu")), "menu")],
    ]
    return Screen(text, rows)
