"""What of a line is spoken."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.settings import ProfanityMode
from core.speech.text import Prepared, prepare

ZALGO = "п\u0336р\u0336и\u0336в\u0337\u0322е\u0336т"


def said(text: str, *, language: str = "ru", max_length: int = 200) -> str | None:
    return prepare(text, language=language, max_length=max_length).text


@pytest.mark.parametrize(
    ("line", "spoken"),
    [
        ("Привет, как дела?", "Привет, как дела?"),
        ("  много \t пробелов \n тут ", "много пробелов тут"),
        ("𝓗𝓮𝓵𝓵𝓸 ⓦⓞⓡⓛⓓ 🅷🅸 ᴡᴏʀʟᴅ Ｆｕｌｌ", "Hello world HI world Full"),
        (ZALGO, "привет"),
        ("a\u200bb\u202ec\x00d\ud800e", "abcde"),
        ("стоп 🔥🔥❤️‍🔥👨‍👩‍👧🇷🇺 класс 👍🏽", "стоп класс"),
        ("жду на https://t.me/abc?x=1 сейчас", "жду на ссылка сейчас"),
        ("www.site.ru или site.com/path и ok.RU", "ссылка или ссылка и ссылка"),
        ("t.me/abc bit.ly/x", "ссылка ссылка"),
        ("my-shop.com и -site.ru и a-b.c-d.org/x", "ссылка и ссылка и ссылка"),
        ("привет.как дела", "привет.как дела"),
        ("it is 2.5 or trust.me", "it is 2.5 or trust.me"),
        ("@dark_lord2003 зайди", "dark lord зайди"),
        ("ааааааааа!!!!!!", "ааа!!!"),
        ("хахахахахаха", "хахаха"),
        ("го го ГО го го играть", "го го ГО играть"),
        ("звони 88005553535123456", "звони 880055535351"),
        ("20° и 50% и 10$", "20° и 50% и 10$"),
        ("สวัสดีครับ", "สวัสดีครับ"),
        ("नमस्ते", "नमस्ते"),
        ("مرحبا بكم", "مرحبا بكم"),
        ("你好 こんにちは", "你好 こんにちは"),
        ("<break time='5s'/> [[h@l'oU]]", "<break time='5s'/> [[h@l'oU]]"),
    ],
)
def test_a_line_as_it_is_spoken(line: str, spoken: str) -> None:
    assert said(line) == spoken


@pytest.mark.parametrize("line", ["", "   ", "😂😂😂", "?!...", "👍🏽", "\u200b", "___"])
def test_what_cannot_be_pronounced_is_skipped(line: str) -> None:
    assert prepare(line, language="en", max_length=200) == Prepared(None, "unpronounceable")


def test_a_link_is_named_in_the_streamers_language() -> None:
    spoken = {language: said("https://x.com", language=language) for language in ("en", "ru", "es", "fr")}

    assert spoken == {"en": "link", "ru": "ссылка", "es": "enlace", "fr": "link"}


def test_a_long_line_ends_at_a_word() -> None:
    assert said("один два три четыре", max_length=14) == "один два три"


def test_of_an_endless_line_only_the_beginning_is_looked_at() -> None:
    words = " ".join(f"слово{number}" for number in range(1_000))

    assert said(words, max_length=10_000) == words[:500]


def test_a_long_word_is_cut() -> None:
    assert said("абвгдежзиклмн", max_length=5) == "абвгд"


@pytest.mark.parametrize(
    ("mode", "prepared"),
    [
        ("mask", Prepared("ну ты пип!")),
        ("skip", Prepared(None, "profanity")),
        ("off", Prepared("ну ты сука!")),
    ],
)
def test_profanity_modes(mode: ProfanityMode, prepared: Prepared) -> None:
    assert prepare("ну ты сука!", language="ru", max_length=200, profanity_mode=mode) == prepared


@pytest.mark.parametrize(
    "line",
    [
        "какой СПОЙЛЕР",
        "спооооойлер!",
        "с.п.о.й.л.е.р",
        "спо\u200bйлер",
        "это мой другой  стример тут",
        "Кафе открыто",
        "звони +7 999",
        "🔥 горит",
        "我爱剧透啊",
    ],
)
def test_a_line_with_a_blocked_word_is_not_spoken(line: str) -> None:
    blocked = ["спойлер", "Другой Стример", "кафе", "+7 999", "🔥", "剧透"]

    prepared = prepare(line, language="ru", max_length=200, blocked_words=blocked, profanity_mode="off")

    assert prepared == Prepared(None, "blocked_word")


def test_only_whole_words_are_blocked() -> None:
    prepared = prepare("кот который котлета", language="ru", max_length=200, blocked_words=["ко", "отл", " "])

    assert prepared.text == "кот который котлета"


@given(st.text(max_size=400), st.integers(1, 500))
def test_any_text_is_spoken_within_its_length_or_skipped(text: str, length: int) -> None:
    prepared = prepare(text, language="en", max_length=length, blocked_words=("a b", "c"))

    assert (prepared.text is None) == (prepared.skipped_by is not None)
    assert prepared.text is None or 0 < len(prepared.text) <= length
    assert prepared.text is None or prepared.text.encode()


@pytest.mark.parametrize(
    "piece", ["a", "a ", "ab", "@a", "a.", "http://", "x y", "\u0301", "1", "ا", "f.", "*", "xX_", "\u0e47"]
)
def test_a_megabyte_of_anything_is_prepared(piece: str) -> None:
    prepared = prepare(piece * 500_000, language="en", max_length=200, blocked_words=["a a"])

    assert len(prepared.text or "") <= 200
