"""A trigger as a sentence of each language."""

from datetime import UTC, datetime
from typing import Any

import pytest

from tests.core.triggers.bodies import parsed
from webapp.miniapp.sentences import text_of
from webapp.miniapp.wording import Say, catalogue


def said(language: str, **fields: Any) -> str:
    say = Say(language, UTC, datetime(2026, 1, 1, tzinfo=UTC), "USD")
    return text_of(parsed(**fields), catalogue(language, "triggers")["sentence"], say)


@pytest.mark.parametrize(
    ("language", "shown"),
    [
        ("en", "show “[Name]: [Gift] × [How many], [Counter wins] {{user}}”"),
        ("ru", "на экране «[Имя]: [Подарок] × [Сколько], [Счётчик wins] {{user}}»"),
        ("es", "en pantalla sale «[Nombre]: [Regalo] × [Cuántos], [Contador wins] {{user}}»"),
    ],
)
def test_fields_of_a_text_are_named_as_on_their_buttons(language: str, shown: str):
    text = "{user}: { gift_name } × {count}, {counter:wins} {{user}}"

    sentence = said(language, action="alert", action_params={"text_template": text})

    assert sentence.endswith(shown)


@pytest.mark.parametrize(
    ("language", "range_", "least"),
    [
        (
            "en",
            "When somebody sends any gift worth between 30 and 198 diamonds, from gifter level 5, "
            "play rose.mp3",
            "When somebody sends any gift worth at least 30 diamonds, from gifter level 5, play rose.mp3",
        ),
        (
            "ru",
            "Когда кто-то дарит любой подарок ценой от 30 до 198 алмазов, с уровнем дарителя от 5, "
            "звучит rose.mp3",
            "Когда кто-то дарит любой подарок ценой от 30 алмазов, с уровнем дарителя от 5, звучит rose.mp3",
        ),
        (
            "es",
            "Cuando alguien envía cualquier regalo de entre 30 y 198 diamantes, con nivel de regalos "
            "desde 5, suena rose.mp3",
            "Cuando alguien envía cualquier regalo de al menos 30 diamantes, con nivel de regalos "
            "desde 5, suena rose.mp3",
        ),
    ],
)
def test_a_least_and_a_most_price_are_one_range(language: str, range_: str, least: str):
    low, level, high = (
        {"key": key, "value": value}
        for key, value in (("min_diamonds", 30), ("min_gifter_level", 5), ("max_diamonds", 198))
    )

    assert said(language, conditions=[low, level, high]) == range_
    assert said(language, conditions=[high, low, level]) == range_
    assert said(language, conditions=[low, level]) == least
