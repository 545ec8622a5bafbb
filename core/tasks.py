"""Owner of every detached task, so that none is lost and none dies silently."""

import asyncio
import contextvars
from collections.abc import Coroutine
from typing import Any, Self

import structlog

log = structlog.get_logger(__name__)

CANCEL_AGAIN_SECONDS = 1.0


class TaskPool:
    def __init__(self) -> None:
        self._tasks: set[asyncio.Task[Any]] = set()

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.close()

    async def close(self) -> None:
        """Cancel what still runs and wait for it to end. May be called more than once."""
        while tasks := [task for task in self._tasks if not task.done()]:
            for task in tasks:
                task.cancel()
            # Again where it was lost: a connection that breaks while it is cancelled raises its own error.
            await asyncio.wait(tasks, timeout=CANCEL_AGAIN_SECONDS)

    def spawn(
        self, work: Coroutine[Any, Any, None], *, name: str, user_id: int | None = None
    ) -> asyncio.Task[None]:
        """`user_id`: whom its lines of the log concern."""
        # A context of its own: a task outlives the request that started it, and must not log as that one.
        context = contextvars.Context()
        if user_id is not None:
            context.run(structlog.contextvars.bind_contextvars, user_id=user_id)
        task = asyncio.create_task(work, name=name, context=context)
        self._tasks.add(task)
        task.add_done_callback(self._reap)
        return task

    def _reap(self, task: asyncio.Task[None]) -> None:
        self._tasks.discard(task)
        if not task.cancelled() and (error := task.exception()):
            log.error("task_failed", task=task.get_name(), exc_info=error)
