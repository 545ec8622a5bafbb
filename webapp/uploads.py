"""A file out of a multipart body, piece by piece: it is never held in memory whole."""

import asyncio
import re
from collections.abc import AsyncIterator
from urllib.parse import unquote

from aiohttp import BodyPartReader, hdrs, web
from msgspec import Struct

from core.errors import FileTooLarge, Invalid, UnsupportedMediaType
from webapp.requests import BODY_SECONDS

OVERHEAD = 64 * 1024  # of the multipart form around the file
CHUNK = 64 * 1024
_FIELD = re.compile(r'\bname="([^"]*)"')
_FILENAME = re.compile(r'\bfilename="((?:[^"\\]|\\.)*)"')


class Upload(Struct, frozen=True):
    filename: str
    chunks: AsyncIterator[bytes]


async def receive(request: web.Request, field: str, max_bytes: int) -> Upload:
    """The file in `field`. Its chunks raise `Invalid` where the form breaks off."""
    if request.content_type != "multipart/form-data":
        raise UnsupportedMediaType(f"send multipart/form-data with a file in `{field}`")
    if (request.content_length or 0) > max_bytes + OVERHEAD:
        raise FileTooLarge(limit=max_bytes)
    try:
        async with asyncio.timeout(BODY_SECONDS):
            return await _find(request, field)
    except (ValueError, AssertionError, TimeoutError, web.RequestPayloadError) as error:
        raise _broken(field) from error


async def _find(request: web.Request, field: str) -> Upload:
    async for part in await request.multipart():
        if not isinstance(part, BodyPartReader):
            continue
        header = part.headers.get(hdrs.CONTENT_DISPOSITION, "")
        if _name(part, header) == field:
            return Upload(_filename(part, header), _chunks(part, field))
    raise Invalid(f"{field}: missing", field=field)


async def _chunks(part: BodyPartReader, field: str) -> AsyncIterator[bytes]:
    try:
        while chunk := await part.read_chunk(CHUNK):
            yield bytes(chunk)
        if not part.at_eof():  # the body ended without the form's last line
            raise _broken(field)
    except (ValueError, AssertionError, web.RequestPayloadError) as error:
        raise _broken(field) from error


def _name(part: BodyPartReader, header: str) -> str | None:
    found = _FIELD.search(header)
    return part.name or (found[1] if found else None)


def _filename(part: BodyPartReader, header: str) -> str:
    """The framework gives up on a name with several semicolons; some clients send others percent-encoded."""
    found = _FILENAME.search(header)
    name = part.filename or (found[1] if found else "")
    try:
        return unquote(name, errors="strict")
    except UnicodeDecodeError:
        return name


def _broken(field: str) -> Invalid:
    return Invalid(f"{field}: the upload broke off or is no valid form", field=field)
