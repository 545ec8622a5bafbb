"""A username is a TikTok handle, compared without case."""

import re

from core.errors import Invalid

_HANDLE = re.compile(r"[a-z0-9_.]{2,24}")


def normalise(text: str, field: str = "username") -> str:
    """Folded and without `@`. Raises `Invalid` naming `field`."""
    name = fold(text)
    if not _HANDLE.fullmatch(name):
        raise Invalid(f"{field}: 2 to 24 letters, digits, _ or .", field=field)
    return name


def fold(text: str) -> str:
    """As usernames are compared; whether it is one is not checked."""
    return text.strip().removeprefix("@").lower()
