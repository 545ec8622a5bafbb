"""Which links name a TikTok video. Pure: nothing is asked.

The whole address is matched, so that a look-alike host, a user, a port or a
backslash has no place to stand in. It may come without its scheme, and with the
words TikTok's "Share" puts around it, as long as no other place is named.
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
_HOST = r"(?i:(?:[a-z0-9-]+\.)*tiktok\.com)"
_PAGE = re.compile(rf"{_SCHEME}{_HOST}/[!-~]*")
_BARE = re.compile(rf"{_HOST}/")
_AROUND = "()<>[]\"'«»“”.,;!…"  # what people and programs put around a link


class VideoLink(Struct, frozen=True):
    url: str  # without query and fragment
    video_id: str


class ShortLink(Struct, frozen=True):
    url: str


def read(text: str) -> VideoLink | ShortLink:
    """The one video a text links to. Raises `InvalidVideoUrl`."""
    addresses = _addresses(text) if len(text.strip()) <= MAX_LENGTH else []
    if all(is_tiktok_page(address) for address in addresses):
        found = {link for address in addresses if (link := video_of(address) or _short_of(address))}
        if len(found) == 1:
            return found.pop()
    raise InvalidVideoUrl(field="video_url")


def _addresses(text: str) -> list[str]:
    """Of all words that are links."""
    words = [word.strip(_AROUND) for word in text.split()]
    bare = [f"https://{word}" for word in words if _BARE.match(word)]
    return bare + [word for word in words if "://" in word and not _BARE.match(word)]


def _short_of(url: str) -> ShortLink | None:
    found = _SHORT.fullmatch(url)
    return ShortLink(f"https://{found['host'].lower()}{found['code']}/") if found else None


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
