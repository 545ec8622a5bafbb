"""The line in front of an engine."""

import asyncio

from core.speech.gate import Gate


class Turns:
    """Notes who is let in, in order. Who holds the only place keeps it until `end`."""

    def __init__(self) -> None:
        self.gate = Gate(1)
        self.order: list[str] = []
        self.may_end = asyncio.Event()
        self.tasks: list[asyncio.Task[None]] = []

    async def ask(self, who: str, account_id: int, *, is_urgent: bool = False) -> None:
        self.tasks.append(asyncio.create_task(self._take_turn(who, account_id, is_urgent=is_urgent)))
        await asyncio.sleep(0)

    async def _take_turn(self, who: str, account_id: int, *, is_urgent: bool) -> None:
        async with self.gate.turn(account_id, lambda: is_urgent):
            self.order.append(who)
            await self.may_end.wait()

    async def end(self) -> None:
        self.may_end.set()
        await asyncio.gather(*self.tasks, return_exceptions=True)


async def test_accounts_take_turns() -> None:
    turns = Turns()
    for who, account_id in (("a1", 1), ("a2", 1), ("a3", 1), ("b1", 2), ("b2", 2)):
        await turns.ask(who, account_id)
    await turns.end()

    assert turns.order == ["a1", "a2", "b1", "a3", "b2"]


async def test_what_somebody_waits_for_goes_first() -> None:
    turns = Turns()
    for who in ("a1", "a2"):
        await turns.ask(who, 1)
    await turns.ask("urgent", 2, is_urgent=True)
    await turns.end()

    assert turns.order == ["a1", "urgent", "a2"]


async def test_who_gives_up_leaves_no_gap() -> None:
    turns = Turns()
    await turns.ask("a1", 1)
    await turns.ask("gone", 1)
    await turns.ask("a2", 1)
    turns.tasks[1].cancel()
    await turns.end()

    assert turns.order == ["a1", "a2"]


async def test_who_gives_up_while_being_called_passes_the_place_on() -> None:
    turns = Turns()
    for who in ("first", "called", "next"):
        await turns.ask(who, 1)
    turns.tasks[0].cancel()
    turns.tasks[1].cancel()
    await turns.end()

    assert turns.order == ["first", "next"]


async def test_places_come_back() -> None:
    gate = Gate(2)
    for _ in range(5):
        async with gate.turn(1, lambda: False), gate.turn(2, lambda: False):
            pass

    assert gate._free == 2


async def test_a_place_freed_while_a_waiting_one_is_cancelled_goes_to_the_next() -> None:
    turns = Turns()
    for who in ("first", "cancelled", "next"):
        await turns.ask(who, 1)

    turns.tasks[1].cancel()
    await turns.end()

    assert turns.order == ["first", "next"]
