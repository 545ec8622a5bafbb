"""History and statistics, written behind in batches: the hot path only appends to a list.

What is lost when the process is killed is at most what came since the last batch.
"""

import asyncio
from collections import Counter, deque
from datetime import datetime
from typing import Any

import structlog
from msgspec import Struct

from core.clock import Clock
from core.lasting import Lasting
from core.tally import MinuteTally, Tally, ViewerTally
from storage.db import Database, DatabaseError

log = structlog.get_logger(__name__)

BATCH = 500  # rows of one transaction: making them text holds up everything else
FLUSH_SECONDS = 0.2
TALLY_SECONDS = 10.0  # between two writes of one LIVE's totals
MAX_WAITING = 50_000  # rows; the oldest give way, the database has then been stuck for long


class Entry(Struct, gc=False):
    """One row of history. `data` is plain JSON data: see `core.history`."""

    user_id: int
    tally: Tally | None
    message_id: str
    seq: int
    at: datetime
    type: str
    data: dict[str, Any]
    played_at: datetime | None = None


class _Taken(Struct, frozen=True):
    """What one LIVE collected since its last write, while it is being written."""

    tally: Tally
    viewers: dict[int, ViewerTally]
    minutes: dict[int, MinuteTally]
    is_new: bool  # it has no row yet


