"""Names as a voice can say them."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.speech.names import MAX_NAME, readable_name


@pytest.mark.parametrize(
    ("name", "spoken"),
    [
        ("xX_DarkLord_Xx99", "Dark Lord"),
        ("user2847261", "user"),
        ("Иван_Петров2003", "Иван Петров"),
        ("mr.beast.official", "mr beast official"),
        ("★彡 𝓐𝓷𝓷𝓪 彡★", "Anna"),
        ("ᴊᴏʜɴ", "john"),
        ("🅜🅐🅧", "MAX"),
        ("joséMaría🇪🇸", "joséMaría"),
        ("O'Brien", "O'Brien"),
        ("aaaaaaaaaa", "aa"),
        ("12345678", "1234"),
        ("王小明", "王小明"),
        ("สวัสดี", "สวัสดี"),
        ("नमस्ते", "नमस्ते"),
        ("محمد علي", "محمد علي"),
        ("🔥🔥", ""),
        ("__..__", ""),
        ("", ""),
    ],
)
def test_a_name_as_it_is_spoken(name: str, spoken: str) -> None:
    assert readable_name(name) == spoken


@given(st.text(max_size=300))
def test_any_name_is_short_and_sayable(name: str) -> None:
    said = readable_name(name)

    assert len(said) <= MAX_NAME
    assert not said or any(char.isalnum() for char in said)
