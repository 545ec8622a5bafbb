"""The fake TikTok and a real source that leads to it."""

from collections.abc import AsyncIterator, Callable

import pytest

from core.clock import Clock
from core.config import Live, Tiktok
from core.live.budgets import Budgets, Line, Lookout
from core.live.tiktok import TikTokSource
from tests.disks import small_disk
from tests.fake_tiktok import FakeTikTok, proto

__all__ = ["small_disk"]

PLENTY = 1_000_000


@pytest.fixture
async def fake() -> AsyncIterator[FakeTikTok]:
    """Says ten lines of chat to whoever listens."""
    frames = [proto.frame([proto.chat(number, f"line {number}")], log_id=number) for number in range(1, 11)]
    async with FakeTikTok(frames) as fake:
        yield fake


@pytest.fixture
def budgets() -> Budgets:
    """More than a test can spend."""
    lookups = Line(PLENTY, Clock())
    return Budgets(lookups, Line(PLENTY, Clock()), Lookout(lookups, PLENTY, base=0.05))


MakeSource = Callable[..., TikTokSource]


@pytest.fixture
def make_source(fake: FakeTikTok, budgets: Budgets) -> MakeSource:
    """A source over the fake; keyword arguments are keys of `live.tiktok`."""

    def make(*, silence_seconds: float = 5.0, **keys: object) -> TikTokSource:
        tiktok = Tiktok.model_validate(fake.config() | keys)
        return TikTokSource(Live(tiktok=tiktok, silence_seconds=silence_seconds), budgets, Clock())

    return make


@pytest.fixture
async def source(make_source: MakeSource) -> AsyncIterator[TikTokSource]:
    async with make_source() as source:
        yield source
