import pytest

from core.sounds.kinds import HEAD_BYTES, container_of
from tests.core.sounds.files import encoded, mp3, tone, wav


@pytest.mark.parametrize(
    ("head", "container"),
    [
        (b"ID3\x04\x00\x00\x00\x00\x00\x00", "mp3"),
        (b"\xff\xfb\x90\x64\x00", "mp3"),
        (b"\xff\xf3\x48\xc4\x00", "mp3"),
        (b"\xff\xf1\x50\x80\x00", "aac"),
        (b"RIFF\x24\x08\x00\x00WAVEfmt ", "wav"),
        (b"OggS\x00\x02", "ogg"),
        (b"fLaC\x00\x00", "flac"),
        (b"\x00\x00\x00\x1cftypM4A ", "mov"),
        (b"\x1aE\xdf\xa3\x01", "matroska"),
    ],
)
def test_the_first_bytes_tell_the_container(head, container):
    assert container_of(head) == container


@pytest.mark.parametrize(
    "head",
    [
        b"",
        b"I",
        b"\x00" * 16,
        b"\xff\xff\xff\xff",  # layer and bit rate no encoder writes
        b"\xff\xfb\x00\x00",  # free format
        b"\xff\xfe\x00\x00",  # UTF-16 text
        b"\xff\xd8\xff\xe0\x00\x10JFIF",
        b"\x89PNG\r\n\x1a\n",
        b"RIFF\x24\x08\x00\x00AVI LIST",
        b"PK\x03\x04",
        b"<html><body>",
        b"#EXTM3U\n",
        b"ffconcat version 1.0",
        b"v=0\r\no=- 0 0 IN IP4",
        b"<?xml version='1.0'?><MPD",
        b"MZ\x90\x00",
    ],
)
def test_everything_else_is_no_sound(head):
    assert container_of(head) is None


@pytest.mark.parametrize(
    ("data", "container"),
    [
        (mp3(), "mp3"),
        (wav(tone()), "wav"),
        (encoded("ogg", "libopus"), "ogg"),
        (encoded("flac", "flac"), "flac"),
        (encoded("ipod", "aac"), "mov"),
        (encoded("mp4", "aac"), "mov"),
        (encoded("webm", "libopus"), "matroska"),
        (encoded("adts", "aac"), "aac"),
    ],
)
def test_real_files_are_known_by_their_head_alone(data, container):
    assert container_of(data[:HEAD_BYTES]) == container
