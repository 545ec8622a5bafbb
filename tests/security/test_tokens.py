"""Tokens that are almost right, at every door that takes one."""

import base64
import hmac
import json

import pytest

from core.channel import Close
from core.errors import InvalidToken
from storage.models import UserRole
from webapp.surfaces import API, V2
from webapp.tokens import Tokens

HEADER = {"alg": "HS256", "typ": "JWT", "kid": "1"}


def packed(part: bytes) -> str:
    return base64.urlsafe_b64encode(part).rstrip(b"=").decode()


def signed(header: dict, claims: str, key: bytes, digest: str = "sha256") -> str:
    said = f"{packed(json.dumps(header).encode())}.{packed(claims.encode())}"
    return f"{said}.{packed(hmac.new(key, said.encode(), digest).digest())}"


@pytest.fixture
async def make(services, enter):
    """A token of a streamer's, made right but for what is named."""
    await enter(666, role=UserRole.ADMIN, username="mallory")
    now = int(services.clock.now().timestamp())
    right = {"iss": "ttboost", "sub": "1", "aud": "webapp", "iat": now, "exp": now + 60, "jti": "x", "ver": 1}

    def token(header=None, claims=None, key=None, digest="sha256", text=None) -> str:
        said = text or json.dumps(right | (claims or {}))
        said = said.replace("NOW", str(now)).replace("LATER", str(now + 60))
        return signed(
            HEADER | (header or {}), said, services.secrets.jwt_keys["1"] if key is None else key, digest
        )

    return token


@pytest.fixture
def let_in(client):
    """Where a token opens something: the WebApp API, its pages, its operators' calls, the sockets."""

    async def doors(token: str, **headers: str) -> set[str]:
        bearer = {"Authorization": f"Bearer {token}"} | headers
        opened = set()
        for path in ("/api/settings", "/v2/settings/get", "/app/view/home", "/api/admin/users"):
            async with client.get(path, headers=bearer) as response:
                assert response.status in (200, 401), path
                opened |= {path} if response.status == 200 else set()
        for surface in (API, V2):
            for how, address, sent in (
                ("header", f"{surface.prefix}/ws?role=monitor", bearer),
                ("query", f"{surface.prefix}/ws?role=monitor&token={token}", {}),
                ("ticket", f"{surface.prefix}/ws?role=monitor&ticket={token}", {}),
            ):
                async with client.ws_connect(address, headers=sent) as socket:
                    await socket.receive()
                    opened |= (
                        set() if socket.close_code == Close.INVALID_TOKEN else {f"{surface.prefix} {how}"}
                    )
        return opened

    return doors


async def test_a_right_one_opens_its_own_api_alone(make, let_in):
    opened = await let_in(make())

    assert opened == {"/api/settings", "/app/view/home", "/api/admin/users", "/api header", "/api query"}


async def test_one_for_the_other_api_opens_that_one_alone(make, let_in):
    assert await let_in(make(claims={"aud": "mobile"})) == {"/v2/settings/get", "/v2 header", "/v2 query"}


CLAIMS = '{"iss": "ttboost", "sub": "1", "aud": "webapp", "iat": NOW, "exp": LATER, "jti": "x", "ver": 1'
FORGED = {
    "alg none, unsigned": {"header": {"alg": "none"}, "key": b""},
    "alg none, signed": {"header": {"alg": "none"}},
    "alg nOnE": {"header": {"alg": "nOnE"}},
    "alg empty": {"header": {"alg": ""}},
    "alg missing": {"header": {"alg": None}},
    "alg as a list": {"header": {"alg": ["HS256"]}},
    "HS384": {"header": {"alg": "HS384"}, "digest": "sha384"},
    "HS512": {"header": {"alg": "HS512"}, "digest": "sha512"},
    "RS256 signed as if the key were public": {"header": {"alg": "RS256"}},
    "ES256": {"header": {"alg": "ES256"}},
    "a key of its own": {"header": {"jwk": {"kty": "oct", "k": packed(b"k" * 32)}}, "key": b"k" * 32},
    "a key elsewhere": {"header": {"jku": "http://127.0.0.1/keys"}, "key": b"k" * 32},
    "what nobody understands": {"header": {"crit": ["exp2"], "exp2": 1}},
    "kid unknown": {"header": {"kid": "2"}},
    "kid a path, empty key": {"header": {"kid": "../../../../dev/null"}, "key": b""},
    "kid an injection": {"header": {"kid": "1' OR '1'='1"}},
    "kid with a null": {"header": {"kid": "1\0"}},
    "kid a number": {"header": {"kid": 1}},
    "kid missing": {"header": {"kid": None}},
    "empty key": {"key": b""},
    "audiences": {"claims": {"aud": ["webapp", "mobile"]}},
    "no audience": {"claims": {"aud": None}},
    "audience of nobody": {"claims": {"aud": "admin"}},
    "another issuer": {"claims": {"iss": "TTBoost"}},
    "expired": {"claims": {"exp": 1_000_000_000}},
    "expires as text": {"claims": {"exp": "4000000000"}},
    "expires never": {"text": CLAIMS.replace("LATER", "1e400") + "}"},
    "expires, but is no number": {"text": CLAIMS.replace("LATER", "NaN") + "}"},
    "not yet": {"claims": {"iat": 4_000_000_000, "exp": 4_000_000_060}},
    "not before a time to come": {"claims": {"nbf": 4_000_000_000}},
    "an older password's": {"claims": {"ver": 0}},
    "a newer password's": {"claims": {"ver": 2}},
    "version true": {"claims": {"ver": True}},
    "nobody's": {"claims": {"sub": "999999"}},
    "negative": {"claims": {"sub": "-1"}},
    "account in other digits": {"claims": {"sub": "١"}},
    "far too large": {"claims": {"sub": "9" * 40}},
    "audience twice": {"text": CLAIMS + ', "aud": "mobile", "aud": ["webapp"]}'},
    "expiry twice": {"text": CLAIMS + ', "exp": 1}'},
    "oversized": {"claims": {"pad": "x" * 5000}},
    "claims as a list": {"text": "[1]"},
    "deep": {"text": "[" * 700},
}  # fmt: skip


