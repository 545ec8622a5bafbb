"""Gifts met in LIVEs, noted in memory and learned by the database now and then."""

from core.clock import Clock
from core.gifts import GiftInfo, learn
from core.live.events import Fact
from storage.db import Database

MAX_KNOWN = 20_000


class GiftNotes:
    def __init__(self, db: Database, clock: Clock) -> None:
        self._db = db
        self._clock = clock
        self._known: dict[int, tuple[str, int]] = {}
        self._new: dict[int, GiftInfo] = {}

    def note(self, fact: Fact) -> None:
        seen = (fact.gift_name, fact.diamonds)
        if self._known.get(fact.gift_id) != seen and len(self._known) < MAX_KNOWN:
            self._known[fact.gift_id] = seen
            self._new[fact.gift_id] = GiftInfo(fact.gift_id, fact.gift_name, fact.diamonds)

    async def save(self) -> None:
        """Write what is new. What cannot be written now is kept for the next time."""
        if not self._new:
            return
        new, self._new = self._new, {}
        try:
            async with self._db.begin() as uow:
                await learn(uow, new.values(), self._clock)
        except BaseException:
            self._new = new | self._new
            raise
