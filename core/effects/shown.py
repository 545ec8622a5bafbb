"""Words for the screen: names and lines as people wrote them, bad words starred."""

import re
from collections.abc import Sequence
from functools import lru_cache

from core.live.events import Fact
from core.reading import Context
from core.settings import Settings
from core.speech.profanity import masked
from core.triggers.templates import Template

MASK = "***"
MAX_SHOWN = 300


def shown(template: Template, fact: Fact, settings: Settings, context: Context) -> str:
    text = template.render(fact, context.counters, context.room)[:MAX_SHOWN]
    if settings.blocked_words:
        text = _blocked(tuple(settings.blocked_words)).sub(MASK, text)
    return text if settings.profanity_mode == "off" else masked(text, MASK)


@lru_cache(maxsize=256)
def _blocked(words: Sequence[str]) -> re.Pattern[str]:
    """Whole words, in any case."""
    return re.compile("|".join(rf"(?<!\w){re.escape(word)}(?!\w)" for word in words), re.IGNORECASE)
