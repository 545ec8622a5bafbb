"""Tokens: whatever is wrong with one, it is `invalid token`."""

import base64
import json

import jwt
import pytest

from core.errors import InvalidToken
from core.secrets import Secrets, generate
from tests.fakes import MovedClock
from webapp.tokens import Tokens

SECRETS = Secrets(b"m" * 32, {"1": b"a" * 32, "2": b"b" * 32}, "2")


@pytest.fixture
def clock():
    return MovedClock()


@pytest.fixture
def tokens(clock):
    return Tokens(SECRETS, 24, clock)


def forged(clock, key=b"b" * 32, headers=None, algorithm="HS256", **changes):
    now = int(clock.now().timestamp())
    claims = {
        "iss": "ttboost",
        "sub": "7",
        "aud": "mobile",
        "iat": now,
        "exp": now + 60,
        "jti": "x",
        "ver": 3,
    }
    claims |= changes
    kept = {name: value for name, value in claims.items() if value is not None}
    return jwt.encode(kept, key, algorithm=algorithm, headers={"kid": "2"} if headers is None else headers)


def test_a_token_names_its_account_and_version(tokens):
    claims = tokens.verify(tokens.issue(7, 3, "mobile"), "mobile")

    assert (claims.user_id, claims.ver) == (7, 3)


def test_it_is_signed_with_the_active_key_and_named_after_it(tokens):
    assert jwt.get_unverified_header(tokens.issue(7, 3, "mobile"))["kid"] == "2"


def test_a_key_no_longer_active_still_opens_its_tokens(clock, tokens):
    old = Tokens(Secrets(SECRETS.master, SECRETS.jwt_keys, "1"), 24, clock)

    assert tokens.verify(old.issue(7, 3, "mobile"), "mobile").user_id == 7


def test_a_token_lives_for_a_day_and_half_a_minute_of_leeway(clock, tokens):
    token = tokens.issue(7, 3, "mobile")

    clock.move(24 * 3600 + 29)
    assert tokens.verify(token, "mobile").user_id == 7

    clock.move(1)
    with pytest.raises(InvalidToken):
        tokens.verify(token, "mobile")


@pytest.mark.parametrize(
    "changes",
    [
        {"aud": "webapp"},
        {"aud": ["mobile", "admin"]},
        {"aud": None},
        {"iss": "somebody"},
        {"iss": None},
        {"exp": None},
        {"exp": "never"},
        {"iat": None},
        {"iat": 4_000_000_000},
        {"jti": None},
        {"ver": None},
        {"ver": "3"},
        {"sub": None},
        {"sub": "admin"},
        {"sub": 7},
        {"key": b"c" * 32},
        {"headers": {}},
        {"headers": {"kid": "3"}},
        {"headers": {"kid": "1"}},
        {"key": "", "algorithm": "none"},
        {"key": b"b" * 64, "algorithm": "HS512"},
    ],
    ids=str,
)
def test_a_forged_token_is_refused(clock, tokens, changes):
    with pytest.raises(InvalidToken):
        tokens.verify(forged(clock, **changes), "mobile")


def deep_header():
    header = base64.urlsafe_b64encode(b"[" * 1200).rstrip(b"=").decode()
    return f"{header}.e30.c2ln"


def kid_as_list():
    header = (
        base64.urlsafe_b64encode(json.dumps({"alg": "HS256", "kid": ["2"]}).encode()).rstrip(b"=").decode()
    )
    return f"{header}.e30.c2ln"


@pytest.mark.parametrize(
    "token",
    ["", "a.b.c", "..", "ключ", "\udcff", "x" * 3000, "e30.e30.", deep_header(), kid_as_list()],
    ids=range(9),
)
def test_garbage_is_refused(tokens, token):
    with pytest.raises(InvalidToken):
        tokens.verify(token, "mobile")


def test_other_secrets_open_nothing(clock, tokens):
    stranger = Tokens(generate(), 24, clock)

    with pytest.raises(InvalidToken):
        tokens.verify(stranger.issue(7, 3, "mobile"), "mobile")
