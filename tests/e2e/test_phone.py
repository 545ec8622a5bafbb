"""The mobile app's whole evening, call by call, as the seed's document writes them."""

import asyncio

import aiohttp
import pytest

from tests.e2e.kit import Ears, Phone, Server, own_database, running, tiktok_settings
from tests.fake_edge import FakeEdge
from tests.fake_tiktok import FakeTikTok, proto
from tests.tones import tone

PASSWORD = "SecurePass123!"


def viewer(name: str) -> bytes:
    number = 7_000_000 + sum(name.encode())
    return proto.field(1, number) + proto.field(3, name.title()) + proto.field(38, name)


class Stage:
    """A streamer who is LIVE, and what their viewers do."""

    def __init__(self, fake: FakeTikTok, unique_id: str) -> None:
        self.fake = fake
        self.user = fake.user(unique_id)
        self._msg_id = 7_400_000_000_000_000_000

    async def say(self, name: str, words: str) -> None:
        await self._tell("WebcastChatMessage", proto.field(2, viewer(name)) + proto.field(3, words))

    async def send_rose(self, name: str, count: int = 1, *, over: bool = False, group: int = 1) -> None:
        gift = proto.field(5, 5655) + proto.field(11, 1) + proto.field(12, 1) + proto.field(16, "Rose")
        body = proto.field(2, 5655) + proto.field(5, count) + proto.field(7, viewer(name))
        body += proto.field(9, int(over)) + proto.field(11, group) + proto.field(15, gift)
        await self._tell("WebcastGiftMessage", body)

    async def join(self, name: str) -> None:
        await self._tell("WebcastMemberMessage", proto.field(2, viewer(name)) + proto.field(10, 1))

    async def _tell(self, method: str, body: bytes) -> None:
        self._msg_id += 1
        common = proto.field(1, method) + proto.field(2, self._msg_id)
        payload = proto.field(1, common) + body
        await self.fake.send(self.user, proto.frame([(method, payload)], log_id=self._msg_id))

    async def is_heard(self) -> None:
        """Until the product listens."""
        async with asyncio.timeout(30):
            while not self.user.sockets or not self.fake.stats["im_enter_room"]:
                await asyncio.sleep(0.05)


async def audio(http: aiohttp.ClientSession, url: str) -> bytes:
    async with http.get(url) as answer:
        assert answer.status == 200, await answer.text()
        assert answer.content_type == "audio/mpeg"
        return await answer.read()


async def listening(ears: Ears, stage: Stage) -> None:
    await ears.hear("status")
    await stage.is_heard()


async def test_the_seeds_flow_from_the_license_to_the_sound(tmp_path):
    async with (
        FakeTikTok() as fake,
        running(tmp_path / "data", **tiktok_settings(fake)) as server,
        aiohttp.ClientSession() as http,
    ):
        phone, stage = Phone(http, server), Stage(fake, "streamer123")
        redeemed = await phone.redeem("streamer123", PASSWORD, await server.license_key())
        profile = await phone.get("/v2/auth/me")
        uploaded = await phone.upload("rose_sound.mp3", tone())
        sounds = await phone.get("/v2/sounds/list")
        await phone.post("/v2/triggers/set", ROSE_TRIGGER)
        await phone.post("/v2/triggers/set", HELLO_TRIGGER)
        settings = await phone.post("/v2/settings/update", SETTINGS)
        async with phone.socket() as ears:
            await listening(ears, stage)
            await stage.say("anna", "привет всем")
            await stage.send_rose("boris")
            await stage.join("clara")
            chat, gift, join = (
                await ears.hear("chat"),
                await ears.hear("gift"),
                await ears.hear("viewer_join"),
            )
            spoken, rung = await audio(http, chat["tts_url"]), await audio(http, gift["sound_url"])

    assert redeemed["token_type"] == "bearer"
    assert redeemed["license_expires_at"].endswith("Z")
    assert profile["tiktok_username"] == "streamer123"
    assert uploaded["filename"] == "rose_sound.mp3"
    assert [one["filename"] for one in sounds["sounds"]] == ["rose_sound.mp3"]
    assert (settings["tts_volume"], settings["gifts_volume"]) == (80, 90)
    assert (chat["user"], chat["message"]) == ("Anna", "привет всем")
    assert (gift["user"], gift["gift_name"], gift["count"]) == ("Boris", "Rose", 1)
    assert gift["sound_url"] == uploaded["url"]
    assert (join["user"], join["sound_url"]) == ("Clara", None)
    assert len(spoken) > 1000
    assert len(rung) > 1000


