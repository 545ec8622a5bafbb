"""A streamer's own blocked words: whole words and phrases, however they are written."""

import re
from collections.abc import Iterator
from functools import lru_cache

from msgspec import Struct

from core.speech.profanity import fold, spelled_out

_WORD = re.compile(r"\w+")
_LONG = re.compile(r"(.)\1{2,}")


class _Blocked(Struct, frozen=True):
    words: frozenset[str]
    phrases: tuple[str, ...]  # of several words, or in a script that writes no blanks
    signs: tuple[str, ...]  # with characters that are no letters: looked for as they are


def has_blocked(text: str, raw: str, blocked: tuple[str, ...]) -> bool:
    """`raw` is the line before pictures and links were taken out: those can be blocked too."""
    wanted = _read(blocked)
    words = list(_words(text))
    if not wanted.words.isdisjoint(words):
        return True
    line = " ".join(words)
    if any(phrase in line for phrase in wanted.phrases):
        return True
    lowered = raw.casefold() if wanted.signs else ""
    return any(sign in lowered for sign in wanted.signs)


def _words(text: str) -> Iterator[str]:
    for word in _WORD.findall(text):
        yield fold(word)
        if _LONG.search(word):
            yield fold(_LONG.sub(r"\1", word))
            yield fold(_LONG.sub(r"\1\1", word))
    yield from (fold(word) for _, word in spelled_out(text))


@lru_cache(maxsize=1_000)
def _read(blocked: tuple[str, ...]) -> _Blocked:
    words, phrases, signs = set(), [], []
    for entry in blocked:
        parts = [fold(part) for part in _WORD.findall(entry)]
        if "".join(parts) != fold("".join(entry.split())):
            signs.append(entry.strip().casefold())
        elif len(parts) == 1 and max(parts[0]) < "\u0e00":
            words.add(parts[0])
        elif parts:
            phrases.append(" ".join(parts))
    return _Blocked(frozenset(words), tuple(phrases), tuple(sign for sign in signs if sign))
