"""One socket's end: what waits for it, and why it is let go."""

import asyncio
from collections import deque
from datetime import datetime
from enum import StrEnum

MAX_BEHIND = 1000  # messages; contract 4


class Place(StrEnum):
    PLAYER = "player"
    OVERLAY = "overlay"
    MONITOR = "monitor"


class Close:
    """WebSocket close codes of contract 4."""

    GOING_AWAY = 1001
    USERNAME_NOT_SET = 4400
    INVALID_TOKEN = 4401
    LICENSE = 4403
    REPLACED = 4409
    TOO_SLOW = 4413
    RATE = 4429


class Dismissed(Exception):
    """The channel let this listener go; `code` says why."""

    def __init__(self, code: int) -> None:
        super().__init__(code)
        self.code = code


class Listener:
    """One socket's end. `base_url` is the address this socket sees media under."""

    def __init__(
        self,
        place: Place,
        base_url: str,
        *,
        token_version: int | None = None,
        secret_version: int | None = None,
        hears_changes: bool = False,
        token_id: str | None = None,
        agent: str = "",
    ) -> None:
        self.place = place
        self.base_url = base_url
        self.token_version = token_version  # came with a token of that version
        self.token_id = token_id
        self.secret_version = secret_version  # came with a page's secret of that version
        self.hears_changes = hears_changes  # shows what is set up, too
        self.agent = agent  # the program at the other end, as it calls itself
        self.came_at: datetime | None = None
        self.confirms = False  # has said of something that it was played
        self.heard_at = 0.0  # when the frame came whose text was taken last; 0: no frame made it
        self._pending: deque[tuple[str, float]] = deque()
        self._wake = asyncio.Event()
        self._code: int | None = None

    async def get(self) -> str:
        """The next text to send. Raises `Dismissed` once there is a reason to close."""
        while not self._pending:
            if self._code is not None:
                raise Dismissed(self._code)
            self._wake.clear()
            await self._wake.wait()
        if self._code not in (None, Close.GOING_AWAY):
            raise Dismissed(self._code or 0)
        text, self.heard_at = self._pending.popleft()
        return text

    @property
    def has_pending(self) -> bool:
        return bool(self._pending)

    @property
    def behind(self) -> int:
        return len(self._pending)

    def offer(self, text: str, heard_at: float = 0.0) -> None:
        """`heard_at`: monotonic, when the frame came that made it."""
        if self._code is not None:
            return
        if len(self._pending) >= MAX_BEHIND:
            self._pending.clear()
            self.dismiss(Close.TOO_SLOW)
            return
        self._pending.append((text, heard_at))
        self._wake.set()

    def dismiss(self, code: int) -> None:
        if self._code is None:
            self._code = code
            self._wake.set()
