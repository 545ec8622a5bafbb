"""What a studio needs of whoever keeps its LIVE heard."""

from collections.abc import Callable
from typing import Protocol

from core.live.source import Head, LiveState, LiveStatus, SessionSink


class Supervision(Protocol):
    """`core.live.supervisor.Supervisor`, started and stopped."""

    @property
    def state(self) -> LiveState: ...

    @property
    def status(self) -> LiveStatus: ...

    def check_now(self) -> None: ...

    def stop(self) -> None: ...


class StudioSink(SessionSink, Protocol):
    """Somebody's."""

    user_id: int


class Supervise(Protocol):
    def __call__(
        self,
        unique_id: str,
        sink: StudioSink,
        on_change: Callable[[LiveStatus], None],
        head: Head | None = None,
        /,
    ) -> Supervision:
        """Start one: the handle, what to feed, what to call when the state changes, where to go on."""
