"""Audio by its unguessable name: whole, in parts, or while it is still being made."""

import asyncio
from collections.abc import AsyncIterator
from http import HTTPStatus

from aiohttp import web
from msgspec import Struct

from core.errors import NotFound, Unavailable
from core.speech.audio import Audio
from storage.media import MediaFailure, MediaStore, MissingMedia
from webapp.keys import SERVICES

AUDIO = "audio/mpeg"
FOREVER = "public, max-age=31536000, immutable"
STREAM_SECONDS = 120.0  # the longest a client may take over one line of speech
SPEECH = "tts/"
# Any page may play it: the name is the permission.
OPEN_TO_ALL = {
    "Access-Control-Allow-Origin": "*",
    "Access-Control-Expose-Headers": "Accept-Ranges, Content-Length, Content-Range, ETag",
    "Cross-Origin-Resource-Policy": "cross-origin",
}
PREFLIGHT = {
    **OPEN_TO_ALL,
    "Access-Control-Allow-Methods": "GET, HEAD",
    "Access-Control-Allow-Headers": "Range, If-None-Match, If-Range",
    "Access-Control-Max-Age": "86400",
}


class _File(Struct, frozen=True):
    """Complete audio: in the store, or (`data`) in memory because the store had no room."""

    size: int
    etag: str | None
    is_lasting: bool
    name: str = ""
    data: bytes | None = None


async def serve(request: web.Request) -> web.StreamResponse:
    name = request.match_info["name"]
    if not name.endswith(".mp3"):
        raise NotFound
    try:
        found = await _find(request, name)
        if isinstance(found, Audio):
            return await _stream(request, found.chunks())
        return await _answer(request, found)
    except MissingMedia as error:
        raise NotFound from error
    except MediaFailure as error:
        raise Unavailable(service="media") from error


async def preflight(_request: web.Request) -> web.Response:
    return web.Response(status=HTTPStatus.NO_CONTENT, headers=PREFLIGHT)


async def serve_speech(request: web.Request, audio: Audio) -> web.StreamResponse:
    """Audio just asked for, from the first byte that is made."""
    if audio.media_name is None:
        return await _stream(request, audio.chunks())
    return await _answer(
        request, await _stored(request.app[SERVICES].media, audio.media_name, is_lasting=False)
    )


async def _find(request: web.Request, name: str) -> _File | Audio:
    """A file, or speech that is being made and can be streamed to this client."""
    services = request.app[SERVICES]
    if not name.startswith(SPEECH):
        return await _stored(services.media, name, is_lasting=True)
    # Parts and headers are told of the whole alone: phones ask for ranges and need the length.
    is_whole = request.method == "HEAD" or "Range" in request.headers
    audio = await services.speech.open(name, whole=is_whole)
    if audio.media_name is not None:
        return await _stored(services.media, audio.media_name, is_lasting=audio.is_lasting)
    if not is_whole:
        return audio
    data = b"".join([chunk async for chunk in audio.chunks()])
    return _File(len(data), None, is_lasting=False, data=data)


async def _stored(media: MediaStore, name: str, *, is_lasting: bool) -> _File:
    info = await media.head(name)
    if info is None:
        raise NotFound
    etag = info.etag or f'"{info.size:x}-{info.modified.timestamp():.0f}"'
    return _File(info.size, etag, is_lasting, name)


async def _answer(request: web.Request, file: _File) -> web.Response:
    headers = {
        **OPEN_TO_ALL,
        "Accept-Ranges": "bytes",
        "Cache-Control": FOREVER if file.is_lasting else "no-cache",
        **({"ETag": file.etag} if file.etag else {}),
    }
    if file.etag and _names(request.headers.get("If-None-Match", ""), file.etag):
        return web.Response(status=HTTPStatus.NOT_MODIFIED, headers=headers)
    start, end = _wanted(request, file)
    if start >= end:
        headers |= {"Content-Range": f"bytes */{file.size}", "Cache-Control": "no-store"}
        return web.Response(status=HTTPStatus.REQUESTED_RANGE_NOT_SATISFIABLE, headers=headers)
    status = HTTPStatus.OK
    if (start, end) != (0, file.size) or _is_partial(request, file):
        status = HTTPStatus.PARTIAL_CONTENT
        headers["Content-Range"] = f"bytes {start}-{end - 1}/{file.size}"
    if request.method == "HEAD":
        return web.Response(
            status=status, headers=headers | {"Content-Length": str(end - start)}, content_type=AUDIO
        )
    body = await _read(request, file, start, end)
    return web.Response(status=status, headers=headers, body=body, content_type=AUDIO)


async def _read(request: web.Request, file: _File, start: int, end: int) -> bytes:
    if file.data is not None:
        return file.data[start:end]
    return await request.app[SERVICES].media.read_range(file.name, start, end)


def _is_partial(request: web.Request, file: _File) -> bool:
    """Whether the client asks for one part and means this very file. Several parts at once get the whole."""
    if_range = request.headers.get("If-Range")
    if "Range" not in request.headers or (if_range is not None and if_range != file.etag):
        return False
    try:
        wanted = request.http_range
    except ValueError:
        return False
    return wanted.start is not None or wanted.stop is not None


def _wanted(request: web.Request, file: _File) -> tuple[int, int]:
    """From which byte up to which, not included; empty where there is no such part."""
    if not _is_partial(request, file):
        return 0, file.size
    wanted = request.http_range
    if wanted.start is not None and wanted.start < 0:
        return max(0, file.size + wanted.start), file.size
    return wanted.start or 0, min(file.size, wanted.stop or file.size)


def _names(header: str, etag: str) -> bool:
    """Compared weakly, as caches do."""
    named = [one.strip().removeprefix("W/") for one in header.split(",")]
    return "*" in named or etag.removeprefix("W/") in named


async def _stream(request: web.Request, chunks: AsyncIterator[bytes]) -> web.StreamResponse:
    first = await anext(chunks)
    response = web.StreamResponse(headers={**OPEN_TO_ALL, "Cache-Control": "no-store"})
    response.content_type = AUDIO
    await response.prepare(request)
    try:
        async with asyncio.timeout(STREAM_SECONDS):
            await response.write(first)
            async for chunk in chunks:
                await response.write(chunk)
            await response.write_eof()
    except ConnectionError:
        return response  # whoever listened has left
    except (TimeoutError, Unavailable):
        # Bytes are out already: only a cut connection tells the client that the rest is missing.
        if request.transport is not None:
            request.transport.abort()
    return response
