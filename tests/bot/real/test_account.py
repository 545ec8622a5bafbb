"""What an account asks of its Telegram."""

import re
from datetime import timedelta

from bot.front import Front
from storage.models import User
from tests.fake_telegram.person import Person


async def test_a_reset_code_comes_to_the_chat_and_sets_a_password(ann: Person, front: Front, user_id):
    await ann.asks("/start")
    async with front.services.db.begin() as uow:
        user: User = await uow.accounts.get_user(await user_id(ann))
        user.username = "ann_live"

    await front.services.accounts.request_reset("ann_live")
    said = await ann.hears("code")
    (code,) = re.findall(r"\b\d{6,10}\b", said)

    await front.services.accounts.confirm_reset("ann_live", code, "a-new-password-7")


async def test_a_question_that_is_too_long_is_called_so(ann: Person):
    await ann.asks("/support")

    assert "too long" in await ann.asks("x" * 3_500)
    assert "number 1" in await ann.asks("Why is it so quiet?")


async def test_a_license_that_has_ended_is_not_called_none(ann: Person, issue, front: Front, user_id):
    await ann.asks(await issue())
    async with front.services.db.begin() as uow:
        user: User = await uow.accounts.get_user(await user_id(ann))
        user.license_clock_at -= timedelta(days=400)

    assert "Your license ended on" in await ann.asks("/start")
