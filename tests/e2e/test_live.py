"""Real messages from a fake TikTok's socket to a phone's, through the running product."""

from collections import Counter, defaultdict

import aiohttp
import pytest

from tests.e2e.counting import count
from tests.e2e.kit import RECORDINGS, Phone, running
from tests.fake_tiktok import FakeTikTok, Play, read_recording

FILES = sorted(RECORDINGS.glob("*.frames")) if RECORDINGS.is_dir() else []


def tiktok_settings(fake: FakeTikTok) -> dict[str, str]:
    return {f"live__tiktok__{key}": value for key, value in fake.config().items()}


@pytest.mark.skipif(not FILES, reason="no recordings beside the repository")
@pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
async def test_every_message_of_a_recording_arrives_once(path, tmp_path):
    expected = count(path)
    frames = read_recording(path)
    async with FakeTikTok(frames, rate=200) as fake:
        host = fake.user("host_one")
        host.play, host.after = Play.END, len(frames)
        async with (
            running(tmp_path / "data", **tiktok_settings(fake)) as server,
            aiohttp.ClientSession() as http,
        ):
            phone = Phone(http, server)
            await phone.redeem("host_one", "secret-password", await server.license_key())
            async with phone.socket() as ears:
                await ears.hear("viewer", 20)
                messages = await ears.hear_until_quiet(3.0)

    told = Counter(one["type"] for one in messages)
    assert {kind: told[kind] for kind in expected.events} == expected.events
    assert _gifts(messages) == expected.gifts
    assert _likes(messages) == expected.likes
    assert [(one["username"], one["message"]) for one in messages if one["type"] == "chat"] == expected.chats
    numbers = [one["seq"] for one in ears.numbered()]
    assert numbers == list(range(numbers[0], numbers[0] + len(numbers)))


def _gifts(messages):
    sums = defaultdict(int)
    for one in messages:
        if one["type"] == "gift":
            sums[one["username"], one["gift_name"]] += one["count"]
    return dict(sums)


def _likes(messages):
    sums = defaultdict(int)
    for one in messages:
        if one["type"] == "like":
            sums[one["username"]] += one["count"]
    return dict(sums)
