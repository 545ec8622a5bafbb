"""What nothing else understood."""

from aiogram import F, Router
from aiogram.types import CallbackQuery, Message

from bot.front import Front, Person
from bot.handlers.start import menu
from bot.refusals import OUT_OF_DATE
from bot.screens import Screen, button, show, tell
from core.i18n import Html, message

OTHER = F.sticker | F.dice | F.contact | F.location | F.venue | F.poll | F.game | F.story | F.checklist


def router() -> Router:
    router = Router(name="fallback")
    router.message.register(answer_photo, F.photo | F.video | F.video_note | F.animation)
    router.message.register(answer_other, OTHER)
    router.message.register(answer_text, F.text)
    router.callback_query.register(answer_old_button)
    return router


async def answer_text(event: Message, who: Person) -> None:
    t = who.words
    text = t(message("🤔 I did not understand that. Send a TikTok link, a license key, a sound, or press:"))
    await tell(
        event, Screen(text, [[button(t(message("🏠 Menu")), "menu"), button(t(message("❓ Help")), "help")]])
    )


async def answer_photo(event: Message, who: Person) -> None:
    t = who.words
    text = t(
        message("🖼 I can only use sounds and voice messages. Pictures for alerts are chosen in the app.")
    )
    await tell(event, Screen(text, [[button(t(message("🏠 Menu")), "menu")]]))


async def answer_other(event: Message, who: Person) -> None:
    t = who.words
    text = t(
        message(
            "🙂 Thank you! I can do nothing with that, though. Send me a TikTok link, a license key, a sound "
            "or a voice message, or press:"
        )
    )
    await tell(event, Screen(text, [[button(t(message("🏠 Menu")), "menu")]]))


async def answer_old_button(event: CallbackQuery, who: Person, front: Front) -> None:
    """Of a screen that has gone by, of a dialog that was left, or of nobody's making."""
    home = menu(who, front)
    await show(event, Screen(Html(f"{who.words(OUT_OF_DATE)}\n\n{home.text}"), home.rows))
