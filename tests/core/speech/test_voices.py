"""The list of voices holds together."""

import pytest

from core.speech import voices
from core.speech.model import VoiceChoice
from tests.core.speech.engines import FakeEngine, robot


@pytest.mark.parametrize("language", ["en", "ru", "es", "de"])
def test_a_languages_default_voice_is_on_the_list(language: str) -> None:
    assert voices.is_known(voices.default_voice(language))


def test_each_language_of_the_settings_has_its_own_default() -> None:
    assert [voices.language_of(voices.default_voice(language)) for language in ("en", "ru", "es")] == [
        "en",
        "ru",
        "es",
    ]


def test_every_neural_voice_has_a_stand_in_of_its_language_that_is_offered_too() -> None:
    neural = [voice for voice in voices.listed([], None) if not voices.is_espeak(voice.id)]

    assert len(neural) > 80
    assert all(voices.is_known(f"espeak:{voices.espeak_of(voice.id)}") for voice in neural)
    assert all(voice.id.startswith(f"{voice.lang}-") and voice.id.endswith("Neural") for voice in neural)


def test_every_robot_voice_has_a_neural_one_that_stands_in_for_it() -> None:
    robots = [voice for voice in voices.listed([], None) if voices.is_espeak(voice.id)]

    assert all(voices.neural_of(voice.id).startswith(voice.lang) for voice in robots)


@pytest.mark.parametrize("language", ["ru", "RU", "ru-RU", "ru-ru"])
def test_voices_of_a_language_are_found_by_either_name(language: str) -> None:
    assert {voice.lang for voice in voices.listed([], language)} == {"ru-RU"}


def test_an_unknown_language_has_no_voices() -> None:
    assert voices.listed([], "tlh") == []


def test_available_voices_come_first() -> None:
    listed = voices.listed([robot()], "en")

    assert [voice.available for voice in listed] == sorted(
        (voice.available for voice in listed), reverse=True
    )


def test_a_voice_names_the_first_engine_that_has_it() -> None:
    azure, edge = FakeEngine("azure"), FakeEngine("edge")

    assert {voice.engine for voice in voices.listed([azure, edge, robot()], "ru")} == {"azure", "espeak"}


@pytest.mark.parametrize("wild", ["", "nobody", "ru-RU-'/><break time='9s'/>Neural", "espeak:ru+f2;rm"])
def test_a_voice_off_the_list_becomes_the_default(wild: str) -> None:
    assert voices.checked(VoiceChoice(wild)) == VoiceChoice(voices.default_voice("en"))


def test_rate_and_pitch_are_clamped() -> None:
    assert voices.checked(VoiceChoice("espeak:ru", 999, -999)) == VoiceChoice("espeak:ru", 100, -50)


def test_faster_voices_take_less_time() -> None:
    text = "сколько времени это займёт"

    assert voices.estimated_seconds(text, VoiceChoice("espeak:ru", 50)) < voices.estimated_seconds(
        text, VoiceChoice("espeak:ru")
    )
