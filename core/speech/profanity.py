"""Finds bad words in Russian, Ukrainian, English and Spanish, spelled straight or with look-alikes and gaps.

The words stand in `profanity.txt`; the rules for reading a word stand here.
"""

import re
import unicodedata
from collections.abc import Callable, Iterator
from functools import lru_cache
from importlib.resources import files

_LATIN_AS_CYRILLIC = str.maketrans("abcehkmoptxyu13460@", "авсенкмортхуиизчбоа")
_CYRILLIC_AS_LATIN = str.maketrans("авсекмнортухіѕһјц01345@$!", "abcekmhoptyxishjuoieas" + "asi")
_LOOKS_CYRILLIC = re.compile(r"[abcehkmoptxyu13460@]+")

_WORD = re.compile(r"[\w@$!*]*\w[\w@$*]*")
_SPACED = re.compile(r"(?<![^\W_])(?:[^\W_][\W_]{1,2}){2,30}[^\W_](?![^\W_])")  # "f u c k": letters with gaps
_REPEAT = re.compile(r"(.)\1+")
_LONG = re.compile(r"(.)\1{2,}")
_MAX_WORD = 48


def masked(text: str, mask: str) -> str:
    """`text` with `mask` in the place of each bad word."""
    for start, end in reversed(list(_bad_spans(text))):
        text = f"{text[:start]}{mask}{text[end:]}"
    return text


def has_profanity(text: str) -> bool:
    return next(_bad_spans(text), None) is not None


def spelled_out(text: str) -> list[tuple[tuple[int, int], str]]:
    """Words written as single letters with gaps, `f u c k` or `f.u.c.k`: where, and which."""
    return [
        (match.span(), "".join(char for char in match[0] if char.isalnum()))
        for match in _SPACED.finditer(text)
    ]


@lru_cache(maxsize=50_000)
def fold(word: str) -> str:
    """Small letters without accents; й and ñ are letters of their own and stay."""
    word = word.casefold().replace("ё", "е")
    if word.isascii():
        return word
    kept = [
        char
        for char in unicodedata.normalize("NFD", word)
        if not unicodedata.combining(char) or char in "\u0306\u0303\u0308"
    ]
    composed = unicodedata.normalize("NFC", "".join(kept))
    return composed.translate(_PLAIN)


_PLAIN = str.maketrans("äëïöüãõӓӧ", "aeiouaoао")


def _bad_spans(text: str) -> Iterator[tuple[int, int]]:
    """Where they stand, from left to right."""
    taken = 0
    spaced = [span for span, word in spelled_out(text) if is_bad(word)]
    words = (match.span() for match in _WORD.finditer(text) if is_bad(match[0]))
    for start, end in sorted([*spaced, *words]):
        if start >= taken:
            yield start, end
            taken = end


@lru_cache(maxsize=50_000)
def is_bad(word: str) -> bool:
    """Whether one word is bad. Chat repeats itself: most words are answered from memory."""
    if len(word) > _MAX_WORD or len(word) < 2:
        return False
    folded = fold(word).strip("!_")
    if not folded or _CLEAN(folded):
        return False
    return any((_CYRILLIC if max(one) >= "а" else _LATIN)(one) for one in _readings(folded))


def _readings(word: str) -> set[str]:
    """The word as it may be meant: letters of the other alphabet, a star for a letter, shorter repeats."""
    readings = {word, *_in_other_alphabet(word)}
    if "*" in word.strip("*"):
        readings |= {one.strip("*").replace("*", letter) for one in readings for letter in "уеиаляоыuiaoe"}
    for one in list(readings):
        if _REPEAT.search(one):
            readings |= {_LONG.sub(r"\1", one), _LONG.sub(r"\1\1", one), _REPEAT.sub(r"\1", one)}
    return readings


def _in_other_alphabet(word: str) -> Iterator[str]:
    has_cyrillic = any("а" <= char <= "я" or char in "іїєґ" for char in word)
    if has_cyrillic or _LOOKS_CYRILLIC.fullmatch(word):
        yield word.translate(_LATIN_AS_CYRILLIC)
    if not word.isalpha() or (has_cyrillic and not word.isascii()):
        yield word.translate(_CYRILLIC_AS_LATIN)


def _sections() -> dict[str, list[str]]:
    sections: dict[str, list[str]] = {}
    lines = (files("core.speech") / "profanity.txt").read_text("utf-8").splitlines()
    current: list[str] = []
    for line in lines:
        if line.startswith("["):
            current = sections.setdefault(line.strip("[]"), [])
        elif line and not line.startswith("#"):
            current.append(line)
    return sections


def _matcher(patterns: list[str]) -> Callable[[str], object]:
    return re.compile("|".join(f"(?:{pattern})" for pattern in patterns)).fullmatch


_LISTS = _sections()
_CYRILLIC = _matcher(_LISTS["cyrillic"])
_LATIN = _matcher(_LISTS["latin"])
_CLEAN = _matcher(_LISTS["clean"])