ROSE_TRIGGER = {
    "event_type": "gift",
    "action": "play_sound",
    "condition_key": "gift_name",
    "condition_value": "Rose",
    "action_params": {"sound_filename": "rose_sound.mp3"},
}
HELLO_TRIGGER = {
    "event_type": "chat",
    "action": "tts",
    "condition_key": "message_contains",
    "condition_value": "привет",
    "action_params": {"text_template": "Привет, {user}! Добро пожаловать в стрим!"},
}
SETTINGS = {"tts_volume": 80, "gifts_volume": 90, "tts_enabled": True, "gift_sounds_enabled": True}


async def test_the_primary_voice_speaks_and_espeak_when_it_is_gone(tmp_path):
    async with (
        FakeTikTok() as fake,
        FakeEdge() as edge,
        running(
            tmp_path / "data",
            **tiktok_settings(fake),
            speech__engines=["edge", "espeak"],
            speech__edge__url=edge.url,
        ) as server,
        aiohttp.ClientSession() as http,
    ):
        phone, stage = Phone(http, server), Stage(fake, "speaker")
        await phone.redeem("speaker", PASSWORD, await server.license_key())
        async with phone.socket() as ears:
            await listening(ears, stage)
            await stage.say("anna", "by the first voice")
            first = await audio(http, (await ears.hear("chat"))["tts_url"])
            await edge.stop()
            await stage.say("anna", "by the second voice")
            second = await audio(http, (await ears.hear("chat"))["tts_url"])

    assert first == edge.audio
    assert len(second) > 1000
    assert second != edge.audio


async def test_a_phone_that_was_cut_off_gets_what_it_missed_once(tmp_path):
    async with (
        FakeTikTok() as fake,
        running(tmp_path / "data", **tiktok_settings(fake)) as server,
        aiohttp.ClientSession() as http,
    ):
        phone, stage = Phone(http, server), Stage(fake, "cutoff")
        await phone.redeem("cutoff", PASSWORD, await server.license_key())
        async with phone.socket() as ears:
            await listening(ears, stage)
            await stage.say("anna", "before")
            last = (await ears.hear("chat"))["seq"]
            ears.socket._writer.transport.abort()
        await stage.say("anna", "missed")
        await stage.send_rose("boris")
        async with phone.socket(since=last) as ears:
            await ears.hear("gift")
            await stage.say("anna", "after")
            await ears.hear("chat")

    assert [one["type"] for one in ears.numbered()] == ["chat", "gift", "chat"]
    assert [one["seq"] for one in ears.numbered()] == [last + 1, last + 2, last + 3]


@pytest.fixture
async def database():
    async with own_database() as settings:
        yield settings


async def test_a_killed_server_loses_nothing_that_was_saved(tmp_path, database):
    server = Server(tmp_path / "data", **database, **_demo_free_settings())
    await server.start()
    async with aiohttp.ClientSession() as http:
        phone = Phone(http, server)
        redeemed = await phone.redeem("survivor", PASSWORD, await server.license_key())
        await phone.upload("bell.mp3", tone())
        await phone.post(
            "/v2/triggers/set", {**ROSE_TRIGGER, "action_params": {"sound_filename": "bell.mp3"}}
        )
        async with phone.socket() as ears:
            seq = (await ears.hear("chat"))["seq"]
            await server.kill()
        await server.start()

        again = await phone.login("survivor", PASSWORD)
        sounds = await phone.get("/v2/sounds/list")
        triggers = await phone.get("/v2/triggers/list")
        rung = await audio(http, sounds["sounds"][0]["url"])
        async with phone.socket(since=seq) as ears:
            status = await ears.hear("status")
            later = await ears.hear("chat")
    assert await server.stop() == 0

    assert again["license_expires_at"] == redeemed["license_expires_at"]
    assert [one["filename"] for one in sounds["sounds"]] == ["bell.mp3"]
    assert [one["action_params"]["sound_filename"] for one in triggers["triggers"]] == ["bell.mp3"]
    assert len(rung) > 1000
    assert status["last_seq"] >= seq
    assert later["seq"] > seq


def _demo_free_settings() -> dict[str, object]:
    """A recording instead of TikTok, quickly."""
    return {"live__source": "replay", "live__replay__speed": 20.0}
