"""A supervisor that runs: started and stopped by whoever owns the studio."""

import asyncio
from collections.abc import Callable

from core.clock import Clock
from core.live.budgets import Budgets
from core.live.source import Head, LiveSource, LiveState, LiveStatus
from core.live.supervision import StudioSink
from core.live.supervisor import Supervisor
from core.tasks import TaskPool


class Listening:
    def __init__(self, supervisor: Supervisor, task: asyncio.Task[None]) -> None:
        self._supervisor = supervisor
        self._task = task

    @property
    def state(self) -> LiveState:
        return self._supervisor.state

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
        self,
        unique_id: str,
        sink: StudioSink,
        on_change: Callable[[LiveStatus], None],
        head: Head | None = None,
    ) -> Listening:
        supervisor = Supervisor(unique_id, self._source, sink, self._budgets, self._clock, on_change)
        supervisor.head = head
        task = self._tasks.spawn(supervisor.run(), name=f"live {unique_id}", user_id=sink.user_id)
        return Listening(supervisor, task)
