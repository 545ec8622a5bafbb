"""All texts being made into audio at this moment: one making a name, and never too many of them."""

import asyncio
from collections import Counter
from collections.abc import Callable, Coroutine
from typing import Any

from core.speech.making import Making
from core.speech.model import Reason, SpeechFailed
from core.tasks import TaskPool

MAX_MAKINGS = 200


class Workshop:
    """When it is full, the oldest text nobody has asked for yet gives way.

    Are all awaited, it is the newest of the account with the most, for one that has fewer; else the new one.
    """

    def __init__(self, tasks: TaskPool, work: Callable[[Making], Coroutine[Any, Any, None]]) -> None:
        self._tasks = tasks
        self._work = work
        self._makings: dict[str, tuple[Making, asyncio.Task[None]]] = {}

    @property
    def count(self) -> int:
        return len(self._makings)

    def get(self, name: str) -> Making | None:
        making, _ = self._makings.get(name, (None, None))
        return making

    def begin(self, making: Making) -> bool:
        """False: there is no room."""
        if len(self._makings) >= MAX_MAKINGS and not self._make_room(making):
            return False
        task = self._tasks.spawn(self._run(making), name="speech", user_id=making.recipe.account_id)
        self._makings[making.name] = making, task
        return True

    def forget(self, name: str) -> None:
        """Stop making it, unless somebody has asked for it."""
        making = self.get(name)
        if making and not making.is_asked:
            self._stop(name)

    def close(self) -> None:
        for name in list(self._makings):
            self._stop(name)

    def _make_room(self, new: Making) -> bool:
        loser = self._first_unasked() or self._newest_of_the_greediest(new.recipe.account_id)
        if loser is not None:
            self._stop(loser)
        return loser is not None

    def _first_unasked(self) -> str | None:
        return next((name for name, (making, _) in self._makings.items() if not making.is_asked), None)

    def _newest_of_the_greediest(self, account_id: int) -> str | None:
        counts = Counter(making.recipe.account_id for making, _ in self._makings.values())
        [(greediest, most)] = counts.most_common(1)
        if most <= counts[account_id] + 1:
            return None
        theirs = [
            name for name, (making, _) in self._makings.items() if making.recipe.account_id == greediest
        ]
        return theirs[-1]

    def _stop(self, name: str) -> None:
        making, task = self._makings.pop(name)
        task.cancel()
        making.end(SpeechFailed(Reason.DOWN, "given up"))

    async def _run(self, making: Making) -> None:
        try:
            await self._work(making)
        finally:
            making.end(SpeechFailed(Reason.DOWN))
            if self.get(making.name) is making:
                del self._makings[making.name]
