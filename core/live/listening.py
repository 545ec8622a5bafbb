"""A supervisor that runs: started and stopped by whoever owns the studio."""

import asyncio
from collections.abc import Callable

from core.clock import Clock
from core.live.budgets import Budgets
from core.live.source import LiveSource, LiveStatus, SessionSink
from core.live.supervisor import Supervisor
from core.tasks import TaskPool


class Listening:
    def __init__(self, supervisor: Supervisor, task: asyncio.Task[None]) -> None:
        self._supervisor = supervisor
        self._task = task

    @property
    def status(self) -> LiveStatus:
        return self._supervisor.status

    def check_now(self) -> None:
        self._supervisor.check_now()

    def stop(self) -> None:
        self._task.cancel()


class Listeners:
    """Starts supervisors over one source and its shared budgets."""

    def __init__(self, source: LiveSource, budgets: Budgets, clock: Clock, tasks: TaskPool) -> None:
        self._source = source
        self._budgets = budgets
        self._clock = clock
        self._tasks = tasks

    def __call__(
        self, unique_id: str, sink: SessionSink, on_change: Callable[[LiveStatus], None]
    ) -> Listening:
        supervisor = Supervisor(unique_id, self._source, sink, self._budgets, self._clock, on_change)
        return Listening(supervisor, self._tasks.spawn(supervisor.run(), name=f"live {unique_id}"))
