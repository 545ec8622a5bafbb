"""Speech for everybody: a name is handed out at once, its audio is made once, however many ask for it."""

import asyncio
import hashlib
import hmac
from collections import OrderedDict
from collections.abc import Callable, Sequence
from typing import Protocol

import msgspec
import structlog

from core.clock import Clock
from core.errors import Invalid, NotFound, PlanLimit, Unavailable
from core.speech import voices
from core.speech.audio import Audio
from core.speech.cache import Kept, SpeechCache
from core.speech.desk import Desk
from core.speech.making import Making, Recipe
from core.speech.model import BYTES_PER_SECOND, SpeechFailed, Spoken, Synthesizer, VoiceChoice
from core.speech.script import is_pronounceable
from core.speech.text import VERSION
from core.speech.workshop import Workshop
from core.tasks import TaskPool
from storage.media import MediaFailure, MediaStore

log = structlog.get_logger(__name__)

SCHEMA = 1  # of the name: raise it when the same text must sound different
MAX_RECIPES = 20_000
MAX_TEXT = 1_000
LOAD_SECONDS = 10.0
GRACE_SECONDS = 60.0
"""How long a stand-in's audio is served when a better engine is back: a phone may be reading parts of it."""
ELSEWHERE_SECONDS = 5.0
"""How long another process that began to make it is waited for; then it is made here, too."""
REPEAT_GRACE_SECONDS = 2.0
"""The same, when the text is said anew."""


class Elsewhere(Protocol):
    """What other processes hand out and make. `core.cluster.speech_notes.SpeechNotes`."""

    def handed_out(self, name: str, recipe: Recipe, *, is_begun: bool) -> None: ...

    def made(self, name: str) -> None: ...

    async def recipe(self, name: str) -> tuple[Recipe, bool] | None: ...

    async def wait_made(self, name: str, seconds: float) -> bool: ...


