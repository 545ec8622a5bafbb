"""Audio and images by name, in a directory or an S3 bucket.

Writes are atomic: a name is there whole or not at all.
"""

import re
from collections.abc import AsyncIterable, AsyncIterator, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path

from obstore.exceptions import BaseError
from obstore.store import LocalStore, S3Store

MAX_NAME = 200
_NAME = re.compile(r"[A-Za-z0-9_-][A-Za-z0-9._-]*(/[A-Za-z0-9_-][A-Za-z0-9._-]*)*")
_CHUNK = 64 * 1024
_NO_SPACE = ("(os error 28)", "(os error 122)")  # ENOSPC, EDQUOT: the store passes them on in words alone


class MediaFailure(Exception):
    """The store could not do it: not reachable, no rights, broken disk."""


class NoSpace(MediaFailure):
    """The disk, or the share of it we may use, is full. Nothing was stored."""


class MissingMedia(MediaFailure):
    """There is nothing (any more) under this name."""


@dataclass(frozen=True, slots=True)
class MediaInfo:
    name: str
    size: int
    etag: str | None  # as HTTP spells it, quotes included
    modified: datetime


@dataclass(frozen=True, slots=True)
class S3Access:
    endpoint: str | None = None
    region: str = "us-east-1"
    access_key: str | None = None
    secret_key: str | None = None


class MediaStore:
    """`file:DIRECTORY` (made if missing) or `s3://bucket/prefix`."""

    def __init__(self, url: str, s3: S3Access | None = None) -> None:
        self.url = url
        self._store = _open_bucket(url, s3 or S3Access()) if url.startswith("s3://") else _open_directory(url)

    async def put(self, name: str, data: bytes) -> None:
        with _translated(name):
            await self._store.put_async(_checked(name), data)

    async def put_stream(self, name: str, chunks: AsyncIterable[bytes]) -> None:
        """Store what `chunks` yields; when it raises, nothing is stored."""
        with _translated(name):
            await self._store.put_async(_checked(name), chunks)

    async def get(self, name: str) -> bytes | None:
        if not is_valid_name(name):
            return None
        try:
            with _translated(name):
                found = await self._store.get_async(name)
                return bytes(await found.bytes_async())
        except MissingMedia:
            return None

    async def head(self, name: str) -> MediaInfo | None:
        if not is_valid_name(name):
            return None
        try:
            with _translated(name):
                meta = await self._store.head_async(name)
        except MissingMedia:
            return None
        return MediaInfo(name, meta["size"], meta["e_tag"], meta["last_modified"])

    async def read_range(self, name: str, start: int, end: int) -> bytes:
        """Bytes `start` up to, not including, `end`, within the size `head` told. Raises `MissingMedia`."""
        with _translated(name):
            return bytes(await self._store.get_range_async(_checked(name), start=start, end=end))

    async def stream(self, name: str, chunk_size: int = _CHUNK) -> AsyncIterator[bytes]:
        """The whole of it in pieces of about `chunk_size`. Raises `MissingMedia` before the first one."""
        with _translated(name):
            found = await self._store.get_async(_checked(name))
            async for chunk in found.stream(min_chunk_size=chunk_size):
                yield bytes(chunk)

    async def delete(self, name: str) -> None:
        """Deleting what is not there is no failure."""
        try:
            with _translated(name):
                await self._store.delete_async(_checked(name))
        except MissingMedia:
            return

    async def list(self, prefix: str = "") -> Sequence[MediaInfo]:
        """Everything under a folder such as `tts`, in no order; all there is without one."""
        with _translated(prefix):
            return [
                MediaInfo(meta["path"], meta["size"], meta["e_tag"], meta["last_modified"])
                async for batch in self._store.list(prefix.strip("/") or None, chunk_size=1000)
                for meta in batch
            ]


def is_valid_name(name: str) -> bool:
    return len(name) <= MAX_NAME and _NAME.fullmatch(name) is not None


def _checked(name: str) -> str:
    if not is_valid_name(name):
        raise ValueError(f"not a media name: {name[:MAX_NAME]!r}")
    return name


@contextmanager
def _translated(name: str) -> Iterator[None]:
    try:
        yield
    except FileNotFoundError as error:
        raise MissingMedia(name) from error
    except BaseError as error:
        message = str(error).partition("\n")[0]  # the rest is the vendor's debugging output
        kind = NoSpace if any(sign in message for sign in _NO_SPACE) else MediaFailure
        raise kind(message) from error


def _open_directory(url: str) -> LocalStore:
    path = url.removeprefix("file:")
    if path.startswith("//"):  # file:///absolute
        path = path.removeprefix("//").removeprefix("localhost")
    directory = Path(path).absolute()
    try:
        directory.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise MediaFailure(f"cannot make {directory}: {error.strerror}") from error
    return LocalStore(prefix=directory)


def _open_bucket(url: str, access: S3Access) -> S3Store:
    bucket, _, prefix = url.removeprefix("s3://").partition("/")
    given = {
        "endpoint": access.endpoint,
        "access_key_id": access.access_key,
        "secret_access_key": access.secret_key,
    }
    return S3Store(
        bucket,
        prefix=prefix.strip("/") or None,
        region=access.region,
        client_options={
            "allow_http": (access.endpoint or "").startswith("http://"),
            "connect_timeout": timedelta(seconds=5),
            "timeout": timedelta(seconds=30),
        },
        retry_config={"max_retries": 3, "retry_timeout": timedelta(seconds=20)},
        **{key: value for key, value in given.items() if value},  # type: ignore[arg-type]  # a TypedDict of many
    )
