"""Recordings played by the fake TikTok, in this process and in another, arrive frame by frame."""

import asyncio
import sys
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from core.clock import Clock
from core.config import Live, Tiktok
from core.live.budgets import Budgets
from core.live.recordings import Header, Writer
from core.live.tiktok import TikTokSource
from tests.core.live.virtual_time import START
from tests.fake_tiktok import FakeTikTok, Play, proto, read_recording
from tests.fake_tiktok.tls import client_context

ROOT = Path(__file__).parents[3]
RECORDINGS = sorted((ROOT.parent / "shared" / "recordings").glob("*.frames"))


async def raw_of(source: TikTokSource, unique_id: str, count: int) -> list[bytes]:
    """The first `count` raw frames after the answer to entering the room."""
    raw: list[bytes] = []
    async with source.connect(await source.find_room(unique_id), reconnecting=False) as connection:
        connection.raw = raw.append
        while len(raw) < count + 1:
            await anext(connection)
    return raw[1:]


@pytest.mark.skipif(not RECORDINGS, reason="needs the recordings in ../shared/recordings")
@pytest.mark.parametrize("recording", RECORDINGS, ids=lambda path: path.stem)
async def test_every_frame_of_a_recording_arrives_and_is_receipted(
    recording: Path, fake: FakeTikTok, source: TikTokSource
) -> None:
    frames = read_recording(recording)
    fake.frame_of = lambda _user, number: frames[number] if number < len(frames) else None
    fake.user("anna").play = Play.ALL

    assert await raw_of(source, "anna", len(frames)) == frames


@pytest.fixture
async def program(tmp_path: Path) -> AsyncIterator[str]:
    """The fake TikTok in a process of its own, over TLS; its address."""
    with Writer(tmp_path / "anna.frames", Header("anna", "7", START)) as writer:
        for number in range(1, 4):
            writer.write(number, proto.frame([proto.chat(number, f"line {number}")], log_id=number))
    arguments = ["--recording", str(tmp_path / "anna.frames"), "--rate", "0", "--tls", str(tmp_path)]
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "tests.fake_tiktok", *arguments, cwd=ROOT, stdout=asyncio.subprocess.PIPE
    )
    assert process.stdout
    async with asyncio.timeout(30):
        ready = await process.stdout.readline()
    yield ready.decode().split()[1]
    process.terminate()
    await process.communicate()


async def test_a_recording_played_by_another_process_arrives_over_tls(
    program: str, budgets: Budgets, tmp_path: Path
) -> None:
    keys = {"web_url": program, "webcast_url": f"{program}/webcast", "sign_url": program}
    live = Live(tiktok=Tiktok.model_validate(keys))
    tls = client_context(tmp_path / "fake_tiktok.pem")

    async with TikTokSource(live, budgets, Clock(), tls=tls) as source:
        raw = await raw_of(source, "anna", 3)

    assert raw == read_recording(tmp_path / "anna.frames")
