"""What edges may ask of a streamer's studio, wherever it runs: here (`core.studios`) or in another process
(`core.cluster.far`).
"""

from contextlib import AbstractAsyncContextManager
from typing import Protocol

from core.glance import Glance, Seat
from core.listener import Listener, Place
from core.live.events import Fact
from core.live.source import LiveStatus
from core.studio import QueueAction
from core.triggers.model import Trigger


class Inside(Protocol):
    """What a socket may do while it listens. Returns at once."""

    user_id: int

    def played(self, listener: Listener, message_id: str, /) -> None: ...

    def control(self, action: QueueAction, message_id: str | None = None, /) -> None: ...


class Door(Protocol):
    """Everything raises `AppError`; `Unavailable` where nobody answers in time."""

    is_demo: bool

    async def status(self, user_id: int) -> LiveStatus: ...

    async def glance(self, user_id: int) -> Glance | None:
        """None: nobody needs their studio, so none is open."""

    async def glances(self) -> list[Glance]:
        """Of all that are open."""

    async def seats(self, user_id: int) -> tuple[Seat, ...]:
        """Players, overlays and monitors that are connected."""

    async def start_live(self, user_id: int, tiktok_username: str | None = None) -> None:
        """Listen now, or as soon as there is a LIVE. Refuses without a license or a TikTok username."""

    async def stop_live(self, user_id: int) -> None: ...

    async def reload(self, user_id: int) -> None:
        """Triggers, sounds or settings were saved: swap what runs."""

    async def test(self, user_id: int, trial: int | Trigger | Fact) -> list[Place]:
        """Let one trigger, saved (its id) or not yet, or a whole made-up fact go through and out."""

    def listening(
        self, user_id: int, listener: Listener, since: int | None
    ) -> AbstractAsyncContextManager[Inside]:
        """A socket's stay. A player or an overlay starts the LIVE."""

    def close(self) -> None:
        """Let every socket go."""
