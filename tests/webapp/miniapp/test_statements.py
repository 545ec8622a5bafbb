"""How often a page asks the database: a bounded number of times, however much there is to show."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest
from aiohttp.test_utils import TestClient
from sqlalchemy import event

from core.services import Services
from storage.db import Database

NAMES = (
    "home", "triggers", "triggers/new", "history", "sounds", "voices", "chat", "overlay", "stats",
    "promotion", "wallet", "account", "more", "frame",
)  # fmt: skip
MOST = 18
MANY = 40


@contextmanager
def counted(db: Database) -> Iterator[list[str]]:
    engine = db._engine.sync_engine
    said: list[str] = []

    def note(_connection: Any, _cursor: Any, statement: str, *_: Any) -> None:
        if not statement.startswith("BEGIN"):
            said.append(statement)

    event.listen(engine, "before_cursor_execute", note)
    try:
        yield said
    finally:
        event.remove(engine, "before_cursor_execute", note)


async def fill(client: TestClient, headers: dict[str, str]) -> None:
    for number in range(MANY):
        trigger = {"event_type": "gift", "conditions": [{"key": "min_diamonds", "value": number + 1}]}
        trigger |= {"action": "play_sound", "action_params": {"sound_filename": "pop"}}
        async with client.post("/api/triggers", json=trigger, headers=headers) as answer:
            assert answer.status == 200, await answer.text()


@pytest.mark.parametrize("name", NAMES)
async def test_a_page_asks_no_oftener_for_many_than_for_none(
    client: TestClient, services: Services, enter: Any, name: str
) -> None:
    headers = await enter()
    asked: list[list[str]] = []
    for is_full in (False, True):
        if is_full:
            await fill(client, headers)
        with counted(services.db) as said:
            async with client.get(f"/app/view/{name}", headers=headers) as answer:
                assert answer.status == 200
        asked.append(said)

    few, many = asked
    assert len(many) <= len(few) + 1, many  # what was remembered is asked for anew after a change
    assert max(len(few), len(many)) <= MOST, many
