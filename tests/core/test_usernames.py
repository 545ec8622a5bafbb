"""A TikTok handle, however it was copied."""

import pytest

from core.errors import Invalid
from core.usernames import normalise


@pytest.mark.parametrize(
    "text",
    [
        "anna.live",
        " @Anna.Live ",
        "https://www.tiktok.com/@anna.live",
        "https://www.tiktok.com/@Anna.Live?_t=ZN-8abc&_r=1",
        "http://m.tiktok.com/@anna.live/",
        "tiktok.com/@anna.live/live",
        "www.TikTok.com/@anna.live#top",
    ],
)
def test_a_name_and_a_link_to_its_profile_are_the_same(text: str):
    assert normalise(text) == "anna.live"


@pytest.mark.parametrize(
    "text",
    [
        "https://example.com/@anna.live",
        "https://tiktok.com.example.com/@anna.live",
        "https://www.tiktok.com/anna.live",
        "https://www.tiktok.com/@",
        "https://www.tiktok.com/@имя",
        "see https://www.tiktok.com/@anna.live",
        "@@anna",
    ],
)
def test_any_other_address_is_no_name(text: str):
    with pytest.raises(Invalid) as refused:
        normalise(text, "tiktok_username")

    assert refused.value.details["field"] == "tiktok_username"
