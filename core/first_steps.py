"""The first-run guide: how far somebody has come, told by what really happened and not by what was clicked.

Nothing of it is stored. A player or overlay counts while it is connected, and for good once one of them has
said that it played something: history keeps that. Older history is deleted, so an account whose first LIVE
is older than that is taken to know its way.
"""

from collections.abc import Iterable
from datetime import timedelta

from msgspec import Struct

from core.clock import Clock
from core.glance import Glance
from core.live.events import EventType
from core.settings import Settings
from core.triggers import service as triggers
from core.triggers.model import ConditionKey, PlaySound, Speak, Trigger
from storage.db import UnitOfWork

ROSE = "Rose"
STEPS = ("name", "place", "sound", "heard", "live")


class Steps(Struct, frozen=True, kw_only=True):
    has_name: bool
    has_place: bool  # a player or overlay is connected, or once played something
    reads_chat: bool
    rings: bool  # for gifts no trigger rings for
    has_rose: bool  # a trigger plays a sound for a Rose
    has_more: bool  # any trigger that can be heard
    was_heard: bool  # a device said that it played something
    was_live: bool
    is_known: bool  # older than what is remembered of it

    @property
    def done(self) -> dict[str, bool]:
        has_sound = self.reads_chat or self.rings or self.has_rose or self.has_more
        facts = (self.has_name, self.has_place, has_sound, self.was_heard, self.was_live)
        return dict(zip(STEPS, facts, strict=True))

    @property
    def current(self) -> str | None:
        """The first one that is not done."""
        return next((name for name, is_done in self.done.items() if not is_done), None)

    @property
    def is_over(self) -> bool:
        """Whoever was heard in a LIVE needs no guide, even with everything switched off since."""
        return (self.was_heard and self.was_live) or self.is_known


async def look(
    uow: UnitOfWork, user_id: int, glance: Glance | None, settings: Settings, clock: Clock, kept: timedelta
) -> Steps:
    """`glance`: of the studio, where one is open; `kept`: how long history is."""
    first_live = await uow.lives.first_started_at(user_id)
    was_heard = (glance is not None and glance.is_heard) or await uow.history.has_played(user_id)
    enabled = [trigger for trigger in await triggers.list_all(uow, user_id) if trigger.enabled]
    return Steps(
        has_name=settings.tiktok_username is not None,
        has_place=was_heard or (glance is not None and bool(glance.places)),
        reads_chat=settings.tts_enabled and settings.chat_tts_mode != "off",
        rings=settings.gift_sounds_enabled and settings.default_gift_sound is not None,
        has_rose=settings.gift_sounds_enabled and any(_is_rose(trigger) for trigger in enabled),
        has_more=_can_be_heard(enabled, settings),
        was_heard=was_heard,
        was_live=first_live is not None or (glance is not None and glance.running is not None),
        is_known=first_live is not None and clock.now() - first_live > kept,
    )


def _is_rose(trigger: Trigger) -> bool:
    names = [one.value for one in trigger.conditions if one.key is ConditionKey.GIFT_NAME]
    is_rose = trigger.event_type is EventType.GIFT and any(one.casefold() == ROSE.casefold() for one in names)
    return is_rose and isinstance(trigger.params, PlaySound)


def _can_be_heard(enabled: Iterable[Trigger], settings: Settings) -> bool:
    """`gift_sounds_enabled` silences sounds of gifts alone."""
    return any(
        (isinstance(trigger.params, Speak) and settings.tts_enabled)
        or (
            isinstance(trigger.params, PlaySound)
            and (settings.gift_sounds_enabled or trigger.event_type is not EventType.GIFT)
        )
        for trigger in enabled
    )
