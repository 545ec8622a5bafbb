"""The WebApp API: one envelope for every answer and refusal, its own tokens, its own rates, roles."""

import jwt
import pytest
from msgspec import Struct

from core import errors
from core.config import Config, Limits
from storage.models import UserRole
from webapp.admission import SIGNED
from webapp.api import Calls, mount
from webapp.app import build_app
from webapp.errors import status_of
from webapp.keys import LIMITER
from webapp.surfaces import API, V2, surface_of

calls = Calls("Trying out")


class Greeting(Struct, frozen=True):
    words: str


class Nothing(Struct, frozen=True):
    pass


class Number(Struct, frozen=True):
    number: int


@calls.get("/admin/try", "For admins", answer=Greeting, role="admin")
async def greet_admin(_request):
    return Greeting("hello, admin")


@calls.get("/admin/look", "For support too", answer=Greeting, role="support")
async def greet_support(_request):
    return Greeting("hello, support")


@calls.get("/try/nothing", "Nothing to say", answer=Nothing)
async def say_nothing(_request):
    return Nothing()


@calls.post("/try/number", "A number", body=Number, answer=Number, status=201)
async def repeat_number(_request, body):
    return body


@calls.get("/try/refusal/{name}", "A refusal of any kind")
async def refuse(request):
    details = {"field": "x"} if request.match_info["name"] == "Invalid" else {}
    if request.match_info["name"] == "InsufficientFunds":
        details = {"available": 150, "required": 2000}
    raise getattr(errors, request.match_info["name"])(**details)


@calls.get("/try/bug", "A bug of ours")
async def break_down(_request):
    raise ZeroDivisionError


@calls.post("/try/callback", "Signed", answer=Nothing, signed_in=False, rate=SIGNED)
async def take_callback(request):
    if request.headers.get("X-Signed") != "yes":
        raise errors.Forbidden
    return Nothing()


@pytest.fixture
async def client(aiohttp_client, services):
    app = build_app(services)
    mount(app, API, [calls])
    return await aiohttp_client(app)


@pytest.fixture
async def user(enter):
    return await enter()


async def told(response):
    return response.status, await response.json()


async def test_an_answer_says_success_beside_its_fields(client, user):
    assert await told(await client.get("/api/try/nothing", headers=user)) == (200, {"success": True})
    answer = await client.post("/api/try/number", json={"number": 7}, headers=user)
    assert await told(answer) == (201, {"success": True, "number": 7})
    assert answer.headers["Cache-Control"] == "no-store"
    assert "Access-Control-Allow-Origin" not in answer.headers


@pytest.mark.parametrize(
    "kind",
    [
        errors.Invalid,
        errors.Unauthenticated,
        errors.Forbidden,
        errors.NotFound,
        errors.Conflict,
        errors.InsufficientFunds,
        errors.TooLarge,
        errors.UnsupportedMediaType,
        errors.Full,
        errors.Unavailable,
        errors.UserBanned,
        errors.KeyReused,
    ],
    ids=lambda kind: kind.__name__,
)
async def test_a_refusal_of_any_kind_has_the_same_shape(client, user, kind):
    response = await client.get(f"/api/try/refusal/{kind.__name__}", headers=user)
    body = await response.json()

    assert response.status == status_of(kind)
    assert body.keys() == {"success", "error", "request_id"}
    assert body["success"] is False
    assert body["error"].keys() == {"code", "message", "details"}
    assert body["error"]["code"] == kind.code
    assert body["request_id"] == response.headers["X-Request-ID"]


async def test_money_in_a_refusal_has_two_decimals(client, user):
    status, body = await told(await client.get("/api/try/refusal/InsufficientFunds", headers=user))

    assert (status, body["error"]["details"]) == (402, {"available": 1.5, "required": 20.0})


async def test_a_wrong_field_is_named(client, user):
    status, body = await told(await client.post("/api/try/number", json={"number": "7"}, headers=user))

    assert (status, body["error"]["details"]["field"]) == (400, "number")


@pytest.mark.parametrize(
    ("method", "path", "status", "code"),
    [
        ("GET", "/api/no-such", 404, "not_found"),
        ("GET", "/api", 404, "not_found"),
        ("GET", "/api/%00", 404, "not_found"),
        ("DELETE", "/api/settings", 405, "method_not_allowed"),
        ("GET", "/api/try/bug", 500, "internal"),
    ],
)
async def test_what_no_call_answers_is_refused_in_the_envelope(client, user, method, path, status, code):
    response = await client.request(method, path, headers=user)
    body = await response.json()

    assert (response.status, body["success"], body["error"]["code"]) == (status, False, code)


