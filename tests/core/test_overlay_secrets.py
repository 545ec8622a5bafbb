import pytest
from hypothesis import given
from hypothesis import strategies as st

from core import overlay_secrets
from core.accounts import Accounts
from core.overlay_secrets import Holder

KEY = b"k" * 32
PASSWORD = "SecurePass123!"


@given(st.integers(1, 2**63 - 1), st.integers(1, 2**32 - 1))
def test_a_secret_names_its_account(user_id: int, version: int):
    holder = Holder(user_id, version)

    assert overlay_secrets.read("player", overlay_secrets.make("player", holder, KEY), KEY) == holder


def test_overlay_and_player_have_secrets_of_their_own():
    secret = overlay_secrets.make("overlay", Holder(1, 1), KEY)

    assert overlay_secrets.read("player", secret, KEY) is None
    assert overlay_secrets.read("overlay", secret, b"another key") is None


@given(st.text(max_size=60) | st.text("abcDEF019-_+/=", min_size=40, max_size=40))
def test_any_text_is_no_secret(text: str):
    assert overlay_secrets.read("overlay", text, KEY) is None


@pytest.mark.parametrize("place", range(40))
def test_no_letter_can_be_changed(place: int):
    secret = overlay_secrets.make("overlay", Holder(1, 1), KEY)
    changed = secret[:place] + ("A" if secret[place] != "A" else "B") + secret[place + 1 :]

    assert overlay_secrets.read("overlay", changed, KEY) is None


def test_a_secret_fits_into_a_url():
    assert overlay_secrets.make("overlay", Holder(2**40, 7), KEY).replace("-", "").replace("_", "").isalnum()


async def test_rotating_ends_the_old_secrets(accounts: Accounts, issue):
    account = (await accounts.redeem("streamer123", PASSWORD, await issue())).account
    old = accounts.overlay_secret(account.id, account.overlay_version)

    assert accounts.holder_of("overlay", old) == Holder(account.id, account.overlay_version)
    version = await accounts.rotate_overlay(account.id)

    assert version != account.overlay_version
    new = accounts.player_secret(account.id, version)
    assert accounts.holder_of("player", new) == Holder(account.id, version)


async def test_a_guess_is_nobodys_secret(accounts: Accounts):
    assert accounts.holder_of("overlay", "guess") is None
