import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.errors import InvalidVideoUrl
from core.orders import links
from core.orders.links import ShortLink, VideoLink

VIDEO_ID = "7300000000000000001"


@pytest.mark.parametrize(
    ("given", "url"),
    [
        ("https://tiktok.com/@user/video/123456789", "https://tiktok.com/@user/video/123456789"),
        ("https://www.tiktok.com/@user/video/1", "https://www.tiktok.com/@user/video/1"),
        ("https://m.tiktok.com/@user/video/1", "https://www.tiktok.com/@user/video/1"),
        ("HTTPS://WWW.TikTok.com/@User.n_1/video/1", "https://www.tiktok.com/@User.n_1/video/1"),
        ("  https://www.tiktok.com/@user/video/1/ ", "https://www.tiktok.com/@user/video/1"),
        (
            "https://www.tiktok.com/@user/video/1?is_from_webapp=1&q=@x#top",
            "https://www.tiktok.com/@user/video/1",
        ),
        ("https://tiktok.com/@u/video/" + "9" * 20, "https://tiktok.com/@u/video/" + "9" * 20),
    ],
)
def test_a_video_is_known_by_its_link(given, url):
    assert links.read(given) == VideoLink(url, url.rpartition("/")[2])


@pytest.mark.parametrize(
    ("given", "url"),
    [
        ("https://vm.tiktok.com/ZMabc123", "https://vm.tiktok.com/ZMabc123/"),
        ("https://vt.tiktok.com/ZSabc/?k=1", "https://vt.tiktok.com/ZSabc/"),
        ("https://www.tiktok.com/t/ZTabc/", "https://www.tiktok.com/t/ZTabc/"),
        ("https://TIKTOK.com/t/ZTabc", "https://tiktok.com/t/ZTabc/"),
    ],
)
def test_a_short_link_is_left_to_be_resolved(given, url):
    assert links.read(given) == ShortLink(url)


@pytest.mark.parametrize(
    "given",
    [
        "www.tiktok.com/@user/video/1",
        "TikTok.com/@user/video/1?lang=en",
        "m.tiktok.com/@user/video/1",
        "Look at this! https://www.tiktok.com/@user/video/1?_t=8x #fyp",
        "Смотри:\nhttps://www.tiktok.com/@user/video/1, это смешно",
        "<https://www.tiktok.com/@user/video/1>",
        "(www.tiktok.com/@user/video/1).",
        "https://www.tiktok.com/@user/video/1 https://www.tiktok.com/@user/video/1",
    ],
)
def test_a_video_is_found_without_its_scheme_and_between_words(given):
    assert links.read(given).video_id == "1"


@pytest.mark.parametrize(
    "given",
    [
        "vm.tiktok.com/ZMabc123",
        "Look at this! https://vm.tiktok.com/ZMabc123/ …",
        "See what is new! https://vm.tiktok.com/ZMabc123/ This post is shared via TikTok Lite. "
        "Download TikTok Lite to enjoy more posts: https://www.tiktok.com/tiktoklite",
    ],
)
def test_so_is_a_short_link(given):
    assert links.read(given) == ShortLink("https://vm.tiktok.com/ZMabc123/")


@pytest.mark.parametrize(
    "given",
    [
        "",
        "tiktok",
        "http://www.tiktok.com/@user/video/1",
        "http://vm.tiktok.com/ZMabc123/",
        "me@www.tiktok.com/@user/video/1",
        "//www.tiktok.com/@user/video/1",
        "www.tiktok.com:443/@user/video/1",
        "www.tiktok.com@evil.example/@user/video/1",
        "www.tiktok.com.evil.example/@user/video/1",
        "evil.example/www.tiktok.com/@user/video/1",
        "nottiktok.com/@user/video/1",
        "www.tiktоk.com/@user/video/1",  # a Cyrillic o
        "Look at this! https://evil.example/@user/video/1",
        "https://evil.example/ https://www.tiktok.com/@user/video/1",
        "https://www.tiktok.com/@user/video/1 https://www.tiktok.com/@user/video/2",
        "Look at my page: https://www.tiktok.com/@user",
        "ftp://www.tiktok.com/@user/video/1",
        "https://www.tiktok.com:443/@user/video/1",
        "https://me@www.tiktok.com/@user/video/1",
        "https://www.tiktok.com@evil.example/@user/video/1",
        "https://evil.example/@user/video/1?www.tiktok.com",
        "https://www.tiktok.com.evil.example/@user/video/1",
        "https://wwwxtiktok.com/@user/video/1",
        "https://nottiktok.com/@user/video/1",
        "https://www.tiktok.com\\@evil.example/@user/video/1",
        "https://www.tiktok.com/\\evil.example/@user/video/1",
        "https://www.tiktok.com/@user/video/",
        "https://www.tiktok.com/@user/video/12a",
        "https://www.tiktok.com/@user/video/" + "1" * 21,
        "https://www.tiktok.com/@user/video/١٢٣",
        "https://www.tiktok.com/@user/photo/1",
        "https://www.tiktok.com/@user/video/1/../../x",
        "https://www.tiktok.com/@user/video/1\nhttps://evil.example",
        "https://www.tiktok.com/@us er/video/1",
        "https://www.tiktok.com/@" + "u" * 25 + "/video/1",
        "https://www.tiktоk.com/@user/video/1",  # a Cyrillic o
        "https://vm.tiktok.com/",
        "https://vm.tiktok.com/a/b",
        "https://vm.tiktok.com.evil.example/abc",
        "https://vx.tiktok.com/abc",
        "https://www.tiktok.com/@user/video/1?" + "a" * 2_048,
    ],
)
def test_anything_else_is_refused_naming_the_field(given):
    with pytest.raises(InvalidVideoUrl) as refused:
        links.read(given)

    assert refused.value.details == {"field": "video_url"}


@given(st.text(max_size=80))
def test_no_text_is_taken_for_a_video_by_accident(text):
    with pytest.raises(InvalidVideoUrl):
        links.read(text)


@given(tail=st.text(alphabet="/?#@:\\.%a1\n ", max_size=30))
def test_what_is_kept_names_tiktok_whatever_follows(tail):
    found = links.video_of(f"https://www.tiktok.com/@user/video/{VIDEO_ID}{tail}")

    assert found is None or found.url.startswith("https://www.tiktok.com/@user/video/")
