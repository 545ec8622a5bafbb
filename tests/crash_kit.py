"""Kill a process at its N-th commit, as `kill -9` does, and see what the next one finds.

A scenario is a coroutine function at the top of a module: `async def buy(db: Database, *arguments)`. It runs
in a process of its own and works on the database through `db` alone; its arguments and its answer are plain
JSON. What it says to the outside (a stand-in of Telegram, an operator's service) goes to a socket of the
test's process, which outlives it.

    async def order_and_deliver(db: Database, user_id: int) -> None: ...

    @pytest.mark.parametrize("point", crash_kit.points(3), ids=str)
    async def test_an_order_survives_a_kill(db, database_url, point):
        assert (await crash_kit.run(order_and_deliver, database_url, 7, kill=point)).was_killed
        await order_and_deliver(db, 7)                       # or what a server does when it starts again
        ...                                                  # nothing lost, nothing twice

    async def test_no_commit_is_left_out(database_url):
        assert (await crash_kit.run(order_and_deliver, database_url, 7)).commits == 3

`before` kills when everything is written but COMMIT was not said, `after` when the database has said yes and
nothing behind the transaction has run. Commits of every engine in the process count, in their order.
"""

import asyncio
import importlib
import json
import os
import signal
import sys
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

from sqlalchemy import Connection, Engine, Pool, event

from storage.db import Database

Scenario = Callable[..., Awaitable[Any]]

ROOT = Path(__file__).parent.parent
SECONDS = 60.0  # for one scenario; none takes two on a quiet machine
MARK = "crash-kit: "


@dataclass(frozen=True, slots=True)
class Point:
    """Where to die; commits are counted from 1."""

    when: Literal["before", "after"]
    commit: int

    def __str__(self) -> str:
        return f"{self.when}-{self.commit}"


@dataclass(frozen=True, slots=True)
class Outcome:
    was_killed: bool
    commits: int  # 0 where it was killed
    answer: Any = None


def points(commits: int) -> list[Point]:
    """Both sides of each commit, for `pytest.mark.parametrize`."""
    return [Point(when, commit) for commit in range(1, commits + 1) for when in ("before", "after")]


async def run(scenario: Scenario, url: str, *arguments: Any, kill: Point | None = None) -> Outcome:
    """In a new process, to its end or to `kill`. A scenario that raises fails the test with its traceback."""
    name = f"{scenario.__module__}:{scenario.__qualname__}"
    point = [kill.when, str(kill.commit)] if kill else ["never", "0"]
    child = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "tests.crash_kit", name, url, json.dumps(arguments), *point),
        cwd=ROOT,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.PIPE,
    )
    try:
        async with asyncio.timeout(SECONDS):
            told, complained = await child.communicate()
    except TimeoutError:
        child.kill()
        raise
    if child.returncode == -signal.SIGKILL:
        return Outcome(was_killed=True, commits=0)
    assert child.returncode == 0, complained.decode()
    commits, answer = json.loads(told.decode().rpartition(MARK)[2])
    return Outcome(was_killed=False, commits=commits, answer=answer)


# In the child


class Killer:
    """Counts commits, and dies at its point."""

    def __init__(self, when: str, commit: int) -> None:
        self.commits = 0
        self._when = when
        self._commit = commit
        event.listen(Engine, "commit", self._before)
        # A connection goes back to the pool right behind its COMMIT, ahead of what follows the block.
        event.listen(Pool, "checkin", self._after)

    def _before(self, connection: Connection) -> None:
        self.commits += 1
        if self.commits != self._commit:
            return
        if self._when == "before":
            die()
        connection.info["dies"] = True

    def _after(self, _connection: object, record: Any) -> None:
        if self._when == "after" and record.info.get("dies"):
            die()


def die() -> None:
    os.kill(os.getpid(), signal.SIGKILL)


async def act(name: str, url: str, arguments: list[Any]) -> Any:
    module, _, function = name.partition(":")
    scenario = getattr(importlib.import_module(module), function)
    db = Database(url)
    try:
        return await scenario(db, *arguments)
    finally:
        await db.close()


def main(name: str, url: str, arguments: str, when: str, commit: str) -> None:
    killer = Killer(when, int(commit))
    answer = asyncio.run(act(name, url, json.loads(arguments)))
    sys.stdout.write(MARK + json.dumps([killer.commits, answer]))


if __name__ == "__main__":
    main(*sys.argv[1:])
