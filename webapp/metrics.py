"""`/metrics`: what this process counts, and what its database says of the whole installation.

The rest of the program counts in plain numbers and knows nothing of Prometheus. No label names a person:
all come from small fixed sets.
"""

import asyncio
from collections.abc import Callable, Iterator, Mapping
from functools import cache
from math import isinf

from aiohttp import web
from msgspec import Struct
from prometheus_client import (
    CONTENT_TYPE_LATEST,
    CollectorRegistry,
    Counter,
    Histogram,
    Metric,
    generate_latest,
)
from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, HistogramMetricFamily
from prometheus_client.registry import Collector

from core.admin.watching import Figures, Waiting
from core.census import take
from core.counting import Spread
from core.listener import Place
from core.live.budgets import Line
from core.live.source import LiveState
from core.money import nightly
from core.money.nightly import Verified
from core.services import Services
from storage.db import DatabaseError
from storage.shared.reach import Away

CONTENT_TYPE = CONTENT_TYPE_LATEST

ASK_SECONDS = 3.0  # for what the database says: a scrape waits ten

REQUESTS = Counter("ttboost_http_requests", "Answered requests", ["method", "route", "status"])
SECONDS = Histogram("ttboost_http_request_seconds", "From request to answer, sockets left out", ["route"])

_requests, _seconds = cache(REQUESTS.labels), cache(SECONDS.labels)  # routes, methods and statuses are few


def count_request(method: str, route: str, status: int) -> None:
    _requests(method, route, status).inc()


def time_request(route: str, seconds: float) -> None:
    _seconds(route).observe(seconds)


_BUDGETS: tuple[tuple[str, str, Callable[[Line], float]], ...] = (
    ("limit", "Turns of TikTok's look-ups and the sign server in a minute", lambda line: line.limit),
    ("used", "Turns taken in the last minute", lambda line: line.used),
    ("waiting", "Streamers in line for one", lambda line: line.waiting),
    ("held_seconds", "For how much longer the other side wants nobody", lambda line: line.held_seconds),
)


class _Shared(Struct, frozen=True):
    """The same whichever process is asked."""

    totals: Figures
    waiting: Waiting
    verified: Verified | None


class Metrics(Collector):
    def __init__(self, services: Services) -> None:
        self._services = services
        self._shared: _Shared | None = None
        self._has_bus = False
        self._registry = CollectorRegistry(auto_describe=False)
        self._registry.register(self)

    async def start(self, _app: web.Application) -> None:
        _ = self._services.tasks.spawn(self._services.counts.watch_loop(), name="event loop")

    async def text(self) -> bytes:
        """For Prometheus. Without its database a process still tells what it knows itself."""
        try:
            async with asyncio.timeout(ASK_SECONDS):
                self._shared = await self._ask()
        except (DatabaseError, OSError, TimeoutError):
            self._shared = None
        self._has_bus = await self._finds_bus()
        return generate_latest() + generate_latest(self._registry)

    def collect(self) -> Iterator[Metric]:
        yield from self._studios()
        yield from self._speech()
        yield from self._budgets()
        yield from self._telegram()
        yield from self._storage()
        yield _gauge("database_up", "1: it answers", float(self._shared is not None))
        if self._services.reach is not None:
            yield _gauge("bus_up", "1: it answers", float(self._has_bus))
        if self._shared is not None:
            yield from _installation(self._shared)

    async def _finds_bus(self) -> bool:
        if self._services.reach is None:
            return False
        try:
            await self._services.reach.ask(lambda redis: redis.ping())
        except Away:
            return False
        return True

    async def _ask(self) -> _Shared:
        watching, db = self._services.admin.watching, self._services.db
        async with db.read() as uow:
            verified = await nightly.last(uow)
        return _Shared(await watching.totals(), await watching.waiting(), verified)

    def _studios(self) -> Iterator[Metric]:
        counts, now = self._services.counts, self._services.clock.monotonic()
        census = take(self._services.local.open_now() if self._services.local else (), now)
        lives = {state.value: census.lives[state] for state in LiveState}
        yield _gauges("lives", "Streamers of this process", "state", lives)
        sockets = {place.value: census.sockets[place] for place in Place}
        yield _gauges("sockets", "Open sockets", "place", sockets)
        yield _gauge("socket_messages_waiting", "For sockets that do not take them yet", census.behind)
        closed = {str(code): count for code, count in counts.closed.items()}
        yield _counters("sockets_closed", "Sockets we ended", "code", closed)
        what = "From a frame to the socket that took its text"
        yield _histogram("frame_to_socket_seconds", what, counts.frame_to_socket)
        yield _histogram("loop_late_seconds", "How late the event loop wakes whom is due", counts.late)
        yield _gauge("backlog_seconds", "Audio still to be played, all streamers", census.backlog_sum)
        yield _gauge("backlog_seconds_max", "The same of the streamer with most", census.backlog_max)
        unheard = self._services.journal.unheard_by
        yield _counters("audio_left_out", "Messages whose audio was not played", "why", unheard)

    def _speech(self) -> Iterator[Metric]:
        speech = self._services.speech
        outcomes = CounterMetricFamily(
            "ttboost_speech", "Texts given to an engine, by what came of them", labels=["engine", "outcome"]
        )
        for desk in speech.desks:
            for outcome, count in desk.outcomes.items():
                outcomes.add_metric([desk.name, outcome], count)
        yield outcomes
        spreads = {desk.name: desk.first_sound for desk in speech.desks}
        what = "From an engine's turn to its first byte"
        yield _histograms("speech_first_byte_seconds", what, "engine", spreads)
        resting = {desk.name: desk.is_resting for desk in speech.desks}
        yield _gauges("speech_engine_resting", "1: it fails and is left alone", "engine", resting)
        yield _counter("speech_kept", "Texts whose audio stood ready", speech.kept)
        yield _gauge("speech_making", "Texts being made into audio", speech.being_made)

    def _budgets(self) -> Iterator[Metric]:
        budgets = self._services.budgets
        if budgets is None:
            return
        lines = {"lookups": budgets.lookups, "signatures": budgets.signatures}
        for name, what, of in _BUDGETS:
            yield _gauges(f"budget_{name}", what, "of", {label: of(line) for label, line in lines.items()})

    def _telegram(self) -> Iterator[Metric]:
        sending = self._services.counts.sending
        yield _gauge("telegram_messages_waiting", "For their turn under the flood limits", sending.waiting)
        what = "How long messages waited for their turn"
        yield _histogram("telegram_delay_seconds", what, sending.delay)
        yield _counters("telegram_messages", "Messages to Telegram", "outcome", sending.outcomes)

    def _storage(self) -> Iterator[Metric]:
        journal, counts = self._services.journal, self._services.counts
        yield _gauge("journal_rows_waiting", "History still to be written", journal.waiting)
        yield _counter("journal_rows_lost", "History that gave way", journal.lost)
        in_use, most = self._services.db.connections
        yield _gauge("database_connections", "In use", in_use)
        yield _gauge("database_connections_limit", "How many there may be", most)
        spreads = {"read": counts.reads, "write": counts.writes}
        what = "Units of work, with the wait for a connection and for the turn to write"
        yield _histograms("database_seconds", what, "kind", spreads)


