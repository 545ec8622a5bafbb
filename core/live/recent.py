"""A bounded memory of what was used last."""

from collections.abc import Hashable
from typing import Generic, TypeVar

K = TypeVar("K", bound=Hashable)
V = TypeVar("V")


class Recent(Generic[K, V]):
    """Remembers at least the `capacity` keys used last, at most twice as many.

    Two generations instead of an ordered list: remembering costs one dictionary write,
    and forgetting is dropping the older dictionary whole.
    """

    def __init__(self, capacity: int) -> None:
        self._capacity = capacity
        self._young: dict[K, V] = {}
        self._old: dict[K, V] = {}

    def get(self, key: K) -> V | None:
        if (value := self._young.get(key)) is not None:
            return value
        if (value := self._old.get(key)) is not None:
            self.put(key, value)
        return value

    def put(self, key: K, value: V) -> None:
        if len(self._young) >= self._capacity and key not in self._young:
            self._old, self._young = self._young, {}
        self._young[key] = value

    def items(self) -> dict[K, V]:
        """All that is remembered, what was used last at the end."""
        return self._old | self._young

    def pop(self, key: K) -> V | None:
        old = self._old.pop(key, None)
        young = self._young.pop(key, None)
        return old if young is None else young
