"""The OpenAPI document says what is there, and the page can be read without any script."""

import json
import re

import pytest

CONTRACT = """
POST /v2/auth/redeem-license
POST /v2/auth/login
GET /v2/auth/me
POST /v2/auth/password
POST /v2/auth/reset
POST /v2/auth/reset/confirm
POST /v2/sounds/upload
GET /v2/sounds/list
DELETE /v2/sounds/{filename}
POST /v2/sounds/{filename}/rename
POST /v2/triggers/set
GET /v2/triggers/list
POST /v2/triggers/delete
POST /v2/triggers/test
GET /v2/settings/get
POST /v2/settings/update
GET /v2/voices/list
POST /v2/voices/preview
GET /v2/gifts/list
POST /v2/live/start
POST /v2/live/stop
GET /v2/live/status
GET /v2/history
GET /v2/history/{id}
GET /v2/stats/overview
GET /v2/stats/top-donors
GET /v2/stats/sessions
GET /v2/overlay
POST /v2/overlay/rotate
POST /v2/ws/ticket
GET /v2/webhooks/secret
GET /v2/ws
GET /media/{name}
GET /healthz
GET /readyz
GET /metrics
"""


WEBAPP = """
POST /api/auth/telegram
POST /api/auth/login
POST /api/auth/ticket
GET /api/user
POST /api/account/credentials
POST /api/account/link
GET /api/wallet
GET /api/wallet/entries
GET /api/settings
POST /api/settings
GET /api/voices
GET /api/gifts
GET /api/triggers
GET /api/sounds
POST /api/live/start
GET /api/history
GET /api/stats/overview
GET /api/overlay
POST /api/ws/ticket
GET /api/ws
"""


@pytest.fixture
async def document(client):
    async with client.get("/openapi.json") as response:
        assert response.status == 200
        return await response.json()


async def test_all_calls_of_the_contract_are_described(document):
    described = {f"{method.upper()} {path}" for path, calls in document["paths"].items() for method in calls}

    assert {call for call in described if " /api/" not in call} == set(CONTRACT.split("\n")) - {""}
    assert document["openapi"] == "3.1.0"


async def test_all_calls_of_the_webapp_are_described(document):
    described = {f"{method.upper()} {path}" for path, calls in document["paths"].items() for method in calls}

    assert described >= set(WEBAPP.split("\n")) - {""}


async def test_answers_of_the_webapp_say_success_in_the_document_too(document):
    def schema(path):
        return document["paths"][path]["get"]["responses"]["200"]["content"]["application/json"]["schema"]

    envelope, fields = schema("/api/wallet")["allOf"]
    closed, settings = schema("/api/settings"), document["components"]["schemas"]["Settings"]
    assert envelope["properties"]["success"] == {"const": True}
    assert fields["$ref"].startswith("#/components/schemas/")
    assert closed["properties"] == {"success": {"const": True}, **settings["properties"]}
    assert (closed["additionalProperties"], closed["required"]) == (False, ["success"])


async def test_every_described_call_exists(client, document):
    known = {(route.method, route.resource.canonical) for route in client.server.app.router.routes()}

    for path, calls in document["paths"].items():
        assert {(method.upper(), path) for method in calls} <= known


async def test_every_reference_leads_somewhere(document):
    named = set(re.findall(r'"#/components/schemas/([^"]+)"', json.dumps(document)))

    assert named <= document["components"]["schemas"].keys()
    assert {"Problem", "TriggerView", "Settings", "SettingsUpdate"} <= named


async def test_operation_ids_are_unique(document):
    ids = [call["operationId"] for calls in document["paths"].values() for call in calls.values()]

    assert len(ids) == len(set(ids))


async def test_what_needs_a_token_says_so(document):
    public = {
        path
        for path, calls in document["paths"].items()
        for call in calls.values()
        if path.startswith("/v2/") and "security" not in call
    }

    assert public == {
        "/v2/auth/redeem-license",
        "/v2/auth/login",
        "/v2/auth/reset",
        "/v2/auth/reset/confirm",
        "/v2/ws",
    }


async def test_refusals_stand_by_their_status(document):
    refusals = document["paths"]["/v2/auth/redeem-license"]["post"]["responses"]

    assert refusals["404"]["description"] == "license not found"
    assert refusals["403"]["description"] == "license revoked · license suspended · user banned"
    assert {"200", "400", "401", "403", "404", "409", "413", "415", "429"} == refusals.keys()


async def test_parameters_come_from_the_declaration(document):
    parameters = {one["name"]: one for one in document["paths"]["/v2/gifts/list"]["get"]["parameters"]}

    assert parameters["limit"]["schema"] == {"type": "integer", "minimum": 1, "maximum": 1000, "default": 100}
    assert parameters["q"]["in"] == "query"


async def test_upload_is_a_form_with_a_file(document):
    content = document["paths"]["/v2/sounds/upload"]["post"]["requestBody"]["content"]

    assert content["multipart/form-data"]["schema"]["required"] == ["file"]


async def test_the_page_tells_every_call_without_a_script(client, document):
    async with client.get("/docs") as response:
        page = await response.text()

    assert response.content_type == "text/html"
    assert "<script" not in page
    assert not re.findall(r'(?:src|href)="(?:https?:)?//', page)
    for path in document["paths"]:
        assert path in page


async def test_the_style_of_the_page_is_there(client):
    page = await (await client.get("/docs")).text()
    [style] = re.findall(r'<link rel="stylesheet" href="([^"]+)"', page)

    async with client.get(style) as response:
        assert (response.status, response.content_type) == (200, "text/css")
