"""Password hashes (argon2id, 19 MiB), made in two threads so that the event loop never waits for one."""

import asyncio
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import TypeVar

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

from core.errors import Invalid, Unavailable

SHORTEST = 6
LONGEST = 128
MAX_WAITING = 64  # a little over a second of work; whoever comes then is sent away

Result = TypeVar("Result")


def check_new_password(password: str, field: str = "password") -> None:
    """Short ones are allowed from six characters on: people type them on a phone, and tries are limited."""
    if len(password) < SHORTEST:
        raise Invalid(f"{field}: at least {SHORTEST} characters", field=field)
    check_length(password, field)


def check_length(password: str, field: str = "password") -> None:
    if len(password) > LONGEST:
        raise Invalid(f"{field}: at most {LONGEST} characters", field=field)


class Passwords:
    def __init__(self, hasher: PasswordHasher | None = None) -> None:
        self._hasher = hasher or PasswordHasher(time_cost=2, memory_cost=19_456, parallelism=1)
        self._pool = ThreadPoolExecutor(max_workers=2, thread_name_prefix="argon2")
        self._waiting = 0
        self._dummy: str | None = None

    async def hash(self, password: str) -> str:
        return await self._run(lambda: self._hasher.hash(password))

    async def verify(self, hashed: str | None, password: str) -> bool:
        """`hashed` None: takes as long as a real one, so that nobody learns which usernames exist."""
        return await self._run(lambda: self._verify(hashed, password))

    def needs_rehash(self, hashed: str) -> bool:
        return self._hasher.check_needs_rehash(hashed)

    def close(self) -> None:
        self._pool.shutdown(cancel_futures=True)

    def _verify(self, hashed: str | None, password: str) -> bool:
        if self._dummy is None:
            self._dummy = self._hasher.hash("nobody's password")
        try:
            self._hasher.verify(hashed or self._dummy, password)
        except (VerificationError, InvalidHashError):
            return False
        return bool(hashed)

    async def _run(self, work: Callable[[], Result]) -> Result:
        if self._waiting >= MAX_WAITING:
            raise Unavailable(retry_after=2)
        self._waiting += 1
        try:
            return await asyncio.get_running_loop().run_in_executor(self._pool, work)
        finally:
            self._waiting -= 1
