"""A file out of a multipart body, piece by piece: it is never held in memory whole."""

import asyncio
import math
import re
from collections.abc import AsyncIterator
from typing import cast
from urllib.parse import unquote

from aiohttp import BodyPartReader, MultipartReader, StreamReader, hdrs, web
from aiohttp.http_exceptions import HttpProcessingError
from msgspec import Struct

from core.errors import FileTooLarge, Invalid, UnsupportedMediaType
from webapp.requests import BODY_SECONDS

OVERHEAD = 64 * 1024  # of the multipart form around the file
MAX_PARTS = 20
MAX_HEADERS = 20  # of one part
CHUNK = 64 * 1024
_BROKEN = (ValueError, RuntimeError, AssertionError, web.RequestPayloadError, HttpProcessingError)
"""What the framework raises for forms that are none."""

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
    except (*_BROKEN, TimeoutError) as error:
        raise _broken(field) from error


class _Metered:
    """The body, of which only so much may be anything but the file: its lines are taken apart one by one."""

    def __init__(self, content: StreamReader) -> None:
        self._content = content
        self._left: float = OVERHEAD

    def let_pass(self) -> None:
        self._left = math.inf

    async def readline(self, *, max_line_length: int | None = None) -> bytes:
        return self._count(await self._content.readline(max_line_length=max_line_length))

    async def read(self, n: int = -1) -> bytes:
        return self._count(await self._content.read(n))

    def unread_data(self, data: bytes) -> None:
        self._left += len(data)
        self._content.unread_data(data)

    def at_eof(self) -> bool:
        return self._content.at_eof()

    def _count(self, data: bytes) -> bytes:
        self._left -= len(data)
        if self._left < 0:
            raise ValueError("too much around the file")
        return data


async def _find(request: web.Request, field: str) -> Upload:
    body = _Metered(request.content)
    form = MultipartReader(request.headers, cast("StreamReader", body), max_headers=MAX_HEADERS)
    for _ in range(MAX_PARTS):
        part = await form.next()
        if part is None:
            break
        if not isinstance(part, BodyPartReader):
            raise _broken(field)
        header = part.headers.get(hdrs.CONTENT_DISPOSITION, "")
        if _name(part, header) == field:
            body.let_pass()
            return Upload(_filename(part, header), _chunks(part, field))
    raise Invalid(f"{field}: missing", field=field)


async def _chunks(part: BodyPartReader, field: str) -> AsyncIterator[bytes]:
    try:
        while chunk := await part.read_chunk(CHUNK):
            yield bytes(chunk)
        if not part.at_eof():  # the body ended without the form's last line
            raise _broken(field)
    except _BROKEN as error:
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