def _installation(shared: _Shared) -> Iterator[Metric]:
    totals, waiting, verified = shared.totals, shared.waiting, shared.verified
    yield _gauges("orders", "Orders", "status", totals.orders)
    yield _gauges("licenses", "License keys", "status", totals.licenses)
    yield _gauge("tickets_waiting", "Tickets waiting for an answer", waiting.tickets)
    yield _gauge("notices_waiting", "Notices that are due and not sent", waiting.notices)
    if since := waiting.oldest_notice_at:
        yield _gauge("notices_oldest_timestamp_seconds", "Since when the oldest is due", since.timestamp())
    if verified is not None:
        at = verified.at.timestamp()
        yield _gauge("ledger_verified_timestamp_seconds", "Last verification", at)
        yield _gauge("ledger_broken", "What did not hold in it", verified.broken)


def _gauge(name: str, what: str, value: float) -> Metric:
    return GaugeMetricFamily(f"ttboost_{name}", what, value=value)


def _gauges(name: str, what: str, label: str, values: Mapping[str, float]) -> Metric:
    family = GaugeMetricFamily(f"ttboost_{name}", what, labels=[label])
    for value, number in values.items():
        family.add_metric([value], number)
    return family


def _counter(name: str, what: str, value: float) -> Metric:
    return CounterMetricFamily(f"ttboost_{name}", what, value=value)


def _counters(name: str, what: str, label: str, values: Mapping[str, float]) -> Metric:
    family = CounterMetricFamily(f"ttboost_{name}", what, labels=[label])
    for value, number in values.items():
        family.add_metric([value], number)
    return family


def _histogram(name: str, what: str, spread: Spread) -> Metric:
    return HistogramMetricFamily(f"ttboost_{name}", what, buckets=_buckets(spread), sum_value=spread.sum)


def _histograms(name: str, what: str, label: str, spreads: Mapping[str, Spread]) -> Metric:
    family = HistogramMetricFamily(f"ttboost_{name}", what, labels=[label])
    for value, spread in spreads.items():
        family.add_metric([value], _buckets(spread), spread.sum)
    return family


def _buckets(spread: Spread) -> list[tuple[str, float]]:
    return [("+Inf" if isinf(bound) else str(bound), count) for bound, count in spread.cumulative()]
