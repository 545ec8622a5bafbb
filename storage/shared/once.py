"""Things that are there for a while and can be taken once, by one of all processes."""

from typing import cast

from storage.shared.reach import Reach


class Once:
    def __init__(self, reach: Reach, kind: str) -> None:
        self._reach = reach
        self._prefix = f"{reach.prefix}{kind}:"

    async def put(self, name: str, data: bytes, seconds: float) -> None:
        """Raises `Away`."""
        await self._reach.ask(lambda redis: redis.set(self._prefix + name, data, px=round(seconds * 1000)))

    async def take(self, name: str) -> bytes | None:
        """Raises `Away`: whether it was there is not known, and it may be gone."""
        return cast("bytes | None", await self._reach.ask(lambda redis: redis.getdel(self._prefix + name)))
