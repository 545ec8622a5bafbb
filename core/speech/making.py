"""One text on its way to audio: the engines in their order, a late one hedged, the first to sound stays."""

import asyncio
from collections import deque
from collections.abc import Sequence

from msgspec import Struct

from core.speech.desk import Desk
from core.speech.model import Reason, SpeechFailed, VoiceChoice
from core.speech.take import Pulse, Take

LAST_PATIENCE = 30.0  # when no engine is left to try: each has time-outs of its own, shorter than this


class Recipe(Struct, frozen=True):
    """What a name stands for."""

    account_id: int
    text: str
    voice: VoiceChoice


class Making:
    def __init__(self, name: str, recipe: Recipe, desks: Sequence[Desk], hedge_after: float) -> None:
        self.name = name
        self.recipe = recipe
        self.is_asked = False
        self.take: Take | None = None  # the one that sounded first
        self.failure: SpeechFailed | None = None
        self.is_over = False
        self._left = deque(desks)
        self._running: dict[Take, tuple[Desk, asyncio.Task[None]]] = {}
        self._hedge_after = hedge_after
        self._pulse = Pulse()

    async def run(self) -> Take | None:
        """The whole audio; None where no engine delivered it. A cut one nobody heard is made by the next."""
        async with asyncio.TaskGroup() as group:
            while self._left:
                take = await self._first_sound(group)
                self._dismiss_others(take)
                if take is None:
                    break
                self.take = take
                self._pulse.beat()
                if await self._is_whole(take) or take.is_heard:
                    break
                self.take = None
        return self.take if self.take and self.take.is_complete else None

    def end(self, failure: SpeechFailed | None = None) -> None:
        """After this nothing changes any more. Safe to call twice."""
        if not self.is_over:
            self.failure = failure
            self.is_over = True
            if self.take:
                self.take.end(failure or SpeechFailed(Reason.CUT))
            self._pulse.beat()

    async def sound(self) -> Take:
        """As soon as somebody speaks; that engine stays then. Raises `SpeechFailed` when nobody will."""
        while not self.is_over and (self.take is None or self.take.failure):
            await self._pulse.wait()
        if self.take and not self.take.failure:
            self.take.is_heard = True
            return self.take
        raise self.failure or SpeechFailed(Reason.DOWN)

    async def whole(self) -> Take:
        """When it is complete and kept. Raises `SpeechFailed` when it will not be."""
        while not self.is_over:
            await self._pulse.wait()
        if self.take and self.take.is_complete:
            return self.take
        raise self.failure or SpeechFailed(Reason.DOWN)

    async def _first_sound(self, group: asyncio.TaskGroup) -> Take | None:
        while self._left:
            self._start(self._left.popleft(), group)
            patience = self._hedge_after if self._left else LAST_PATIENCE
            if take := await self._sound_within(patience):
                return take
            for late, (desk, _) in self._running.items():
                desk.blame_late(late, patience)
        return None

    def _start(self, desk: Desk, group: asyncio.TaskGroup) -> None:
        take = Take(desk.name, self._pulse)
        turn = (self.recipe.account_id, lambda: self.is_asked)
        work = desk.speak_into(take, self.name, self.recipe.text, self.recipe.voice, turn)
        self._running[take] = desk, group.create_task(work, name="speech engine")

    async def _sound_within(self, patience: float) -> Take | None:
        """The first take with audio; None when all that run have failed or kept us waiting."""
        try:
            async with asyncio.timeout(patience):
                while self._running:
                    if take := self._sounding():
                        return take
                    if self._running:
                        await self._pulse.wait()
        except TimeoutError:
            return None
        return None

    def _sounding(self) -> Take | None:
        """One that has audio; those that ended without any are left behind."""
        for take in list(self._running):
            if take.chunks:
                return take
            if take.is_over:
                del self._running[take]
        return None

    def _dismiss_others(self, winner: Take | None) -> None:
        for take, (_, task) in self._running.items():
            if take is not winner:
                task.cancel()
        self._running.clear()

    async def _is_whole(self, take: Take) -> bool:
        while not take.is_over:
            await self._pulse.wait()
        return take.is_complete
