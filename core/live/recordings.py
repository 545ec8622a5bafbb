"""Recordings (`*.frames`): JSON Lines, plain or gzip; a header, then one line a frame.

Reading never fails half way: what is broken is remembered with its line number and
left out. Writing ends every frame in the file, so that a crash loses no earlier one.
"""

import base64
import gzip
import zlib
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from types import TracebackType
from typing import Annotated, BinaryIO, Self, cast

import msgspec
from msgspec import Meta, Struct

from core.clock import iso
from core.errors import Conflict, Invalid

FORMAT = "ttboost-frames"
VERSION = 1
MAX_LINE = 16 * 1024 * 1024
MAX_BAD_LINES = 1_000  # remembered one by one; beyond them only counted
GZIP_MAGIC = b"\x1f\x8b"
DAMAGED = (EOFError, OSError, zlib.error)
NOT_A_LINE = (msgspec.DecodeError, UnicodeDecodeError)


class Header(Struct, frozen=True):
    unique_id: str
    room_id: str
    started_at: datetime


class BadLine(Struct, frozen=True):
    number: int
    reason: str


class _HeaderLine(Struct):
    format: str
    version: int
    unique_id: str
    room_id: str | int
    started_at: datetime


class _FrameLine(Struct):
    t: Annotated[float, Meta(ge=0)]
    frame: bytes  # base64 in the file


_decode_header = msgspec.json.Decoder(_HeaderLine).decode
_decode_frame = msgspec.json.Decoder(_FrameLine).decode


class Recording:
    """Iterates over (seconds since the start, frame), from the beginning each time."""

    def __init__(self, path: Path, header: Header) -> None:
        self.path = path
        self.header = header
        self.line_number = 0  # of the frame just given out
        self.bad_lines: list[BadLine] = []
        self.bad_count = 0

    def __iter__(self) -> Iterator[tuple[float, bytes]]:
        self.line_number, self.bad_lines, self.bad_count = 0, [], 0
        with _open(self.path) as file:
            for line in self._lines(file):
                if frame := self._frame(line):
                    yield frame.t, frame.frame

    def report(self, reason: str) -> None:
        """Remember that the line just read is bad; its reader calls this for a frame it cannot decode."""
        self.bad_count += 1
        if self.bad_count <= MAX_BAD_LINES:
            self.bad_lines.append(BadLine(self.line_number, reason))

    def _lines(self, file: BinaryIO) -> Iterator[bytes]:
        while True:
            self.line_number += 1
            try:
                line = _whole_line(file)
            except DAMAGED:
                self.report("the file is cut off or damaged here")
                return
            if not line:
                return
            yield line

    def _frame(self, line: bytes) -> _FrameLine | None:
        if not line.strip():
            return None
        try:
            if self.line_number > 1:
                return _decode_frame(line)
            _decode_header(line)
        except NOT_A_LINE as error:
            cut = "" if line.endswith(b"\n") else "cut off: "
            self.report(f"{cut}{error}")
        return None


def _whole_line(file: BinaryIO) -> bytes:
    """The next line; of one that is too long only the end, which is no line of a recording."""
    line = file.readline(MAX_LINE)
    while len(line) == MAX_LINE and not line.endswith(b"\n"):
        line = file.readline(MAX_LINE)
    return line


def _open(path: Path) -> BinaryIO:
    with path.open("rb") as file:
        is_packed = file.read(2) == GZIP_MAGIC
    return cast("BinaryIO", gzip.open(path)) if is_packed else path.open("rb")


def read(path: Path) -> Recording:
    """Open a recording. Raises `Invalid` for what is none; a broken header alone is no reason."""
    try:
        with _open(path) as file:
            first, second = _whole_line(file), _whole_line(file)
    except DAMAGED as error:
        raise Invalid(f"cannot read the recording {path}", field="path") from error
    return Recording(path, _header(first, second, path))


def _header(first: bytes, second: bytes, path: Path) -> Header:
    try:
        header = _decode_header(first)
    except NOT_A_LINE as error:
        if _is_frame(second):
            return Header("", "0", datetime.fromtimestamp(0, UTC))
        raise Invalid(f"{path} is not a recording", field="path") from error
    if header.format != FORMAT or header.version != VERSION:
        raise Invalid(f"{path} is not a recording of version {VERSION}", field="path")
    return Header(header.unique_id, str(header.room_id), header.started_at)


def _is_frame(line: bytes) -> bool:
    try:
        _decode_frame(line)
    except NOT_A_LINE:
        return False
    return True


class Writer:
    """Writes a new recording; gzip where the name ends in `.gz`. Refuses to overwrite a file."""

    def __init__(self, path: Path, header: Header) -> None:
        try:
            self._file = path.open("xb")
        except FileExistsError as error:
            raise Conflict(f"{path} exists already", field="path") from error
        except OSError as error:
            raise Invalid(f"cannot write {path}: {error.strerror}", field="path") from error
        self._packer = zlib.compressobj(wbits=31) if path.suffix == ".gz" else None
        self._line(
            {
                "format": FORMAT,
                "version": VERSION,
                "unique_id": header.unique_id,
                "room_id": header.room_id,
                "started_at": iso(header.started_at),
            }
        )

    def write(self, t: float, frame: bytes) -> None:
        """One frame, `t` seconds after the start; it is in the file when this returns."""
        self._line({"t": round(t, 3), "frame": base64.b64encode(frame).decode()})

    def _line(self, line: dict[str, object]) -> None:
        data = msgspec.json.encode(line) + b"\n"
        if self._packer:
            data = self._packer.compress(data) + self._packer.flush(zlib.Z_SYNC_FLUSH)
        self._file.write(data)
        self._file.flush()

    def close(self) -> None:
        """May be called more than once."""
        if self._file.closed:
            return
        if self._packer:
            self._file.write(self._packer.flush())
        self._file.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: type[BaseException] | BaseException | TracebackType | None) -> None:
        self.close()
