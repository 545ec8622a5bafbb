"""Names as a voice can say them."""

import re

from core.speech.script import cut, is_pronounceable, plain

MAX_NAME = 32
_MAX_DIGITS = 4

_FRAMED = re.compile(r"[xX]{2}[\W_]*(.+?)[\W_]*[xX]{2}\d*")  # xX_DarkLord_Xx99
_HUMP = re.compile(r"(?<=[a-zа-яё])(?=[A-ZА-ЯЁ])")
# Punctuation but the apostrophe. Not \W, which would take the vowel signs of Thai or Hindi along.
_SEPARATORS = re.compile(r"[\s!-&(-/:-@\[-`{-~\u00a1-\u00bf\u2010-\u2018\u201a-\u205e\u3000-\u303f]+")
_TRAILING_DIGITS = re.compile(r"(?<=[^\W\d_])\s?\d+$")
_REPEATS = re.compile(r"(\w)\1{2,}")
_ORNAMENTS = re.compile("[彡ツッシღ〆乂个〤ஜ۞۩༒꧁꧂亗么气]+")  # drawings around a European name
_EUROPEAN = re.compile("[A-Za-zА-Яа-я]{2}")


def readable_name(name: str) -> str:
    """`xX_DarkLord_Xx99` -> `Dark Lord`, `user2847261` -> `user`; empty where there is nothing to say."""
    said = plain(name[:200])
    if _EUROPEAN.search(said):
        said = _ORNAMENTS.sub(" ", said)
    if framed := _FRAMED.fullmatch(said):
        said = framed[1]
    said = _SEPARATORS.sub(" ", _HUMP.sub(" ", said)).strip()
    said = _REPEATS.sub(r"\1\1", _TRAILING_DIGITS.sub("", said))
    if said.replace(" ", "").isdigit():
        said = said.replace(" ", "")[:_MAX_DIGITS]
    return cut(said, MAX_NAME) if is_pronounceable(said) else ""
