"""What a channel told lately, for those who come back."""

from array import array
from bisect import bisect_left, bisect_right

from msgspec import Struct

MAX_REMEMBERED = 2000  # messages


class Told(Struct, frozen=True):
    """A message that went out; media addresses in its text carry `core.messages.MARK`."""

    seq: int
    age: float  # seconds
    text: str
    lives_long: bool


class Ring:
    """Kept small: the numbers unboxed, and bytes, since one emoji makes every
    character of a string four bytes.
    """

    __slots__ = ("_life", "_seqs", "_texts", "_times")

    def __init__(self, life: float) -> None:
        self._life = life
        self._seqs = array("q")
        self._times = array("d")  # monotonic
        self._texts: list[bytes] = []

    def add(self, seq: int, now: float, text: str) -> None:
        self._seqs.append(seq)
        self._times.append(now)
        self._texts.append(text.encode())

    def forget(self, now: float) -> None:
        gone = max(0, len(self._texts) - MAX_REMEMBERED, bisect_left(self._times, now - self._life))
        del self._seqs[:gone], self._times[:gone], self._texts[:gone]

    def since(self, seq: int) -> list[tuple[int, bytes]]:
        """What came after `seq`, by number."""
        first = bisect_right(self._seqs, seq)
        return list(zip(self._seqs[first:], self._texts[first:], strict=True))

    def told(self, now: float, *, lives_long: bool) -> list[Told]:
        both = zip(self._seqs, self._times, self._texts, strict=True)
        return [Told(seq, now - at, text.decode(), lives_long) for seq, at, text in both]
