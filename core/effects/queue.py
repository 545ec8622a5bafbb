"""How far behind the audio is, and what gives way.

Messages themselves are never held. What is estimated here is what a device that
plays one thing after another has still to play: from the durations, corrected by
the `played` it sends. Over the bound the least valuable and oldest lose their
audio first.
"""

from collections.abc import Collection

from msgspec import Struct

MAX_ITEMS = 1000  # more than any bound in seconds lets through; a guard for sounds of no length
CONFIRM_WITHIN = 120.0  # seconds an item that should be over is remembered, in case the device is slower


class Item(Struct):
    id: str  # of the message
    seconds: float  # of all its audio
    value: int  # what gives way first is worth least
    speech: str | None = None  # media name of what is spoken in it
    speech_seconds: float = 0.0  # of `seconds`; an estimate until it was made


class CarriedQueue(Struct, frozen=True):
    """The backlog, for a process that goes on. Times are ages in seconds."""

    items: list[Item]
    over: list[tuple[float, Item]]
    head_for: float
    paused_for: float | None
    device_confirms: bool


class EffectQueue:
    """One streamer's backlog. Times are monotonic seconds."""

    def __init__(self, max_seconds: float) -> None:
        self.max_seconds = max_seconds
        self.is_paused = False
        self._items: list[Item] = []  # a deque takes six hundred bytes in every room, and these are short
        self._over: list[tuple[float, Item]] = []  # over by estimate, not yet by the device
        self._head_since = 0.0
        self._paused_at = 0.0
        self._device_confirms = False  # the seed's client never does

    def offer(self, item: Item, now: float) -> list[Item]:
        """Queue `item`; return whose audio must give way, `item` among them if it does not fit."""
        self._advance(now)
        if not self._items:
            self._head_since = self._paused_at if self.is_paused else now
        self._items.append(item)
        dropped: list[Item] = []
        while len(self._items) > 1 and (self._left(now) > self.max_seconds or len(self._items) > MAX_ITEMS):
            # The head is what sounds right now; `min` takes the first, so the oldest of equals goes.
            loser = min(list(self._items)[1:], key=lambda one: one.value)
            self._items.remove(loser)
            dropped.append(loser)
        return dropped

    def played(self, item_id: str, now: float) -> None:
        """The device has played `item_id`, and so everything before it."""
        self._advance(now)
        self._device_confirms = True
        for position, item in enumerate(self._items):
            if item.id == item_id:
                del self._items[: position + 1]
                self._over.clear()
                self._head_since = self._paused_at if self.is_paused else now
                return
        self._bring_back_after(item_id, now)

    def measure(self, speech: str, seconds: float) -> None:
        """The real length of a speech became known."""
        for item in self._items:
            if item.speech == speech:
                item.seconds += seconds - item.speech_seconds
                item.speech_seconds = seconds

    def skip(self, now: float, item_id: str | None = None) -> list[Item]:
        """Leave out what sounds right now, if anything does. `item_id`: what the device says that is."""
        self._advance(now)
        if item_id is not None:
            self._bring_back_after(item_id, now)
            while any(item.id == item_id for item in self._items) and self._items[0].id != item_id:
                self._items.pop(0)
            if not self._items or self._items[0].id != item_id:
                return []
        if not self._items:
            return []
        self._head_since = self._paused_at if self.is_paused else now
        return [self._items.pop(0)]

    def clear(self) -> list[Item]:
        items = list(self._items)
        self._items.clear()
        self._over.clear()
        return items

    def drop(self, item_ids: Collection[str]) -> list[Item]:
        """Take out those that wait (deleted comments)."""
        gone = [item for item in self._items if item.id in item_ids]
        for item in gone:
            self._items.remove(item)
        return gone

    def pause(self, now: float) -> None:
        if not self.is_paused:
            self._advance(now)
            self.is_paused, self._paused_at = True, now

    def resume(self, now: float) -> None:
        if self.is_paused:
            self.is_paused = False
            self._head_since += now - self._paused_at

    def seconds(self, now: float) -> float:
        """Of audio still to be played."""
        self._advance(now)
        return max(0.0, self._left(now))

    def pending(self, now: float) -> int:
        self._advance(now)
        return len(self._items)

    def playing(self, now: float) -> str | None:
        """The message whose audio sounds now; while paused the one that goes on afterwards."""
        self._advance(now)
        return self._items[0].id if self._items else None

    def carry(self, now: float) -> "CarriedQueue":
        self._advance(now)
        return CarriedQueue(
            items=self._items,
            over=[(now - at, item) for at, item in self._over],
            head_for=now - self._head_since,
            paused_for=now - self._paused_at if self.is_paused else None,
            device_confirms=self._device_confirms,
        )

    def resume_from(self, carried: "CarriedQueue", now: float) -> None:
        self._items = list(carried.items)
        self._over = [(now - age, item) for age, item in carried.over]
        self._head_since = now - carried.head_for
        self.is_paused = carried.paused_for is not None
        self._paused_at = now - (carried.paused_for or 0.0)
        self._device_confirms = carried.device_confirms

    def _left(self, now: float) -> float:
        if not self._items:
            return 0.0
        until = self._paused_at if self.is_paused else now
        return sum(item.seconds for item in self._items) - (until - self._head_since)

    def _advance(self, now: float) -> None:
        if self.is_paused:
            return
        while self._items and now - self._head_since >= self._items[0].seconds:
            item = self._items.pop(0)
            self._head_since += item.seconds
            if self._device_confirms:
                self._over.append((now, item))
        while self._over and now - self._over[0][0] > CONFIRM_WITHIN:
            self._over.pop(0)

    def _bring_back_after(self, item_id: str, now: float) -> None:
        """The device is slower than estimated: what follows the item is still to be played."""
        ids = [item.id for _, item in self._over]
        if item_id not in ids:
            return
        del self._over[: ids.index(item_id) + 1]
        if self._over:
            self._items[:0] = [item for _, item in self._over]
            self._over.clear()
            self._head_since = self._paused_at if self.is_paused else now
