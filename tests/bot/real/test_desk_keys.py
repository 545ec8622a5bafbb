"""The operators' desk: license keys, and what is done with one."""

import re

import pytest

from tests.fake_telegram.person import Person

KEY = re.compile(r"TTB(-[0-9A-Z]{4}){3}")


@pytest.fixture
async def key(desk: Person) -> str:
    """A new key of 30 days, made by the first button."""
    await desk.presses("New keys")
    found = KEY.search(await desk.presses(desk.buttons()[0]["text"]))
    assert found
    return found[0]


@pytest.fixture
async def opened(desk: Person, key: str) -> Person:
    """The boss, with that key on the desk."""
    await desk.asks("/admin")
    await desk.presses("Find a key")
    assert "not used yet" in await desk.asks(key[-7:])
    return desk


async def test_several_keys_are_made_at_once(desk: Person):
    await desk.presses("New keys")
    said = await desk.asks("7 3")

    assert len(KEY.findall(said.replace("\n", " "))) == 3
    assert "7 days each" in said


@pytest.mark.parametrize(
    ("answer", "why"), [("x", "How many days"), ("30 51", "How many keys"), ("0", "days")]
)
async def test_a_wrong_number_of_keys_is_asked_again(desk: Person, answer: str, why: str):
    await desk.presses("New keys")
    assert why in await desk.asks(answer)

    assert KEY.search(await desk.asks("30 1"))


async def test_an_unknown_key_is_asked_for_again(desk: Person, key: str):
    await desk.asks("/admin")
    await desk.presses("Find a key")
    assert "No key ends like that" in await desk.asks("ZZZZZZ")

    assert "not used yet" in await desk.asks(key[-7:])


async def test_a_key_gets_more_days(opened: Person):
    await opened.presses("More days")
    assert "How many days" in await opened.asks("many")

    assert "60 days left" in await opened.presses(opened.buttons()[0]["text"])


async def test_a_key_is_suspended_and_resumed(opened: Person, ann: Person, key: str):
    await ann.asks(key)
    await opened.presses("Suspend")
    assert "suspended" in await opened.presses("Yes")
    assert "runs until" not in await ann.asks("/start")

    assert "in use" in await opened.presses("Resume")
    assert "runs until" in await ann.asks("/start")


async def test_a_leaked_key_is_replaced(opened: Person, ann: Person, key: str):
    await opened.presses("Rotate")
    found = KEY.search(await opened.presses("Yes"))
    assert found

    assert "withdrawn" in await ann.asks(key)
    assert "runs until" in await ann.asks(found[0])


async def test_a_key_is_revoked_for_good(opened: Person, ann: Person, key: str):
    await opened.presses("Revoke")
    assert "revoked" in await opened.presses("Yes")

    assert "withdrawn" in await ann.asks(key)
    assert [one["text"] for one in opened.buttons()] == ["⬅️ Desk"]


async def test_back_leaves_a_key_as_it_was(opened: Person, ann: Person, key: str):
    await opened.presses("Revoke")
    assert "not used yet" in await opened.presses("Back")

    assert "runs until" in await ann.asks(key)
