"""One license key, sent to the bot and entered in the mobile app at the same moment."""

import asyncio

import pytest

from bot.front import Front
from core.account import SignIn
from core.errors import LicenseAlreadyBound
from tests.fake_telegram.person import Person

PASSWORD = "a-long-password"


@pytest.mark.parametrize("round_", range(3))
async def test_of_the_bot_and_the_app_one_gets_it(ann: Person, front: Front, issue, user_id, round_: int):
    await ann.asks("/start")
    key, accounts = await issue(), front.services.accounts

    by_app, _ = await asyncio.gather(
        accounts.redeem(f"other{round_}", PASSWORD, key), ann.says(key), return_exceptions=True
    )
    answer = await ann._telegram.until(lambda: ann.chat[1:] and ann.chat[-1]["text"])

    is_anns = "Your license runs until" in answer
    assert is_anns or "belongs to another account" in answer
    assert isinstance(by_app, LicenseAlreadyBound if is_anns else SignIn)


async def test_of_one_account_it_counts_once(ann: Person, front: Front, issue, user_id):
    await ann.asks("/start")
    me, accounts = await user_id(ann), front.services.accounts
    await front.services.identity.set_credentials(me, "annlive", PASSWORD)
    key = await issue(days=30)

    by_app, _ = await asyncio.gather(accounts.redeem("annlive", PASSWORD, key), ann.says(key))
    await ann.hears("Your license runs until")

    found = await accounts.login("annlive", PASSWORD)
    assert found.account.id == by_app.account.id == me
    assert (found.license.expires_at - front.services.clock.now()).days == 29  # and some hours, not 59
