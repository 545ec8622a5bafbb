"""The account itself: signing in elsewhere, joining two accounts, bringing friends."""

from aiogram import Bot, Router
from aiogram.types import CallbackQuery, ChatMemberUpdated, Message

from bot.figures import count, money
from bot.front import Front, Person
from bot.presses import Press, PressOf, number
from bot.screens import Rows, Screen, button, is_linkable, link, show, tell
from core import telegram_people
from core.i18n import Html, message

CONFIRM = "link:yes:"
REFUSE = "link:cancel:"


def router() -> Router:
    router = Router(name="account")
    router.callback_query.register(press_sign_in, Press("login"))
    router.callback_query.register(confirm_link, PressOf(CONFIRM, number))
    router.callback_query.register(refuse_link, PressOf(REFUSE, number))
    router.callback_query.register(invite, Press("invite"))
    router.my_chat_member.register(note_membership)
    return router


async def press_sign_in(event: CallbackQuery, who: Person, front: Front) -> None:
    await send_sign_in(event, who, front)


async def send_sign_in(event: Message | CallbackQuery, who: Person, front: Front) -> None:
    """The ticket stands behind the `#`, which no server and no log is told of."""
    t = who.words
    url = f"{front.base_url}/app#ticket={await front.identity.ticket_for(who.user_id)}"
    text = t(message("🔐 This link signs you in. It works once, for 5 minutes. Give it to nobody."))
    home = [button(t(message("🏠 Menu")), "menu")]
    if is_linkable(url):
        await tell(event, Screen(text, [[link(t(message("🔐 Sign in")), url)], home]))
    else:
        await tell(event, Screen(Html(f"{text}\n<code>{url}</code>"), [home]))


async def confirm_link(event: CallbackQuery, about: int, who: Person, front: Front) -> None:
    await front.identity.confirm_link(who.telegram_id, about)
    t = who.words
    text = t(message("🔗 Joined: this Telegram and your account are one now."))
    await show(event, Screen(text, [[button(t(message("🏠 Menu")), "menu")]]))


async def refuse_link(event: CallbackQuery, about: int, who: Person, front: Front) -> None:
    await front.identity.refuse_link(who.telegram_id, about)
    t = who.words
    text = t(message("👌 Nothing was joined. Was it not you? Change your password in the app."))
    await show(event, Screen(text, [[button(t(message("🏠 Menu")), "menu")]]))


async def invite(event: CallbackQuery, who: Person, front: Front, bot: Bot) -> None:
    t, terms = who.words, front.services.config.referral
    so_far = await front.referrals.view(who.user_id)
    me = await bot.me()
    link = f"https://t.me/{me.username}?start={so_far.parameter}"
    parts = [t(message("🎁 Invite a streamer with this link:\n<code>{link}</code>"), link=link)]
    if terms.percent:
        parts.append(
            t.many(
                message("💰 You get {percent} % of their first payment, {count} day after it."),
                message("💰 You get {percent} % of their first payment, {count} days after it."),
                terms.mature_days,
                percent=f"{terms.percent.normalize():f}",
            )
        )
    parts.append(
        t(
            message("👥 Came: {count}\n⏳ On the way: {pending}\n✅ Paid to your balance: {paid}"),
            count=count(so_far.count, t),
            pending=money(so_far.pending, front.currency, t),
            paid=money(so_far.paid, front.currency, t),
        )
    )
    rows: Rows = [[button(t(message("🏠 Menu")), "menu")]]
    await show(event, Screen(Html("\n\n".join(parts)), rows))


async def note_membership(event: ChatMemberUpdated, who: Person, front: Front) -> None:
    """They blocked the bot, or let it write again."""
    is_reachable = event.new_chat_member.status not in {"kicked", "left"}
    async with front.services.db.begin() as uow:
        await telegram_people.note_reachable(uow, who.telegram_id, is_reachable=is_reachable)
