"""A username is a TikTok handle, compared without case."""

import re

from core.errors import Invalid

_HANDLE = re.compile(r"[a-z0-9_.]{2,24}")
_PROFILE = re.compile(r"(?:https?://)?(?:www\.|m\.)?tiktok\.com/@([^/?#\s]+)(?:[/?#]\S*)?", re.IGNORECASE)


def normalise(text: str, field: str = "username") -> str:
    """Folded and without `@`; of a profile's link the name in it. Raises `Invalid` naming `field`."""
    profile = _PROFILE.fullmatch(text.strip())
    name = fold(profile[1] if profile else text)
    if not _HANDLE.fullmatch(name):
        raise Invalid(f"{field}: 2 to 24 letters, digits, _ or .", field=field)
    return name


def fold(text: str) -> str:
    """As usernames are compared; whether it is one is not checked."""
    return text.strip().removeprefix("@").lower()
