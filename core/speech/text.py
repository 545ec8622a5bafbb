"""What of a line is spoken: no links, emoji, endless repeats or long numbers, no bad words, no novels."""

import re
from collections.abc import Sequence

from msgspec import Struct

from core.settings import ProfanityMode, Pronunciation
from core.speech.blocking import has_blocked
from core.speech.profanity import has_profanity, masked
from core.speech.pronunciation import spoken_name
from core.speech.script import cut, is_pronounceable, plain

VERSION = 1  # raise it when the same line is prepared differently
MAX_RAW = 500  # TikTok lets a viewer write 150
MAX_REPEATED_WORDS = 3

_LINK_WORDS = {"en": "link", "ru": "ссылка", "es": "enlace"}
_BEEPS = {"en": "beep", "ru": "пип", "es": "pip"}

# Endings that are words too, such as `me` or `to`, make a link only with a path behind them.
_LINK = re.compile(
    r"(?:https?://|www\.)\S+"
    r"|(?<![\w.@-])(?:[\w-]+\.)+(?:com|net|org|ru|рф|su|ua|by|kz|tv|gg|io|info|biz|xyz|online|site|store|shop|club"
    r"|live|app|dev|link|page|pro|top|vip|bet|casino|space|website|co\.uk|com\.\w\w)\b(?:[/?#:]\S*)?"
    r"|(?<![\w.@-])(?:[\w-]+\.)+[a-z]{2,6}/\S+",
    re.IGNORECASE,
)
_MENTION = re.compile(r"(?<!\w)@([\w.]{1,40})")
_LONG_NUMBER = re.compile(r"(\d{12})\d+")
_REPEATS = re.compile(r"(\S)\1{3,}")
_SYLLABLES = re.compile(r"(\w{2,4}?)\1{3,}")


class Prepared(Struct, frozen=True):
    text: str | None
    skipped_by: str | None = None  # "blocked_word", "profanity", "unpronounceable": why there is no text


def prepare(
    text: str,
    *,
    language: str,
    max_length: int,
    blocked_words: Sequence[str] = (),
    profanity_mode: ProfanityMode = "mask",
    pronunciations: Sequence[Pronunciation] = (),
) -> Prepared:
    """One line of a viewer, made fit for a voice, or the reason why it is not spoken."""
    raw = text[:MAX_RAW]
    said = _without_links(plain(raw), _LINK_WORDS.get(language, _LINK_WORDS["en"]))
    if "@" in said:
        said = _MENTION.sub(lambda mention: spoken_name(mention[1], pronunciations), said)
    if blocked_words and has_blocked(said, raw, tuple(blocked_words)):
        return Prepared(None, "blocked_word")
    if profanity_mode == "skip" and has_profanity(said):
        return Prepared(None, "profanity")
    if profanity_mode == "mask":
        said = masked(said, _BEEPS.get(language, _BEEPS["en"]))
    said = cut(_shortened(said), max_length)
    return Prepared(said) if is_pronounceable(said) else Prepared(None, "unpronounceable")


def _without_links(text: str, word: str) -> str:
    return _LINK.sub(word, text) if "." in text or "://" in text else text


def _shortened(text: str) -> str:
    """At most three equal letters, syllables or words in a row, and twelve digits."""
    text = _REPEATS.sub(r"\1\1\1", text)
    text = _SYLLABLES.sub(r"\1\1\1", text)
    return _few_repeated(_LONG_NUMBER.sub(r"\1", text))


def _few_repeated(text: str) -> str:
    kept: list[str] = []
    last, times = "", 0
    for word in text.split():
        times = times + 1 if word.casefold() == last else 1
        last = word.casefold()
        if times <= MAX_REPEATED_WORDS:
            kept.append(word)
    return " ".join(kept)
