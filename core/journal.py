"""History and statistics, written behind in batches: the hot path only appends to a list.

What is lost when the process is killed is at most what came since the last batch.
"""

import asyncio
from collections import deque
from datetime import datetime
from typing import Any

import structlog
from msgspec import Struct

from core.clock import Clock
from core.tally import Tally, ViewerTally
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


class Journal:
    def __init__(self, db: Database, clock: Clock) -> None:
        self._db = db
        self._clock = clock
        self._entries: deque[Entry] = deque()
        self._waiting: dict[str, Entry] = {}
        self._played: list[tuple[str, datetime]] = []
        self._tallies: dict[int, Tally] = {}  # by id(): one object a broadcast
        self._seqs: dict[int, int] = {}
        self._counters: dict[tuple[int, str], int] = {}
        self.lost = 0

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

    def watch(self, tally: Tally) -> None:
        """Keep writing what `tally` collects until it has ended and was written."""
        self._tallies[id(tally)] = tally

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
        played, seqs, counters = self._played, self._seqs, self._counters
        if not (entries or tallies or played or seqs or counters):
            return False
        viewers = [(tally, tally.viewers) for tally in tallies]
        self._played, self._seqs, self._counters = [], {}, {}
        unnamed = [tally for tally in tallies if tally.live_id is None]
        for tally in tallies:
            tally.is_dirty, tally.viewers = False, {}
        try:
            async with self._db.begin() as uow:
                await uow.journal.save_lives(tallies)
                await uow.journal.add_viewers(viewers)
                await uow.journal.add_history(entries)
                await uow.journal.mark_played(played)
                await uow.journal.reserve_seqs(seqs)
                await uow.journal.add_counters(counters)
        except BaseException:
            for tally in unnamed:
                tally.live_id, tally.base = None, {}
            self._take_back(viewers, played, seqs, counters)
            raise
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
        viewers: list[tuple[Tally, dict[int, ViewerTally]]],
        played: list[tuple[str, datetime]],
        seqs: dict[int, int],
        counters: dict[tuple[int, str], int],
    ) -> None:
        """Nothing was written: put back what was taken, under what has come since."""
        for tally, earlier in viewers:
            tally.is_dirty, tally.saved_at = True, 0.0
            for viewer_id, one in earlier.items():
                later = tally.viewers.setdefault(viewer_id, one)
                if later is not one:
                    later.add(one)
        self._played = played + self._played
        self._seqs = seqs | self._seqs
        for key, add in counters.items():
            self._counters[key] = self._counters.get(key, 0) + add
