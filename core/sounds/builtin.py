"""Sounds that come with the program: usable by name, never listed, shared by all."""

import hashlib
from pathlib import Path

from msgspec import Struct

from core.sounds import names
from core.sounds.workshop import SoundWorkshop
from storage.media import MediaStore


class SoundRef(Struct, frozen=True):
    """What is needed to play a sound."""

    filename: str
    media_name: str
    duration: float  # seconds


SECONDS = {"chime": 2.0, "bell": 2.5, "coin": 0.9, "pop": 0.18, "fanfare": 1.6}

_FOLDER = "builtin"
# New code, new names: they are cached for long, and an old server may still hand out its own.
_VERSION = hashlib.sha256(Path(__file__).with_name("synthesis.py").read_bytes()).hexdigest()[:12]

BUILTIN = {
    name: SoundRef(name, f"{_FOLDER}/{name}-{_VERSION}.mp3", seconds) for name, seconds in SECONDS.items()
}


def get_builtin(filename: str) -> SoundRef | None:
    return BUILTIN.get(names.key(filename))


async def install(media: MediaStore, workshop: SoundWorkshop) -> None:
    """Put into the media store whatever of them is not there yet."""
    there = {info.name for info in await media.list(_FOLDER)}
    if all(sound.media_name in there for sound in BUILTIN.values()):
        return
    for name, mp3 in (await workshop.synthesize()).items():
        await media.put(BUILTIN[name].media_name, mp3)
