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

# Their pictures, as `core.sounds.peaks` draws them of what `synthesis` makes.
_PEAKS = """
chime 65 60 53 68 77 68 61 100 90 80 72 65 59 53 47 43 40 36 32 29 26 24 22 20 18 16 15 14 12 11 10 10 9 8 7 7 6 6 5 5 4 4 4 3 3 3 3 2 2 2 2 2 2 2 1 1 1 1 1 1 1 1 1 1
bell 93 100 95 87 78 71 66 60 54 51 46 42 39 36 33 30 28 25 24 22 20 18 17 16 14 14 12 11 11 10 9 8 8 7 7 6 6 5 5 5 4 4 4 3 3 3 3 3 2 2 2 2 2 2 2 1 1 1 1 1 1 1 1 1
coin 80 77 69 62 56 67 95 93 100 91 82 76 66 61 57 49 45 42 37 34 32 28 25 23 22 19 18 16 15 14 12 11 11 9 9 8 7 7 6 6 5 5 5 4 4 4 3 3 3 2 2 2 2 2 2 2 1 1 1 1 1 1 1 1
pop 50 100 96 79 84 69 71 65 58 54 51 48 45 40 37 37 31 32 27 26 25 23 21 19 18 17 16 14 14 12 12 11 10 9 9 8 8 7 7 6 6 5 5 5 4 4 4 3 3 3 3 3 2 2 2 2 2 2 2 1 1 1 1 1
fanfare 52 77 77 77 77 77 89 100 86 83 78 76 93 96 87 81 78 77 91 97 89 81 78 77 77 77 77 77 77 77 77 77 77 77 77 77 77 77 77 77 77 77 77 77 77 77 77 77 77 77 77 77 77 77 77 77 77 77 69 53 37 21 7 0
"""  # noqa: E501 # a table
PEAKS = {name: [int(peak) for peak in rest] for name, *rest in map(str.split, _PEAKS.strip().splitlines())}

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
