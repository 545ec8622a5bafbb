"""Characters: what a voice cannot say goes, what only looks like a letter becomes one."""

import re
import unicodedata

# Pictures and signs: arrows, technical, boxes, dingbats, emoji, flags, and what glues them to each other.
_PICTURES = re.compile(
    "[\u00a9\u00ae\u2122\u20e3\u200d\ufe00-\ufe0f\u2190-\u21ff\u2300-\u23ff\u2400-\u27bf\u2900-\u297f"
    "\u2b00-\u2bff\u3030\u303d\u3297\u3299\ue000-\uf8ff\ufffc\ufffd"
    "\U0001f000-\U0001faff\U000e0000-\U000e01ef\U000f0000-\U0010ffff]+"
)
_UNSPEAKABLE = re.compile(
    # Marks piled on letters; NFKC has already joined those that belong to one, as in й or ñ.
    "[\u0300-\u036f\u0483-\u0489\u1ab0-\u1aff\u1dc0-\u1dff\u20d0-\u20f0\ufe20-\ufe2f"
    "\ud800-\udfff"  # halves of characters
    # Controls and invisible formatting.
    "\u0000-\u0008\u000b\u000c\u000e-\u001f\u007f-\u009f\u00ad\u034f\u0600-\u0605\u061c\u06dd\u070f\u08e2"
    "\u115f\u1160\u17b4\u17b5\u180b-\u180f\u200b\u200c\u200e\u200f\u202a-\u202e\u2060-\u206f\u3164\ufeff\uffa0"
    "\ufff0-\ufffb]+"
)

_SMALL_CAPITALS = "ᴀʙᴄᴅᴇꜰɢʜɪᴊᴋʟᴍɴᴏᴘꞯʀꜱᴛᴜᴠᴡxʏᴢ"
_BLACK_CIRCLES, _BLACK_SQUARES = 0x1F150, 0x1F170  # NFKC knows all other decorated alphabets
_LETTERS = {ord(small): "abcdefghijklmnopqrstuvwxyz"[place] for place, small in enumerate(_SMALL_CAPITALS)}
for _first in (_BLACK_CIRCLES, _BLACK_SQUARES):
    _LETTERS |= {_first + place: letter for place, letter in enumerate("ABCDEFGHIJKLMNOPQRSTUVWXYZ")}


def plain(text: str) -> str:
    """NFKC without controls, piled marks and pictures; decorated letters are letters, blanks are single."""
    if not text.isascii():
        text = text.translate(_LETTERS) if _IS_DECORATED.search(text) else text
        text = unicodedata.normalize("NFKC", text)
        text = _UNSPEAKABLE.sub("", _PICTURES.sub(" ", text))
    elif not text.isprintable():
        text = _UNSPEAKABLE.sub("", text)
    return " ".join(text.split())


def is_pronounceable(text: str) -> bool:
    return any(char.isalnum() for char in text)


def cut(text: str, length: int) -> str:
    """At most `length` characters, at the end of a word where one is near."""
    if len(text) <= length:
        return text
    end = text.rfind(" ", length // 2, length + 1)
    return text[: end if end > 0 else length].rstrip()


_IS_DECORATED = re.compile(f"[{''.join(map(chr, _LETTERS))}]".replace("x", ""))
