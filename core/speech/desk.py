"""One engine with the line in front of it, its health, and the texts it has nothing to say to."""

from collections import Counter, OrderedDict
from collections.abc import Callable
from contextlib import aclosing

import structlog

from core.clock import Clock
from core.counting import spoken
from core.speech.gate import Gate
from core.speech.health import Health
from core.speech.model import Reason, SpeechFailed, Synthesizer, VoiceChoice
from core.speech.take import Take

log = structlog.get_logger(__name__)

MUTE_SECONDS = 600.0
MAX_MUTE = 5_000


class Desk:
    def __init__(self, engine: Synthesizer, clock: Clock) -> None:
        self.engine = engine
        self.name = engine.name
        self.outcomes: Counter[str] = Counter()  # `spoken`, `given_up`, or the reason of a failure
        self.first_sound = spoken()  # from the engine's turn to its first byte
        self._clock = clock
        self._gate = Gate(engine.parallel)
        self._health = Health()
        self._mute: OrderedDict[str, float] = OrderedDict()  # audio name -> until when it is not tried again

    @property
    def is_resting(self) -> bool:
        return self._health.is_resting(self._clock.monotonic())

    def is_mute(self, name: str) -> bool:
        return self._mute.get(name, 0) > self._clock.monotonic()

    async def speak_into(
        self, take: Take, name: str, text: str, voice: VoiceChoice, turn: tuple[int, Callable[[], bool]]
    ) -> None:
        """Fill `take`, which is over, well or not, afterwards. `turn`: the account, and whether it waits."""
        async with self._gate.turn(*turn):
            take.began_at = self._clock.monotonic()
            outcome = "given_up"
            try:
                await self._fill(take, text, voice)
            except SpeechFailed as failure:
                outcome = failure.reason.value
                self._note(failure, take, name)
                take.end(failure)
            else:
                outcome = "spoken"
                self._health.succeeded()
                take.end()
            finally:
                self.outcomes[outcome] += 1

    async def _fill(self, take: Take, text: str, voice: VoiceChoice) -> None:
        began = self._clock.monotonic()
        async with aclosing(self.engine.synthesize(text, voice)) as audio:
            async for chunk in audio:
                if not take.size:
                    self.first_sound.note(self._clock.monotonic() - began)
                take.add(chunk)
        if not take.size:
            raise SpeechFailed(Reason.NO_AUDIO)

    def blame_late(self, take: Take, patience: float) -> None:
        """`take` kept us waiting. Only the engine's own time counts, not the time in its line."""
        now = self._clock.monotonic()
        if take.began_at is not None and now - take.began_at >= patience * 0.9 and not take.is_blamed:
            take.is_blamed = True
            self._failed(Reason.LATE)

    def _note(self, failure: SpeechFailed, take: Take, name: str) -> None:
        if failure.reason in (Reason.NO_AUDIO, Reason.CRASHED, Reason.HUNG):
            self._mute[name] = self._clock.monotonic() + MUTE_SECONDS
            if len(self._mute) > MAX_MUTE:
                self._mute.popitem(last=False)
        if not take.is_blamed:
            self._failed(failure.reason)

    def _failed(self, reason: Reason) -> None:
        was_resting = self.is_resting
        self._health.failed(reason, self._clock.monotonic())
        log.debug("speech_engine_failed", engine=self.name, reason=reason)
        if self.is_resting and not was_resting:
            log.warning("speech_engine_rests", engine=self.name, reason=reason)
