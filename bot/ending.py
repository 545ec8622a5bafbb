"""The program is about to stop: nobody waits for a turn any more."""

import asyncio
from contextlib import suppress


class Ending:
    def __init__(self) -> None:
        self._announced = asyncio.Event()

    @property
    def is_near(self) -> bool:
        return self._announced.is_set()

    def announce(self) -> None:
        self._announced.set()

    async def pause(self, seconds: float) -> None:
        """Shorter where the end comes in between."""
        if seconds > 0:
            with suppress(TimeoutError):
                async with asyncio.timeout(seconds):
                    await self._announced.wait()
