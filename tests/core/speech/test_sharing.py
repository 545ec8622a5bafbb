"""A full workshop is shared fairly between accounts."""

import asyncio
from pathlib import Path

import pytest

from core.errors import Unavailable
from core.speech import workshop
from tests.core.speech.engines import FakeEngine, heard, name_of, speech_of


async def test_who_asks_for_little_is_heard_though_another_account_has_filled_every_place(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(workshop, "MAX_MAKINGS", 3)
    engine = FakeEngine(parallel=1)
    engine.half_way.clear()
    async with speech_of([engine], tmp_path) as speech:
        greedy = [name_of(speech, text, account_id=1) for text in ("one", "two", "three")]
        askers = [asyncio.ensure_future(heard(speech, name, tmp_path)) for name in greedy]
        while "one" not in engine.spoken:
            await asyncio.sleep(0)

        modest = asyncio.ensure_future(heard(speech, name_of(speech, "hello", account_id=2), tmp_path))
        with pytest.raises(Unavailable):  # within time: else everybody waits for the first
            await asyncio.wait_for(askers[2], 30)
        engine.half_way.set()

        assert await modest == b"edge:hello"
        assert await asyncio.gather(*askers[:2]) == [b"edge:one", b"edge:two"]