@pytest.mark.parametrize("change", FORGED.values(), ids=FORGED.keys())
async def test_a_forged_one_opens_nothing(change, make, let_in):
    assert await let_in(make(**change)) == set()


async def test_a_signature_cut_short_or_another_spelling_of_it_opens_nothing(make, let_in):
    token = make()
    head, claims, mac = token.split(".")

    for wrong in (
        f"{head}.{claims}.",
        f"{head}.{claims}.{mac[:-4]}",
        f"{head}.{claims}.{mac}.x",
        f"{head}.{claims}",
    ):
        assert await let_in(wrong) == set(), wrong


@pytest.mark.parametrize("scheme", ["Token", "Basic", "Bearer Bearer", "tma", ""])
async def test_only_a_bearer_is_one(scheme, make, client):
    async with client.get("/api/settings", headers={"Authorization": f"{scheme} {make()}"}) as response:
        assert response.status == 401


async def test_a_second_header_says_nothing(make, client):
    headers = [("Authorization", "Bearer x"), ("Authorization", f"Bearer {make()}")]

    async with client.get("/api/settings", headers=headers) as response:
        assert response.status in (400, 401)


@pytest.mark.parametrize(
    "name", ["X-Original-User", "X-User-Id", "X-Forwarded-User", "Cookie", "X-Access-Token"]
)
async def test_no_other_header_says_who_somebody_is(name, make, client):
    async with client.get("/api/settings", headers={name: f"token={make()}"}) as response:
        assert response.status == 401


async def test_a_token_in_an_address_opens_sockets_alone(make, client):
    for path in ("/api/settings", "/v2/settings/get", "/app/view/home"):
        async with client.get(path, params={"token": make(), "access_token": make()}) as response:
            assert response.status == 401


async def test_a_token_ends_with_the_password(client, streamer, let_in):
    token = streamer["Authorization"].removeprefix("Bearer ")
    assert len(await let_in(token)) == 3
    body = {"current_password": "SecurePass123!", "new_password": "Another456!"}

    async with client.post("/v2/auth/password", json=body, headers=streamer) as response:
        assert response.status == 200

    assert await let_in(token) == set()


async def test_a_token_ends_with_a_ban(services, streamer, let_in):
    async with services.db.begin() as uow:
        user = await uow.accounts.get_by_username("streamer123")
        user.is_banned = True
    services.access.drop(user.id)

    assert await let_in(streamer["Authorization"].removeprefix("Bearer ")) == set()


async def test_a_token_ends_with_its_device(services, client, streamer, let_in):
    async with services.db.read() as uow:
        user = await uow.accounts.get_by_username("streamer123")
    device = (await services.devices.list_open(user.id, ""))[0]

    await services.devices.end(user.id, device.id)
    services.access.drop(user.id)

    assert await let_in(streamer["Authorization"].removeprefix("Bearer ")) == set()


def test_a_kept_proof_does_not_outlive_its_time(services, clock):
    tokens = Tokens(services.secrets, 1, clock)
    token = tokens.issue(1, 1, "webapp")
    tokens.verify(token, "webapp")
    clock.move(3631)

    with pytest.raises(InvalidToken):
        tokens.verify(token, "webapp")
