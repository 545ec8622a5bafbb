"""Questions that a person answers."""

from aiogram import F, Router
from aiogram.filters import Command, CommandObject
from aiogram.fsm.context import FSMContext
from aiogram.types import CallbackQuery, Message

from bot.dialogs import Dialog
from bot.front import Front, Person
from bot.presses import Press, PressOf, number
from bot.screens import Rows, Screen, button, plain, show, tell
from core.errors import NotFound
from core.i18n import Html, message, words
from core.staff import reaches

ASK = "ask:"
ANSWER = "answer:"
SAY = "say:"
READY = {
    True: message("Thank you, we are looking into it and will write to you here."),
    False: message("Thank you, that helped!"),
}
"""The usual answer of staff, and of a customer."""

QUESTIONS = {
    "support": (
        message("I hear nothing during my LIVE."),
        message("My LIVE is not found."),
        message("I need help with setting things up."),
    ),
    "payment": (
        message("I paid and got nothing."),
        message("I want my money back."),
    ),
}
"""What most people ask, ready to press; the first is the commonest."""


def ready_question(text: str) -> tuple[str, str] | None:
    """`topic:number` as the topic and the question."""
    topic, _, place = text.partition(":")
    found, asked = number(place), QUESTIONS.get(topic, ())
    return (topic, asked[found]) if found is not None and found < len(asked) else None


def router() -> Router:
    router = Router(name="support")
    router.message.register(ask_support, Command("support"))
    router.message.register(ask_about_payment, Command("paysupport"))
    router.message.register(take_question, Dialog.question, F.text, ~F.text.startswith("/"))
    router.message.register(take_answer, Dialog.answer, F.text, ~F.text.startswith("/"))
    router.callback_query.register(press_support, Press("support"))
    router.callback_query.register(press_question, PressOf(ASK, ready_question))
    router.callback_query.register(begin_answer, PressOf(ANSWER, number))
    router.callback_query.register(send_ready, PressOf(SAY, number))
    return router


async def ask_support(
    event: Message, command: CommandObject, who: Person, front: Front, state: FSMContext
) -> None:
    await _ask(event, "support", command.args, who, front, state)


async def ask_about_payment(
    event: Message, command: CommandObject, who: Person, front: Front, state: FSMContext
) -> None:
    await _ask(event, "payment", command.args, who, front, state)


async def press_support(event: CallbackQuery, who: Person, front: Front, state: FSMContext) -> None:
    await _ask(event, "support", None, who, front, state)


async def press_question(
    event: CallbackQuery, about: tuple[str, str], who: Person, front: Front, state: FSMContext
) -> None:
    topic, question = about
    await _open(event, topic, who.words(question), who, front, state)


async def take_question(event: Message, who: Person, front: Front, state: FSMContext) -> None:
    topic = (await state.get_data()).get("topic", "support")
    await _open(event, topic, event.text or "", who, front, state)


async def begin_answer(
    event: CallbackQuery, about: int, who: Person, front: Front, state: FSMContext
) -> None:
    t = who.words
    ready = plain(t(READY[await _is_staff(who, front)]))
    await state.set_data({"ticket_id": about})
    await state.set_state(Dialog.answer)
    rows: Rows = [
        [button(ready, f"{SAY}{about}")],
        [button(t(message("✖️ Cancel")), "menu:cancel")],
    ]
    await tell(
        event, Screen(t(message("✍️ Write your answer, or press the button to send what it says.")), rows)
    )


async def send_ready(event: CallbackQuery, about: int, who: Person, front: Front, state: FSMContext) -> None:
    """What the button says, in the language of whoever reads it."""
    reader = who.words
    if is_staff := await _is_staff(who, front):
        ticket = await front.services.tickets.get(about)
        card = await front.services.admin.people.show(ticket.user.id, with_money=False)
        reader = words(card.user.language)
    await front.tickets.say(about, who.act(front), str(plain(reader(READY[is_staff]))))
    await _sent(event, who, state)


async def _is_staff(who: Person, front: Front) -> bool:
    return reaches((await front.services.access.of(who.user_id)).role, "support")


async def take_answer(event: Message, who: Person, front: Front, state: FSMContext) -> None:
    ticket_id = (await state.get_data()).get("ticket_id")
    if ticket_id is None:
        raise NotFound
    await front.tickets.say(ticket_id, who.act(front), event.text or "")
    await _sent(event, who, state)


async def _sent(event: Message | CallbackQuery, who: Person, state: FSMContext) -> None:
    await state.clear()
    t = who.words
    await show(event, Screen(t(message("📨 Sent.")), [[button(t(message("🏠 Menu")), "menu")]]))


async def _ask(
    event: Message | CallbackQuery, topic: str, text: str | None, who: Person, front: Front, state: FSMContext
) -> None:
    if text:
        await _open(event, topic, text, who, front, state)
        return
    t = who.words
    await state.set_data({"topic": topic})
    await state.set_state(Dialog.question)
    rows: Rows = [
        [button(t(question), f"{ASK}{topic}:{number}")] for number, question in enumerate(QUESTIONS[topic])
    ]
    said = t(
        message("💬 What is it about? Press a line or write it in your own words; a person answers here.")
    )
    await show(event, Screen(said, [*rows, [button(t(message("✖️ Cancel")), "menu:cancel")]]))


async def _open(
    event: Message | CallbackQuery, topic: str, text: str, who: Person, front: Front, state: FSMContext
) -> None:
    ticket = await front.tickets.open(who.user_id, topic, Html(text).strip(), who.act(front))
    await state.clear()
    t = who.words
    said = t(message("📨 Your question has number <b>{number}</b>. The answer comes here."), number=ticket.id)
    await show(event, Screen(said, [[button(t(message("🏠 Menu")), "menu")]]))
