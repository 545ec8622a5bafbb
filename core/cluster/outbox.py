"""Everything a worker says to other processes: collected for one turn of the loop, sent at once, fenced.

Bounded: what cannot be sent is dropped, and who would have heard it asks again from the last message heard.
"""

import asyncio
from collections import defaultdict
from collections.abc import Awaitable, Callable, Mapping

import structlog

from core.cluster.calls import Answer, Heard, Item, Moved, encode, sockets_channel
from core.listener import Close
from storage.bus import REFUSED, Bus, BusError, Words

log = structlog.get_logger(__name__)

MAX_WAITING = 50_000  # texts of all streamers
RETRY_SECONDS = 0.5


class Outbox:
    """`token_of`: by which lease a streamer is spoken for now; None: by none, nothing of them is said."""

    def __init__(self, bus: Bus, token_of: Callable[[int], int | None]) -> None:
        self._bus = bus
        self._token_of = token_of
        self._items: defaultdict[tuple[int, str], list[Item]] = defaultdict(list)
        self._kept: defaultdict[int, list[bytes]] = defaultdict(list)
        self._plain: list[tuple[str, bytes]] = []
        self._count = 0
        self._is_due = asyncio.Event()
        self._turn = asyncio.Lock()
        self._torn: set[tuple[int, str]] = set()  # who must ask again, by streamer and process
        self.on_refused: Callable[[int], None] = lambda _user_id: None
        """A newer owner speaks for this streamer."""
        self.on_unheard: Callable[[str], None] = lambda _process: None
        """Nothing of this process is there to hear."""
        self.before: Callable[[], Awaitable[None]] | None = None
        """Done before anything is said: what a message names must be known first."""
        self.dropped = 0

    def text(self, user_id: int, process: str, item: Item) -> None:
        self._add(user_id, process, item)

    def dismiss(self, user_id: int, process: str, listener: int, code: int) -> None:
        if code != Close.GOING_AWAY:  # this process goes, their socket's does not
            self._add(user_id, process, Item(listener, code=code))

    def keep(self, user_id: int, data: bytes) -> None:
        """Remember it for whoever listens for this streamer next."""
        self._kept[user_id].append(data)
        self._is_due.set()

    def answer(self, process: str, answer: Answer) -> None:
        """After what was said to the same process before it."""
        self._plain.append((sockets_channel(process), encode(answer)))
        self._is_due.set()

    def moved(self, user_id: int, process: str) -> None:
        self._plain.append((sockets_channel(process), encode(Moved(user_id))))
        self._is_due.set()

    def forget(self, user_id: int) -> None:
        """Say nothing more of them: another process does."""
        for key in [key for key in self._items if key[0] == user_id]:
            self._count -= len(self._items.pop(key))
        self._kept.pop(user_id, None)

    async def run(self) -> None:
        """Until cancelled."""
        while True:
            await self._is_due.wait()
            self._is_due.clear()
            await self.flush()

    async def flush(self) -> None:
        """All there is, after what is being said already: a later message must not overtake."""
        async with self._turn:
            await self._flush()

    async def _flush(self) -> None:
        words, plain = self._take()
        if self.before is not None and words:
            await self.before()
        try:
            if words:
                self._note(words, await self._bus.speak(words))
            for channel, payload in plain:
                await self._bus.publish(channel, payload)
        except (BusError, OSError, TimeoutError) as error:
            # Nobody knows how much of it was heard.
            self._torn.update((one.user_id, one.channel) for one in words if one.channel)
            log.warning("bus_not_reached", messages=len(words), error=type(error).__name__)
            await asyncio.sleep(RETRY_SECONDS)
            self._is_due.set()
        else:
            await self._mend()

    def _add(self, user_id: int, process: str, item: Item) -> None:
        key = (user_id, process)
        if self._count >= MAX_WAITING:
            self.dropped += 1
            self._torn.add((user_id, sockets_channel(process)))
            return
        self._count += 1
        self._items[key].append(item)
        self._is_due.set()

    def _take(self) -> tuple[list[Words], list[tuple[str, bytes]]]:
        items, self._items = self._items, defaultdict(list)
        kept, self._kept = self._kept, defaultdict(list)
        plain, self._plain = self._plain, []
        self._count = 0
        return self._words(items, kept), plain

    def _words(
        self, items: Mapping[tuple[int, str], list[Item]], kept: Mapping[int, list[bytes]]
    ) -> list[Words]:
        words: list[Words] = []
        rest = dict(kept)
        for (user_id, process), some in items.items():
            if (token := self._token_of(user_id)) is not None:
                payload = encode(Heard(user_id, token, some))
                words.append(Words(user_id, token, sockets_channel(process), payload, rest.pop(user_id, ())))
        for user_id, some_kept in rest.items():
            if (token := self._token_of(user_id)) is not None:
                words.append(Words(user_id, token, "", b"", some_kept))
        return words

    def _note(self, words: list[Words], heard: list[int]) -> None:
        for one, count in zip(words, heard, strict=True):
            if count == REFUSED:
                self.on_refused(one.user_id)
            elif count == 0 and one.channel:
                self.on_unheard(one.channel)

    async def _mend(self) -> None:
        torn, self._torn = self._torn, set()
        for user_id, channel in torn:
            try:
                await self._bus.publish(channel, encode(Moved(user_id)))
            except (BusError, OSError, TimeoutError):
                self._torn.add((user_id, channel))