async def test_a_body_that_is_no_json_is_refused(client, user):
    plain = await client.post("/api/try/number", data="number=7", headers=user)
    broken = await client.post(
        "/api/try/number", data="{", headers={**user, "Content-Type": "application/json"}
    )

    assert [(await told(one))[0] for one in (plain, broken)] == [415, 400]
    assert (await told(plain))[1]["error"]["code"] == "unsupported_media_type"


async def test_each_surface_knows_its_paths():
    assert [surface_of(path) for path in ("/api/x", "/api", "/apix", "/v2/x", "/")] == [API, API, V2, V2, V2]


@pytest.mark.parametrize(
    "path",
    [
        "/settings/get",
        "/triggers/list",
        "/sounds/list",
        "/voices/list",
        "/gifts/list",
        "/live/status",
        "/history",
        "/stats/overview",
        "/stats/top-donors",
        "/stats/sessions",
        "/overlay",
        "/webhooks/secret",
    ],
)
async def test_both_surfaces_say_the_same(client, enter, path):
    webapp, mobile = await enter(1, settings={}), await enter(2, audience="mobile", settings={})

    in_envelope = await (await client.get(f"/api{path}", headers=webapp)).json()
    plain = await (await client.get(f"/v2{path}", headers=mobile)).json()

    assert in_envelope.pop("success") is True
    assert in_envelope.keys() == plain.keys()


@pytest.mark.parametrize("subject", ["settings", "triggers", "sounds", "voices", "gifts"])
async def test_the_short_path_is_the_list(client, user, subject):
    verb = "get" if subject == "settings" else "list"
    short = await client.get(f"/api/{subject}", headers=user)
    long = await client.get(f"/api/{subject}/{verb}", headers=user)

    assert short.status == 200
    assert await short.json() == await long.json()


async def test_settings_and_triggers_are_changed_by_the_short_path(client, user):
    changed = await client.post("/api/settings", json={"tts_volume": 7}, headers=user)
    saved = await client.post(
        "/api/triggers",
        json={
            "event_type": "gift",
            "condition_key": "gift_name",
            "condition_value": "Rose",
            "action": "play_sound",
            "action_params": {"sound_filename": "chime"},
        },
        headers=user,
    )

    assert (await changed.json())["tts_volume"] == 7
    assert (saved.status, (await saved.json())["trigger"]["event_type"]) == (200, "gift")


# Tokens


async def test_a_token_opens_only_its_own_surface(client, enter):
    mobile, webapp = await enter(1, audience="mobile"), await enter(2)

    assert (await client.get("/api/settings", headers=webapp)).status == 200
    status, body = await told(await client.get("/api/settings", headers=mobile))
    assert (status, body["error"]["code"]) == (401, "invalid_token")
    status, body = await told(await client.get("/v2/settings/get", headers=webapp))
    assert (status, body["code"]) == (401, "invalid_token")


async def test_no_token_is_told_from_a_wrong_one(client):
    missing = await told(await client.get("/api/settings"))
    wrong = await told(await client.get("/api/settings", headers={"Authorization": "Bearer x"}))

    assert (missing[0], missing[1]["error"]["code"]) == (401, "missing_token")
    assert (wrong[0], wrong[1]["error"]["code"]) == (401, "invalid_token")


@pytest.mark.parametrize(
    "changes",
    [
        {"headers": {"kid": "other"}},
        {"headers": {}},
        {"key": "", "algorithm": "none"},
        {"key": b"k" * 32},
        {"claims": {"aud": ["webapp", "mobile"]}},
        {"claims": {"role": "admin", "aud": "admin"}},
        {"claims": {"ver": 2}},
    ],
    ids=str,
)
async def test_a_forged_token_opens_nothing(client, services, user, changes):
    now = int(services.clock.now().timestamp())
    claims = {
        "iss": "ttboost",
        "sub": "1",
        "aud": "webapp",
        "iat": now,
        "exp": now + 60,
        "jti": "x",
        "ver": 1,
    }
    kid = services.secrets.jwt_active
    token = jwt.encode(
        claims | changes.get("claims", {}),
        changes.get("key", services.secrets.jwt_keys[kid]),
        algorithm=changes.get("algorithm", "HS256"),
        headers=changes.get("headers", {"kid": kid}),
    )

    response = await client.get("/api/try/nothing", headers={"Authorization": f"Bearer {token}"})

    assert response.status == 401


