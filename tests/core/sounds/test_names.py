import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.sounds import names


@pytest.mark.parametrize(
    ("sent", "kept"),
    [
        ("rose_sound.mp3", "rose_sound.mp3"),
        ("bell.wav", "bell.wav"),
        ("Звук розы.mp3", "Звук розы.mp3"),
        ("玫瑰 🌹.ogg", "玫瑰 🌹.ogg"),
        ("👩‍👧.mp3", "👩‍👧.mp3"),
        ("Cafe\u0301.mp3", "Café.mp3"),
        ("../../etc/passwd", "passwd"),
        ("C:\\Users\\me\\rose.mp3", "rose.mp3"),
        ("/rose.mp3", "rose.mp3"),
        ("..", ""),
        ("a/..", ""),
        (".hidden.mp3", "hidden.mp3"),
        ("rose.mp3...", "rose.mp3"),
        ("  two   blanks .mp3 ", "two blanks .mp3"),
        ("line\nbreak\x00\x07.mp3", "line break.mp3"),
        ("a<b>c|d?.mp3", "abcd.mp3"),
        ("exe\u202e3pm.exe", "exe3pm.exe"),
        ("\ud800.mp3", "mp3"),
        ("", ""),
    ],
)
def test_clean_keeps_what_is_harmless(sent, kept):
    assert names.clean(sent) == kept


def test_a_long_name_loses_its_middle_not_its_extension():
    assert names.clean("я" * 300 + ".mp3") == "я" * 96 + ".mp3"
    assert names.clean("a." + "b" * 300) == "a." + "b" * 98


def test_nothing_left_still_gets_a_name():
    assert names.stored("../..") == "sound.mp3"


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("Rose.MP3", "rose.mp3"),
        ("РОЗА.mp3", "роза.mp3"),
        ("Straße.mp3", "STRASSE.mp3"),
        ("Cafe\u0301.mp3", "café.mp3"),
        ("ｒｏｓｅ.mp3", "rose.mp3"),
    ],
)
def test_names_that_look_the_same_have_one_key(one, other):
    assert names.key(one) == names.key(other)


def test_the_extension_tells_sounds_apart():
    assert names.key("bell.wav") != names.key("bell.mp3")


@given(st.text(st.characters(exclude_categories=[]), max_size=400))
def test_any_name_becomes_a_safe_one(sent):
    name = names.stored(sent)

    assert 1 <= len(name) <= names.MAX_LENGTH
    assert not set(name) & set('/\\<>:"|?*\x00\n')
    assert name == unicodedata.normalize("NFC", name)
    assert not name.startswith(".")
    assert name.encode()


@given(st.text(max_size=400))
def test_what_was_stored_is_found_by_either_name(sent):
    name = names.stored(sent)

    assert names.clean(name) == name
    assert names.key(names.clean(sent)) == names.key(sent)
    assert len(names.key(sent)) <= names.MAX_KEY
