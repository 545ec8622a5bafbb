"""Open sockets hear that an order moved, whichever process moved it."""

import asyncio
from collections import OrderedDict
from datetime import timedelta

import msgspec
import structlog

from core.clock import Clock
from core.messages import OrderUpdate
from core.orders import shown
from core.orders.views import OrderView, view_of
from core.studios import Studios
from storage.db import Database, DatabaseError
from storage.models import ChangeKind

log = structlog.get_logger(__name__)

RECENT = timedelta(seconds=90)  # longer than a change may take to be seen
AT_ONCE = 20  # orders of one streamer
MAX_KNOWN = 10_000


class OrderNews:
    """Subscribe `noticed` to the change feed."""

    def __init__(self, db: Database, studios: Studios, clock: Clock) -> None:
        self._db = db
        self._studios = studios
        self._clock = clock
        self._waiting: set[int] = set()  # streamers, at most as many as are open
        self._asked = asyncio.Event()
        self._told: OrderedDict[int, int] = OrderedDict()  # order to the version that was told

    def noticed(self, user_id: int, kind: ChangeKind) -> None:
        if kind is ChangeKind.ORDER and self._studios.is_open(user_id):
            self._waiting.add(user_id)
            self._asked.set()

    async def run(self) -> None:
        """Until cancelled."""
        while True:
            await self._asked.wait()
            self._asked.clear()
            while self._waiting:
                await self._tell(self._waiting.pop())

    async def _tell(self, user_id: int) -> None:
        try:
            async with self._db.read() as uow:
                rows = await uow.orders.changed_since(user_id, self._clock.now() - RECENT, AT_ONCE)
        except (DatabaseError, OSError) as error:
            log.warning("order_news_lost", error=type(error).__name__)
            return
        for view in sorted((view_of(row) for row in rows), key=lambda one: one.id):
            if self._told.get(view.id) != view.version:
                self._note(view)
                self._studios.tell(user_id, OrderUpdate(order=msgspec.to_builtins(shown.order(view))))

    def _note(self, view: OrderView) -> None:
        self._told[view.id] = view.version
        self._told.move_to_end(view.id)
        if len(self._told) > MAX_KNOWN:
            self._told.popitem(last=False)
