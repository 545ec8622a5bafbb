"""File names of sounds: what of the name a phone sends is kept, and when two names are one."""

import re
import unicodedata
from functools import lru_cache

MAX_LENGTH = 100
MAX_KEY = 200

_JOINERS = "\u200c\u200d"  # hold letters and emoji together; every other invisible character goes
_UNSAFE = re.compile(r'[<>:"|?*]')
_NO_NAME = "sound.mp3"


def clean(filename: str) -> str:
    """The last part of a path without control and reserved characters; empty when nothing is left."""
    last = re.split(r"[/\\]", filename)[-1]
    return _shortened(" ".join(_UNSAFE.sub("", _visible(last)).split()).strip(". "))


def is_kept_whole(filename: str) -> bool:
    """Whether it has a name that is all one sees of it: `a/b` would become `b`."""
    return clean(filename) == " ".join(_visible(filename).split()) != ""


def stored(filename: str) -> str:
    """What an upload called `filename` is called from then on."""
    return clean(filename) or _NO_NAME


@lru_cache(maxsize=4_096)
def key(filename: str) -> str:
    """Equal for names that differ in case or spelling of the same letters only."""
    folded = unicodedata.normalize("NFKC", clean(filename)).casefold()
    return unicodedata.normalize("NFKC", folded)[:MAX_KEY]


def _visible(text: str) -> str:
    return "".join(char for char in unicodedata.normalize("NFC", text) if _is_kept(char))


def _is_kept(char: str) -> bool:
    return char.isspace() or char in _JOINERS or unicodedata.category(char) not in {"Cc", "Cf", "Cs"}


def _shortened(name: str) -> str:
    if len(name) <= MAX_LENGTH:
        return name
    stem, dot, extension = name.rpartition(".")
    if not dot or len(extension) > 10:
        return name[:MAX_LENGTH].rstrip(". ")
    return stem[: MAX_LENGTH - len(extension) - 1].rstrip(". ") + dot + extension
