"""What a killed `live` process had done is not done again by the next one."""

import asyncio

from tests.e2e.kit import Server
from tests.redis_kit import needs_redis
from tests.services import needs_postgres

pytestmark = [needs_redis, needs_postgres]

SAID = "this {} line is some sixty characters long, and one fits a day"
WRITTEN_SECONDS = 1.0  # the journal writes each fifth of a second: what is older survives


def bell(**more):
    return {
        "event_type": "chat",
        "action": "play_sound",
        "action_params": {"sound_filename": "chime"},
        **more,
    }


def command(word, **more):
    return bell(condition_key="command", condition_value=word, **more)


def rung(ear, kind="chat"):
    """Who was rung for, in order."""
    return [one["user"] for one in ear.messages if one["type"] == kind and one.get("effects")]


async def taken_over(cluster, evening, ear, end):
    """Until another process is heard, after `end` of the one that held the streamer."""
    await asyncio.sleep(WRITTEN_SECONDS)
    before = await cluster.owner()
    await end(await cluster.owner_of(cluster.started))
    await cluster.other_owner(before)
    joined = ear.count("viewer_join")
    async with asyncio.timeout(60):
        while ear.count("viewer_join") == joined:
            await evening.stage.join("zoe")
            await asyncio.sleep(0.2)


async def hears(ear, count):
    """So many lines of chat in all: what rang before them has come, too."""
    async with asyncio.timeout(60):
        while len(ear.lines) < count:
            await asyncio.sleep(0.02)


async def test_a_greeting_and_what_fires_once_are_not_repeated_by_the_next_process(cluster, evening):
    web, *_ = await cluster.start("web", "live", "live")
    phone = await evening.phone(web)
    await phone.post("/v2/triggers/set", bell(event_type="viewer_first_message"))
    await phone.post("/v2/triggers/set", command("!once", once_per_stream=True))
    await phone.post("/v2/triggers/set", command("!rest", cooldown_seconds=600))
    ear = evening.ear(phone)
    async with ear.listening():
        await evening.stage.is_heard()
        for line in ("!once", "!rest", "!once", "!rest"):
            await evening.stage.say("ann", line)
        await hears(ear, 4)
        assert (rung(ear, "viewer_first_message"), len(rung(ear))) == (["Ann"], 2)
        await taken_over(cluster, evening, ear, Server.kill)
        for name, line in (("ann", "!once"), ("ann", "!rest"), ("bob", "hello")):
            await evening.stage.say(name, line)
        await hears(ear, 7)

    assert rung(ear, "viewer_first_message") == ["Ann", "Bob"]
    assert len(rung(ear)) == 2


async def test_the_days_speech_is_not_given_anew_by_the_next_process(cluster, evening):
    cluster.settings["plans__standard__speech_characters_per_day"] = 100
    web, *_ = await cluster.start("web", "live", "live")
    phone = await evening.phone(web)
    await phone.post("/v2/settings/update", {"chat_tts_mode": "all", "tts_enabled": True})
    ear = evening.ear(phone)
    spoken = lambda: [bool(one["tts_url"]) for one in ear.messages if one["type"] == "chat"]  # noqa: E731
    async with ear.listening():
        await evening.stage.is_heard()
        await evening.stage.say("ann", SAID.format("first"))
        await hears(ear, 1)
        await taken_over(cluster, evening, ear, Server.kill)
        await evening.stage.say("ann", SAID.format("second"))
        await hears(ear, 2)
        # So it is after a process that was told to stop.
        await cluster.start("live")
        await taken_over(cluster, evening, ear, Server.stop)
        await evening.stage.say("ann", SAID.format("third"))
        await hears(ear, 3)

    assert spoken() == [True, False, False]
