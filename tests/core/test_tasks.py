"""Tasks end with their pool, also one whose cancelling was lost."""

import asyncio

from core.tasks import TaskPool


async def test_a_task_that_lost_its_cancelling_is_cancelled_again(monkeypatch):
    monkeypatch.setattr("core.tasks.CANCEL_AGAIN_SECONDS", 0.01)
    lost = []

    async def work():
        while True:
            try:
                await asyncio.Event().wait()
            except asyncio.CancelledError:
                if lost:
                    raise
                lost.append("its connection broke meanwhile")

    async with asyncio.timeout(30), TaskPool() as tasks:
        task = tasks.spawn(work(), name="work")
        await asyncio.sleep(0)

    assert (task.cancelled(), len(lost)) == (True, 1)
