"""Which links name a TikTok video. Pure: nothing is asked.

The whole address is matched, so that a look-alike host, a user, a port or a
backslash has no place to stand in.
"""

import re

from msgspec import Struct

from core.errors import InvalidVideoUrl

MAX_LENGTH = 2_048

_SCHEME = r"(?i:https)://"
_REST = r"/?(?:[?#][!-~]*)?"
_HANDLE = r"[A-Za-z0-9_.]{1,24}"
_VIDEO = re.compile(
    rf"{_SCHEME}(?P<host>(?i:(?:www\.|m\.)?tiktok\.com))/@(?P<handle>{_HANDLE})/video/(?P<id>[0-9]{{1,20}}){_REST}"
)
_SHORT = re.compile(
    rf"{_SCHEME}(?P<host>(?i:v[mt]\.tiktok\.com/|(?:www\.|m\.)?tiktok\.com/t/))(?P<code>[A-Za-z0-9_-]{{1,64}}){_REST}"
)
_PAGE = re.compile(rf"{_SCHEME}(?i:(?:[a-z0-9-]+\.)*tiktok\.com)/[!-~]*")


class VideoLink(Struct, frozen=True):
    url: str  # without query and fragment
    video_id: str


class ShortLink(Struct, frozen=True):
    url: str


def read(text: str) -> VideoLink | ShortLink:
    """Raises `InvalidVideoUrl`."""
    given = text.strip()
    if len(given) <= MAX_LENGTH:
        if video := video_of(given):
            return video
        if short := _SHORT.fullmatch(given):
            return ShortLink(f"https://{short['host'].lower()}{short['code']}/")
    raise InvalidVideoUrl(field="video_url")


def video_of(url: str) -> VideoLink | None:
    """The video a long link names."""
    found = _VIDEO.fullmatch(url)
    if found is None:
        return None
    host = (
        found["host"].lower().replace("m.", "www.", 1) if found["host"][0] in "mM" else found["host"].lower()
    )
    return VideoLink(f"https://{host}/@{found['handle']}/video/{found['id']}", found["id"])


def is_tiktok_page(url: str) -> bool:
    """Whether a redirect may lead there: TikTok's own host, over https, without a port or user."""
    return len(url) <= MAX_LENGTH and "\\" not in url and _PAGE.fullmatch(url) is not None