class Speech:
    """Built once. Accounts share nothing: the same text of two accounts has two names and is made twice."""

    def __init__(
        self,
        engines: Sequence[Synthesizer],
        media: MediaStore,
        *,
        media_key: bytes,
        clock: Clock,
        tasks: TaskPool,
        hedge_after: float = 4.0,
        cache_bytes: int = 1_000_000_000,
    ) -> None:
        self.allow: Callable[[int, int], bool] = lambda _account_id, _characters: True
        """Asked before a new text is made: may this account speak so many characters more today?"""
        self.refuse: Callable[[int], PlanLimit] = lambda _account_id: PlanLimit()
        """What an account is told where `allow` says no and somebody waits for the answer."""
        self.on_measured: Callable[[str, float], None] = lambda _name, _seconds: None
        """Told the real length in seconds once the audio of a name is complete."""
        self.elsewhere: Elsewhere | None = None
        """Other processes, whose phones ask for what was handed out here, and the other way round."""
        self.desks = tuple(Desk(engine, clock) for engine in engines)
        self.kept = 0  # texts handed out whose audio stood ready
        self._cache = SpeechCache(media, clock, cache_bytes)
        self._media_key = media_key
        self._clock = clock
        self._tasks = tasks
        self._hedge_after = hedge_after
        self._recipes: OrderedDict[str, Recipe] = OrderedDict()
        self._workshop = Workshop(tasks, self._make)
        self._is_loaded = asyncio.Event()

    def start(self) -> None:
        """Get ready in the background; what is asked for meanwhile waits for the cache's index."""
        _ = self._tasks.spawn(self._load(), name="speech cache")
        for desk in self.desks:
            _ = self._tasks.spawn(desk.engine.warm(), name=f"speech {desk.name}")

    async def close(self) -> None:
        self._workshop.close()
        for desk in self.desks:
            await desk.engine.close()

    @property
    def being_made(self) -> int:
        return self._workshop.count

    @property
    def speaking_engine(self) -> str | None:
        """Who speaks now: the first engine that is not resting. None: nobody."""
        awake = (desk.name for desk in self.desks if not desk.is_resting)
        local = (desk.name for desk in self.desks if desk.engine.is_local)
        return next(awake, None) or next(local, None)

    def speakers(self, voice: VoiceChoice) -> tuple[str | None, str | None]:
        """Who speaks this voice now, and who does when nobody rests."""
        lineup = self._lineup(voice)
        awake = next((desk.name for desk in lineup if not desk.is_resting), None)
        local = next((desk.name for desk in lineup if desk.engine.is_local), None)
        return awake or local, next((desk.name for desk in lineup), None)

    def has_spoken(self, engine: str | None) -> bool:
        """Whether it has, since this process began: who was never asked may be out of reach."""
        return any(desk.outcomes["spoken"] for desk in self.desks if desk.name == engine)

    def voices(self, language: str | None = None) -> list[voices.Voice]:
        """All, or those of a language such as `ru` or `en-GB`; `available`: one of our engines has it."""
        return voices.listed([desk.engine for desk in self.desks], language)

    def hand_out(
        self, account_id: int, text: str, voice: VoiceChoice, *, begin: bool = True
    ) -> Spoken | None:
        """The name of this speech, whose making begins. None: nothing to pronounce, or `allow` says no.

        Not `begin`: it is made once somebody asks for it by name.
        """
        text = text[:MAX_TEXT].encode("utf-8", "ignore").decode().strip()  # half characters have no name
        if not is_pronounceable(text):
            return None
        recipe = Recipe(account_id, text, voices.checked(voice))
        name = self._name(recipe)
        kept = self._find(name, recipe, REPEAT_GRACE_SECONDS)
        if kept:
            self.kept += 1
            self._hand_out(name, recipe, is_begun=False)
            return Spoken(name, kept.size / BYTES_PER_SECOND)
        if not self._workshop.get(name):
            if not self.allow(account_id, len(text)):
                return None
            self._hand_out(name, recipe, is_begun=begin)
            if begin:
                self._begin(name, recipe)
        return Spoken(name, voices.estimated_seconds(text, recipe.voice))

    def known(self, name: str) -> bool:
        return name in self._recipes or any(self._cache.find(name, desk.name) for desk in self.desks)

    def forget(self, name: str) -> None:
        """Nobody is going to play it: stop making it, unless it was asked for already."""
        self._workshop.forget(name)

    async def open(self, name: str, *, whole: bool = False) -> Audio:
        """The audio as soon as it sounds; `whole`: only when complete (a Range request needs its end).

        Raises `NotFound` for a name never handed out or long ago, `Unavailable` when every engine failed.
        """
        await self._loaded()
        if not self.known(name) and not await self._learn(name):
            raise NotFound
        for _ in range(2):  # what broke off before it was ours is made anew, once
            if not self._workshop.get(name) and (kept := await self._ready(name)):
                return kept
            try:
                return await self._listen(self._asked(name), whole=whole)
            except SpeechFailed as error:
                log.debug("speech_failed", reason=error.reason)
        raise Unavailable(service="speech")

    async def preview(self, account_id: int, text: str, voice: VoiceChoice) -> Audio:
        """Raises `Invalid`, `PlanLimit` where `allow` says no, `Unavailable`."""
        if not is_pronounceable(text):
            raise Invalid("nothing to pronounce", field="text")
        spoken = self.hand_out(account_id, text, voice)
        if spoken is None:
            raise self.refuse(account_id)
        return await self.open(spoken.name)

    # Other processes

    def _hand_out(self, name: str, recipe: Recipe, *, is_begun: bool) -> None:
        self._remember(name, recipe)
        if self.elsewhere is not None:
            self.elsewhere.handed_out(name, recipe, is_begun=is_begun)

    async def _learn(self, name: str) -> bool:
        """Whether another process has handed the name out. What it has made by now, or makes, is its."""
        found = await self.elsewhere.recipe(name) if self.elsewhere is not None else None
        if found is None or self.elsewhere is None:
            return False
        recipe, is_begun = found
        self._remember(name, recipe)
        if not await self._adopt(name, recipe) and is_begun:
            _ = await self.elsewhere.wait_made(name, ELSEWHERE_SECONDS)
            _ = await self._adopt(name, recipe)
        return True

    async def _adopt(self, name: str, recipe: Recipe) -> bool:
        for desk in self._lineup(recipe.voice):
            if await self._cache.adopt(name, desk.name):
                return True
        return False

    # Names and what is kept

    def _name(self, recipe: Recipe) -> str:
        voice = recipe.voice
        key = [SCHEMA, VERSION, recipe.account_id, voice.voice_id, voice.rate, voice.pitch, recipe.text]
        return f"tts/{hmac.digest(self._media_key, msgspec.json.encode(key), hashlib.sha256).hex()[:40]}.mp3"

    def _remember(self, name: str, recipe: Recipe) -> None:
        self._recipes[name] = recipe
        self._recipes.move_to_end(name)
        if len(self._recipes) > MAX_RECIPES:
            self._recipes.popitem(last=False)

    def _lineup(self, voice: VoiceChoice) -> list[Desk]:
        """Those that have the voice, in their order, then those with one that stands in for it."""
        return sorted(self.desks, key=lambda desk: not desk.engine.has_voice(voice.voice_id))

    def _find(self, name: str, recipe: Recipe | None, grace: float) -> Kept | None:
        """The best audio there is, unless it is a stand-in's and a better engine could be asked again."""
        could_be_better = False
        for desk in self._lineup(recipe.voice) if recipe else self.desks:
            kept = self._cache.find(name, desk.name)
            if kept:
                is_outdated = could_be_better and self._clock.monotonic() - kept.made_at > grace
                return None if is_outdated else kept
            could_be_better |= recipe is not None and not desk.is_resting and not desk.is_mute(name)
        return None

    async def _ready(self, name: str) -> Audio | None:
        recipe = self._recipes.get(name)
        kept = self._find(name, recipe, GRACE_SECONDS)
        if not kept or not await self._cache.is_there(kept):
            return None
        first = self._lineup(recipe.voice)[0].name if recipe else self.desks[0].name
        return Audio(kept.media_name, is_lasting=kept.engine == first)

    # Making

    def _begin(self, name: str, recipe: Recipe) -> Making | None:
        lineup = [desk for desk in self._lineup(recipe.voice) if not desk.is_mute(name)]
        awake = [desk for desk in lineup if not desk.is_resting]
        desks = awake or [desk for desk in lineup if desk.engine.is_local]
        making = Making(name, recipe, desks, self._hedge_after)
        return making if self._workshop.begin(making) else None

    def _asked(self, name: str) -> Making:
        """What is being made under this name, begun again if need be. Raises `NotFound`, `Unavailable`."""
        making = self._workshop.get(name)
        if making is None:
            recipe = self._recipes.get(name)
            if recipe is None:
                raise NotFound
            making = self._begin(name, recipe)
        if making is None:
            raise Unavailable(service="speech")
        making.is_asked = True
        return making

    async def _listen(self, making: Making, *, whole: bool) -> Audio:
        if not whole:
            return Audio(take=await making.sound())
        take = await making.whole()
        return await self._ready(making.name) or Audio(take=take)

    async def _make(self, making: Making) -> None:
        await self._loaded()
        if self._find(making.name, making.recipe, REPEAT_GRACE_SECONDS):
            return  # an earlier run of the server has left it
        take = await making.run()
        if take is None:
            return
        self.on_measured(making.name, take.size / BYTES_PER_SECOND)
        try:
            await self._cache.put(making.name, take.engine, take.data())
        except MediaFailure as error:
            log.warning("speech_not_kept", error=str(error))
            return
        if self.elsewhere is not None:
            self.elsewhere.made(making.name)

    # The index of what earlier runs left

    async def _load(self) -> None:
        try:
            await self._cache.load()
        except MediaFailure as error:
            log.warning("speech_cache_not_read", error=str(error))
        finally:
            self._is_loaded.set()

    async def _loaded(self) -> None:
        if not self._is_loaded.is_set():
            try:
                async with asyncio.timeout(LOAD_SECONDS):
                    await self._is_loaded.wait()
            except TimeoutError:
                self._is_loaded.set()
