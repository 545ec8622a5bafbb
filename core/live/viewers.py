"""What is known of each viewer of one LIVE: roles, gifter level, and what they have done before."""

from array import array
from bisect import bisect_left
from collections.abc import Iterable, Mapping

from core.live.events import EventType, Viewer

# All that is known of a viewer is one number, because every room keeps thousands of them:
# roles lowest, above them a bit for each type of fact the viewer has caused, on top the level.
SEEN_SHIFT = 8  # above every bit of `Role`
LEVEL_SHIFT = SEEN_SHIFT + len(EventType)
ROLES_MASK = (1 << SEEN_SHIFT) - 1
SEEN_MASK = (1 << LEVEL_SHIFT) - 1 & ~ROLES_MASK

_BIT = {kind: 1 << SEEN_SHIFT + position for position, kind in enumerate(EventType)}


class _Generation:
    """Ids in order, beside each its number: twelve bytes a viewer, where a dictionary takes a hundred."""

    __slots__ = ("ids", "known")

    def __init__(self) -> None:
        self.ids = array("q")
        self.known = array("I")

    @classmethod
    def of(cls, ids: bytes, known: bytes) -> "_Generation":
        made = cls()
        made.ids, made.known = array("q", ids), array("I", known)
        return made

    def get(self, viewer_id: int) -> int:
        place = bisect_left(self.ids, viewer_id)
        return self.known[place] if self._is_at(place, viewer_id) else 0

    def put(self, viewer_id: int, known: int) -> None:
        place = bisect_left(self.ids, viewer_id)
        if self._is_at(place, viewer_id):
            self.known[place] = known
        else:
            self.ids.insert(place, viewer_id)
            self.known.insert(place, known)

    def _is_at(self, place: int, viewer_id: int) -> bool:
        return place < len(self.ids) and self.ids[place] == viewer_id


class ViewerMemory:
    """Remembers at least the `capacity` viewers met last, at most twice as many: see `core.live.recent`."""

    def __init__(self, capacity: int = 50_000) -> None:
        self._capacity = capacity
        self._young = _Generation()
        self._old: _Generation | None = None

    def remember(self, viewer: Viewer) -> Viewer:
        """The viewer with every role known so far: a message without one only means it was not sent along."""
        if not viewer.user_id:
            return viewer
        known = self._get(viewer.user_id)
        roles = viewer.roles | known & ROLES_MASK
        level = max(viewer.gifter_level, known >> LEVEL_SHIFT)
        merged = roles | known & SEEN_MASK | level << LEVEL_SHIFT
        if merged != known:
            self._put(viewer.user_id, merged)
        if roles == viewer.roles and level == viewer.gifter_level:
            return viewer
        return Viewer(viewer.user_id, viewer.unique_id, viewer.nickname, roles, level)

    def is_first(self, viewer: Viewer, kind: EventType) -> bool:
        """Whether the viewer does this for the first time; from now on they have done it."""
        known = self._get(viewer.user_id)
        if known & _BIT[kind]:
            return False
        self._put(viewer.user_id, known | _BIT[kind])
        return True

    def recall(self, met: Mapping[int, Iterable[EventType]]) -> None:
        """These have done this before. In the order of their ids: each then goes to the end, not between."""
        for viewer_id, kinds in sorted(met.items()):
            known = self._get(viewer_id)
            for kind in kinds:
                known |= _BIT[kind]
            self._put(viewer_id, known)

    def carry(self) -> list[tuple[bytes, bytes]]:
        """For `resume` of another process: ids and what is known, of each generation, the older one first."""
        both = (self._old, self._young) if self._old else (self._young,)
        return [(one.ids.tobytes(), one.known.tobytes()) for one in both]

    def resume(self, carried: list[tuple[bytes, bytes]]) -> None:
        generations = [_Generation.of(ids, known) for ids, known in carried]
        self._young = generations[-1]
        self._old = generations[0] if len(generations) > 1 else None

    def _get(self, viewer_id: int) -> int:
        known = self._young.get(viewer_id)
        if not known and self._old and (known := self._old.get(viewer_id)):
            self._put(viewer_id, known)
        return known

    def _put(self, viewer_id: int, known: int) -> None:
        if len(self._young.ids) >= self._capacity and not self._young.get(viewer_id):
            self._old, self._young = self._young, _Generation()
        self._young.put(viewer_id, known)
