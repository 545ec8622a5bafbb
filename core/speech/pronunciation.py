"""Names as the streamer wants them said."""

from collections.abc import Mapping, Sequence
from functools import lru_cache

from core.settings import Pronunciation
from core.speech.names import readable_name
from core.speech.script import plain


def name_key(name: str) -> str:
    """Equal for names that differ in case, decoration or an `@` only."""
    return (plain(name) or name.strip()).casefold().removeprefix("@")


def told(pronunciations: Sequence[Pronunciation], *names: str) -> str | None:
    """How the streamer says the viewer of these names; None: as a voice does."""
    if not pronunciations:
        return None
    known = _known(tuple(pronunciations))
    return next((known[key] for name in names if (key := name_key(name)) and key in known), None)


def spoken_name(name: str, pronunciations: Sequence[Pronunciation] = ()) -> str:
    """One name as it is said; empty where there is nothing to say."""
    return told(pronunciations, name) or readable_name(name)


@lru_cache(maxsize=1_000)
def _known(pronunciations: tuple[Pronunciation, ...]) -> Mapping[str, str]:
    return {name_key(one.name): one.say for one in pronunciations}
