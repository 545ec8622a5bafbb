"""Likes merged: the first of a viewer goes out at once, then at most one a second, and none is lost."""

from collections import OrderedDict

from msgspec import Struct

from core.live.events import Viewer

SECONDS_BETWEEN = 1.0
MAX_HELD = 10_000  # viewers; beyond them likes go out unmerged


class MergedLike(Struct, gc=False):
    viewer: Viewer
    count: int
    total: int  # of the room, the highest seen: the wire interleaves two counters


class _Held(Struct, gc=False):
    viewer: Viewer
    count: int
    ready_at: float


class CarriedLikes(Struct, frozen=True):
    """All that is held, for a process that goes on."""

    held: list[tuple[Viewer, int, float]]  # likes, and seconds until they are due
    total: int


class LikeMerger:
    def __init__(self) -> None:
        self._held: OrderedDict[int, _Held] = OrderedDict()  # by viewer id, ordered by `ready_at`
        self._total = 0

    def take(self, viewer: Viewer, count: int, total: int, now: float) -> MergedLike | None:
        """What goes out at once. Nothing: it is held until `due`."""
        self._total = max(self._total, total)
        held = self._held.get(viewer.user_id)
        if held is None:
            if len(self._held) < MAX_HELD:
                self._held[viewer.user_id] = _Held(viewer, 0, now + SECONDS_BETWEEN)
            return MergedLike(viewer, count, self._total)
        held.viewer = viewer
        held.count += count
        return self._let_go(held, now) if now >= held.ready_at else None

    def due(self, now: float) -> list[MergedLike]:
        """What was held long enough. To be asked a few times a second."""
        ready: list[MergedLike] = []
        while self._held and next(iter(self._held.values())).ready_at <= now:
            _, held = self._held.popitem(last=False)
            if held.count:
                self._held[held.viewer.user_id] = held
                ready.append(self._let_go(held, now))
        return ready

    def flush(self) -> list[MergedLike]:
        """Everything still held: the LIVE is over."""
        rest = [
            MergedLike(held.viewer, held.count, self._total) for held in self._held.values() if held.count
        ]
        self._held.clear()
        return rest

    def carry(self, now: float) -> CarriedLikes:
        held = [(one.viewer, one.count, one.ready_at - now) for one in self._held.values()]
        return CarriedLikes(held, self._total)

    def resume(self, carried: CarriedLikes, now: float) -> None:
        self._total = carried.total
        for viewer, count, wait in carried.held:
            self._held[viewer.user_id] = _Held(viewer, count, now + wait)

    def _let_go(self, held: _Held, now: float) -> MergedLike:
        like = MergedLike(held.viewer, held.count, self._total)
        held.count = 0
        held.ready_at = now + SECONDS_BETWEEN
        self._held.move_to_end(held.viewer.user_id)
        return like
