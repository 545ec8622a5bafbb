"""Real messages from a fake TikTok's socket to a phone's, through the running product."""

import asyncio
from collections import Counter, defaultdict

import aiohttp
import pytest

from tests.e2e.counting import Expected, count
from tests.e2e.kit import RECORDINGS, Phone, running, tiktok_settings
from tests.fake_tiktok import FakeTikTok, Play, read_recording

ONE_BY_ONE = ("chat", "viewer_join", "follow", "share", "viewer", "subscribe")
FILES = {path.stem: path for path in sorted(RECORDINGS.glob("*.frames"))} if RECORDINGS.is_dir() else {}


@pytest.mark.skipif(not FILES, reason="no recordings beside the repository")
async def test_every_message_of_every_recording_arrives_once(tmp_path):
    frames = {_host(name): read_recording(path) for name, path in FILES.items()}
    async with (
        FakeTikTok(lambda user, n: next(iter(frames[user.unique_id][n : n + 1]), None), rate=100) as fake,
        running(tmp_path / "data", **tiktok_settings(fake)) as server,
        aiohttp.ClientSession() as http,
    ):
        for host, played in frames.items():
            fake.user(host).play, fake.user(host).after = Play.END, len(played)
        keys = [await server.license_key() for _ in frames]
        heard = await asyncio.gather(
            *(_hear_all(Phone(http, server), host, key) for host, key in zip(frames, keys, strict=True))
        )

    told = {name: _told(messages) for name, messages in zip(FILES, heard, strict=True)}
    assert told == {name: count(path) for name, path in FILES.items()}
    assert all(_is_unbroken([one["seq"] for one in messages if "seq" in one]) for messages in heard)


async def _hear_all(phone, host, key):
    await phone.redeem(host, "secret-password", key)
    async with phone.socket() as ears:
        await ears.hear("viewer", 30)
        return await ears.hear_until("waiting")


def _host(name):
    return f"host_{name}".replace("-", "_")[:24]


def _is_unbroken(numbers):
    return numbers == list(range(numbers[0], numbers[0] + len(numbers)))


def _told(messages):
    """The same sums as an independent count makes."""
    told = Counter(one["type"] for one in messages)
    chats = [(one["username"], one["message"]) for one in messages if one["type"] == "chat"]
    events = Counter({kind: told[kind] for kind in ONE_BY_ONE if told[kind]})
    return Expected(events, _gifts(messages), _likes(messages), chats)


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