async def test_a_role_in_the_token_means_nothing(client, services, user):
    kid, now = services.secrets.jwt_active, int(services.clock.now().timestamp())
    claims = {"iss": "ttboost", "sub": "1", "aud": "webapp", "iat": now, "exp": now + 60, "jti": "x"}
    token = jwt.encode(
        claims | {"ver": 1, "role": "admin"}, services.secrets.jwt_keys[kid], headers={"kid": kid}
    )

    response = await client.get("/api/admin/try", headers={"Authorization": f"Bearer {token}"})

    assert response.status == 403


# Roles


@pytest.mark.parametrize(
    ("role", "statuses"),
    [(UserRole.USER, [403, 403]), (UserRole.SUPPORT, [403, 200]), (UserRole.ADMIN, [200, 200])],
)
async def test_calls_with_a_role_are_for_that_role(client, enter, role, statuses):
    headers = await enter(role=role)

    answers = [await client.get(path, headers=headers) for path in ("/api/admin/try", "/api/admin/look")]

    assert [one.status for one in answers] == statuses


async def test_nobody_without_a_token_reaches_a_call_with_a_role(client):
    assert (await client.get("/api/admin/try")).status == 401


class TestNamedInTheConfiguration:
    @pytest.fixture
    def config(self, tmp_path, limits):
        return Config(data_dir=tmp_path, limits=limits, telegram={"admin_ids": [77]})

    async def test_whoever_is_named_is_an_admin(self, client, enter):
        named, other = await enter(77), await enter(78)

        assert (await client.get("/api/admin/try", headers=named)).status == 200
        assert (await client.get("/api/admin/try", headers=other)).status == 403


# Rates


class TestRates:
    @pytest.fixture
    def limits(self):
        return Limits(api_public="3/hour", api_user="4/hour", api_admin="6/hour", auth_ip="2/minute")

    async def test_without_a_token_the_address_is_counted(self, client):
        statuses = [(await client.get("/api/settings")).status for _ in range(4)]

        assert statuses == [401, 401, 401, 429]

    async def test_a_refusal_for_the_rate_says_when_to_come_back(self, client):
        for _ in range(4):
            response = await client.get("/api/settings", headers={"Authorization": "Bearer x"})

        body = await response.json()
        assert (response.status, body["error"]["code"]) == (429, "rate_limited")
        assert response.headers["Retry-After"] == str(body["error"]["details"]["retry_after"]) == "3600"
        assert response.headers["RateLimit-Limit"] == "3"

    async def test_with_a_token_the_account_is_counted_and_not_the_address(self, client, enter):
        one, other = await enter(1), await enter(2)

        statuses = [(await client.get("/api/try/nothing", headers=one)).status for _ in range(5)]

        assert statuses == [200, 200, 200, 200, 429]
        assert (await client.get("/api/try/nothing", headers=other)).status == 200
        assert (await client.get("/api/settings")).status == 401

    async def test_an_admin_has_a_rate_of_their_own_for_admin_calls(self, client, enter):
        admin = await enter(1, role=UserRole.ADMIN)

        statuses = [(await client.get("/api/admin/try", headers=admin)).status for _ in range(7)]

        assert statuses == [200] * 6 + [429]
        assert (await client.get("/api/try/nothing", headers=admin)).status == 200

    async def test_trying_admin_calls_is_counted_for_who_is_none(self, client, enter):
        user = await enter(1)

        statuses = [(await client.get("/api/admin/try", headers=user)).status for _ in range(5)]

        assert statuses == [403] * 4 + [429]

    async def test_signed_calls_are_counted_only_when_refused(self, client):
        good = [
            (await client.post("/api/try/callback", headers={"X-Signed": "yes"})).status for _ in range(9)
        ]
        bad = [(await client.post("/api/try/callback")).status for _ in range(3)]

        assert good == [200] * 9
        assert bad == [403, 403, 429]

    async def test_what_costs_much_is_counted_by_itself_too(self, client, enter):
        user = await enter(1)
        await client.post("/api/live/stop", headers=user)
        start = await client.post("/api/live/start", json={}, headers=user)

        assert start.headers["RateLimit-Limit"] == "6"
        assert (await client.server.app[LIMITER].take("api_user", "1")).remaining == 1