class Journal:
    def __init__(self, db: Database, clock: Clock) -> None:
        self._db = db
        self._clock = clock
        self._entries: deque[Entry] = deque()
        self._waiting: dict[str, Entry] = {}
        self._played: list[tuple[str, datetime]] = []
        self._unheard: list[tuple[str, str]] = []
        self._is_writing = False
        self._tallies: dict[int, Tally] = {}  # by id(): one object a broadcast
        self._seqs: dict[int, int] = {}
        self._counters: dict[tuple[int, str], int] = {}
        self.lasting = Lasting(clock)
        self.lost = 0
        self.unheard_by: Counter[str] = Counter()  # why audio that was sent was left out

    @property
    def waiting(self) -> int:
        """Rows of history still to be written."""
        return len(self._entries)

    def record(self, entry: Entry) -> None:
        if len(self._entries) >= MAX_WAITING:
            gone = self._entries.popleft()
            self._waiting.pop(gone.message_id, None)
            self.lost += 1
        self._entries.append(entry)
        self._waiting[entry.message_id] = entry

    def played(self, message_id: str) -> None:
        """The device has played it: what history calls heard."""
        if entry := self._waiting.get(message_id):
            entry.played_at = self._clock.now()
        elif len(self._played) < MAX_WAITING:
            self._played.append((message_id, self._clock.now()))

    def unheard(self, message_id: str, why: str) -> None:
        """Its audio, which was sent, is left out after all."""
        self.unheard_by[why] += 1
        entry = self._waiting.get(message_id)
        if entry:
            entry.data["dropped"] = why
        if (entry is None or self._is_writing) and len(self._unheard) < MAX_WAITING:
            self._unheard.append((message_id, why))

    def watch(self, tally: Tally) -> None:
        """Keep writing what `tally` collects until it has ended and was written."""
        self._tallies[id(tally)] = tally

    async def hand_over(self, tally: Tally | None) -> None:
        """Write what is known of a streamer who goes on elsewhere, and no more of their LIVE from here."""
        if tally is not None:
            self.write_soon(tally)
        await self.flush()
        if tally is not None:
            self.forget(tally)

    def write_soon(self, tally: Tally) -> None:
        """With the next batch, whenever it was written last."""
        tally.is_dirty, tally.saved_at = True, -TALLY_SECONDS
        self.watch(tally)

    def forget(self, tally: Tally) -> None:
        """Another process counts this LIVE: what is written from here would be written over its numbers."""
        self._tallies.pop(id(tally), None)

    def reserve_seq(self, user_id: int, upto: int) -> None:
        self._seqs[user_id] = upto

    def add_to_counter(self, user_id: int, name: str, add: int) -> None:
        key = (user_id, name)
        self._counters[key] = self._counters.get(key, 0) + add

    async def run(self) -> None:
        """Write until cancelled."""
        while True:
            await asyncio.sleep(FLUSH_SECONDS)
            await self._try_flush()

    async def close(self) -> None:
        """Write what is left."""
        await self._try_flush()

    async def _try_flush(self) -> None:
        try:
            await self.flush()
        except (DatabaseError, OSError) as error:  # a full disk: rows wait, bounded, for the next try
            log.warning("journal_not_written", waiting=len(self._entries), error=type(error).__name__)
            await asyncio.sleep(FLUSH_SECONDS)

    async def flush(self) -> None:
        while await self._flush_once():
            pass

    async def _flush_once(self) -> bool:
        """Write one batch. True: there is more."""
        entries = [self._entries[n] for n in range(min(BATCH, len(self._entries)))]
        tallies = self._due()
        played, unheard, seqs, counters = self._played, self._unheard, self._seqs, self._counters
        if not (entries or tallies or played or unheard or seqs or counters or self.lasting):
            return False
        taken = [_Taken(tally, tally.viewers, tally.minutes, tally.live_id is None) for tally in tallies]
        self._played, self._unheard, self._seqs, self._counters = [], [], {}, {}
        lasting = self.lasting.take()
        for tally in tallies:
            tally.is_dirty, tally.viewers, tally.minutes = False, {}, {}
        self._is_writing = True
        try:
            async with self._db.begin() as uow:
                await uow.journal.save_lives(tallies)
                await uow.journal.add_viewers([(one.tally, one.viewers) for one in taken])
                await uow.journal.add_minutes([(one.tally, one.minutes) for one in taken])
                await uow.journal.add_history(entries)
                await uow.journal.mark_played(played)
                await uow.journal.mark_unheard(unheard)
                await uow.journal.reserve_seqs(seqs)
                await uow.journal.add_counters(counters)
                await uow.lasting.save(lasting)
        except BaseException:
            self.lasting.put_back(lasting)
            self._take_back(taken, played, unheard, seqs, counters)
            raise
        finally:
            self._is_writing = False
        self._written(entries, tallies)
        return len(self._entries) > 0

    def _due(self) -> list[Tally]:
        """Those to write now: new ones at once, since history names them; others every few seconds."""
        now = self._clock.monotonic()
        due = [
            tally
            for tally in self._tallies.values()
            if tally.is_dirty
            and (tally.live_id is None or tally.ended_at or now - tally.saved_at >= TALLY_SECONDS)
        ]
        for tally in due:
            tally.saved_at = now
        return due

    def _written(self, entries: list[Entry], tallies: list[Tally]) -> None:
        late = []
        for entry in entries:
            if self._entries and self._entries[0] is entry:
                self._entries.popleft()
            self._waiting.pop(entry.message_id, None)
            if entry.played_at is not None:
                late.append((entry.message_id, entry.played_at))
        # What was played while its row was being written may have missed the row.
        self._played.extend(late)
        for tally in tallies:
            if tally.ended_at is not None and not tally.is_dirty:
                self._tallies.pop(id(tally), None)

    def _take_back(
        self,
        taken: list[_Taken],
        played: list[tuple[str, datetime]],
        unheard: list[tuple[str, str]],
        seqs: dict[int, int],
        counters: dict[tuple[int, str], int],
    ) -> None:
        """Nothing was written: put back what was taken, under what has come since."""
        for one in taken:
            one.tally.is_dirty, one.tally.saved_at = True, 0.0
            one.tally.take_back(one.viewers, one.minutes)
            if one.is_new:
                one.tally.live_id, one.tally.base, one.tally.given_before = None, {}, {}
        self._played = played + self._played
        self._unheard = unheard + self._unheard
        self._seqs = seqs | self._seqs
        for key, add in counters.items():
            self._counters[key] = self._counters.get(key, 0) + add
