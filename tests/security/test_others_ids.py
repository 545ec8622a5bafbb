"""What is Ann's, tried by Mallory: refused as if it did not exist, nothing changed, nothing told."""

import json
from typing import Any, NamedTuple

import pytest

from storage.models import UserRole
from tests.security.doors import Door, doors, served
from tests.security.estate import MARK, NOBODYS, Estate, as_dict, dump
from tests.webapp.admin.test_roles import ACTS
from webapp.app import build_app


class Try(NamedTuple):
    """`{names}` and the values of the body are those of the estate."""

    path: str
    body: dict[str, Any] | None = None
    status: int = 404


TRIES = {
    "POST /sounds/{filename}/rename": Try("/sounds/{filename}/rename", {"filename": "mine"}),
    "DELETE /sounds/{filename}": Try("/sounds/{filename}"),
    "POST /triggers/set": Try("/triggers/set", {"id": "trigger", "name": "mine"}),
    "POST /triggers": Try("/triggers", {"id": "trigger", "name": "mine"}),
    "POST /triggers/delete": Try("/triggers/delete", {"id": "trigger"}),
    "POST /triggers/test": Try("/triggers/test", {"id": "trigger"}),
    "POST /triggers/order": Try("/triggers/order", {"ids": ["trigger"]}, 409),
    "POST /triggers/remove": Try("/triggers/remove", {"ids": ["trigger"]}),
    "GET /history": Try("/history?since={event}", status=400),
    "GET /history/{id}": Try("/history/{event}"),
    "POST /history/{id}/replay": Try("/history/{event}/replay"),
    "POST /devices/end": Try("/devices/end", {"id": "device"}),
    "GET /orders/{order_id}": Try("/orders/{order_id}"),
    "POST /orders/{order_id}/cancel": Try("/orders/{order_id}/cancel"),
    "GET /stats/sessions/{id}/minutes": Try("/stats/sessions/{live_id}/minutes"),
    "GET /triggers/{id}": Try("/triggers/{trigger}"),
    "GET /stats/{live_id}": Try("/stats/{live_id}"),
    "GET /promotion/{order_id}": Try("/promotion/{order_id}"),
    "GET /promotion/{order_id}/receipt": Try("/promotion/{order_id}/receipt"),
    "GET /wallet/{entry_id}": Try("/wallet/{entry_id}"),
}
"""Every way in with an id in it, those of the operators left out."""

BY_SECRET = {
    "/media/{name}",
    "/overlay/{secret}",
    "/overlay/{secret}/ws",
    "/player/{secret}",
    "/player/{secret}/ws",
}
"""What is in the address is itself the permission, and cannot be guessed."""

EVERYBODYS = {"/static/{version}/{path}", "/app/{path}"}

DOORS = doors()
WITH_IDS = [door for door in DOORS if door.ids and door.role is None]
OF_STAFF = [door for door in DOORS if door.role]


def test_every_way_in_is_known(services):
    declared = {(door.method, door.surface.prefix + door.path) for door in DOORS}
    with_names = {
        pattern
        for method, pattern in served(build_app(services))
        if "{" in pattern and (method, pattern) not in declared
    }

    assert with_names == BY_SECRET | EVERYBODYS


def test_every_way_in_with_an_id_is_tried():
    assert {door.name for door in WITH_IDS} == set(TRIES)


def test_what_lies_below_admin_is_for_staff():
    assert [door.name for door in DOORS if door.path.startswith("/admin") and not door.role] == []


@pytest.mark.parametrize("door", WITH_IDS, ids=lambda door: f"{door.surface.prefix} {door.name}")
async def test_somebody_elses_is_as_if_there_were_none(door, client, services, mallory, estate):
    before = await dump(services.db)

    theirs = await knock(client, mallory, door, estate)
    nobodys = await knock(client, mallory, door, NOBODYS)

    status = TRIES[door.name].status
    assert (theirs[0], nobodys[0]) == (status, status), theirs
    assert shape(theirs[1], estate) == shape(nobodys[1], NOBODYS)
    assert MARK not in theirs[1].replace(estate.filename, "")
    assert await dump(services.db) == before


@pytest.mark.parametrize("who", [UserRole.USER, UserRole.SUPPORT])
async def test_operators_calls_do_nothing_for_who_may_not(
    who, client, services, mallory, staff_headers, estate
):
    headers = staff_headers[who] if who in staff_headers else mallory["/api"]
    forbidden = [door for door in OF_STAFF if who is UserRole.USER or door.role == "admin"]
    before = await dump(services.db)

    answers = {}
    for door in forbidden:
        path = door.surface.prefix + door.path.format(**as_dict(estate))
        async with client.request(door.method, path, json=body_of(door), headers=headers) as response:
            answers[door.name, door.surface.prefix] = response.status
            assert MARK not in await response.text()

    assert len(answers) == len(forbidden) > 20
    assert set(answers.values()) == {403}
    assert await dump(services.db) == before


async def test_no_list_shows_what_is_somebody_elses(client, mallory, estate):
    lists = [door for door in DOORS if door.method == "GET" and "{" not in door.path and not door.role]

    for door in lists:
        path = door.surface.prefix + door.path
        async with client.get(path, headers=mallory[door.surface.prefix]) as response:
            assert MARK.encode() not in await response.read(), path
    assert len(lists) > 40


async def test_somebody_elses_sound_is_in_no_trigger(client, mallory, estate):
    trigger = {
        "event_type": "gift",
        "action": "play_sound",
        "action_params": {"sound_filename": estate.filename},
    }

    async def refused(path, body):
        async with client.post(path, json=body, headers=mallory["/api"]) as response:
            return response.status in (400, 404) and MARK not in (await response.text()).replace(
                estate.filename, ""
            )

    assert await refused("/api/triggers", trigger)
    assert await refused("/api/triggers/test", {"trigger": trigger})
    assert await refused("/api/triggers/import", {"text": json.dumps({"triggers": [trigger]})})


def body_of(door: Door) -> dict[str, Any] | None:
    """What an admin sends to get it done."""
    like = [body for path, body in ACTS.values() if same(f"/admin{path}", door.path)]
    return like[0] if like and door.method == "POST" else None


def same(path: str, pattern: str) -> bool:
    """Whether they differ in names alone."""
    pairs = list(zip(path.split("/"), pattern.split("/"), strict=False))
    return path.count("/") == pattern.count("/") and all(a == b or "{" in a for a, b in pairs)


async def knock(client, headers, door: Door, estate: Estate) -> tuple[int, str]:
    ids = as_dict(estate)
    wanted = TRIES[door.name]
    path = door.surface.prefix + wanted.path.format(**ids)
    body = {name: put(value, ids) for name, value in (wanted.body or {}).items()} or None
    async with client.request(door.method, path, json=body, headers=headers[door.surface.prefix]) as response:
        return response.status, await response.text()


def put(value: Any, ids: dict[str, Any]) -> Any:
    if isinstance(value, list):
        return [put(one, ids) for one in value]
    return ids.get(value, value)


def shape(text: str, estate: Estate) -> str:
    """The answer without what is different in each: its request, and the id that was asked for."""
    body = json.loads(text)
    body.pop("request_id")
    return json.dumps(body).replace(estate.filename, "…").replace(estate.event, "…")
