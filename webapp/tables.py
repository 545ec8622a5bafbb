"""Tables as CSV, safe to open in a spreadsheet."""

import csv
import io
from codecs import BOM_UTF8
from collections.abc import Awaitable, Callable, Iterable, Mapping, Sequence
from typing import Any

import msgspec
from aiohttp import web
from msgspec import Struct

PAGE = 500  # rows in memory at a time
SEAM = 50  # of them asked for again with the next page: rows may come and go meanwhile

Fetch = Callable[[int, int], Awaitable[tuple[Sequence[Struct], int]]]
"""Rows by limit and offset, and how many there are in all."""

_FORMULA = ("=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠")


def csv_answer(name: str, rows: Sequence[Struct], columns: Sequence[str]) -> web.Response:
    """`columns`: fields of the rows, in order. A person is told by username, else Telegram id."""
    return _file(name, _lines([columns]) + _lines(_fields(row, columns) for row in rows))


async def csv_stream(
    request: web.Request, name: str, columns: Sequence[str], fetch: Fetch
) -> web.StreamResponse:
    """All rows there are, a page at a time. By the first of `columns` one is told from the other."""
    response = web.StreamResponse(headers=_named_file(name))
    response.content_type, response.charset = "text/csv", "utf-8"
    rows, _ = await fetch(PAGE, 0)
    offset, known = 0, set[object]()
    await response.prepare(request)
    await response.write(BOM_UTF8 + _lines([columns]))
    while True:
        new = [row for row in rows if getattr(row, columns[0]) not in known]
        await response.write(_lines(_fields(row, columns) for row in new))
        if len(rows) < PAGE:
            break
        offset += PAGE - SEAM
        known = {getattr(row, columns[0]) for row in rows}
        rows, _ = await fetch(PAGE, offset)
    await response.write_eof()
    return response


def sheet_answer(
    name: str, heads: Sequence[str], rows: Iterable[Sequence[Any]], language: str
) -> web.Response:
    """For a person's spreadsheet program, which takes the separator from its own language."""
    delimiter = "," if language == "en" else ";"
    cells = ([_cell(value) for value in row] for row in rows)
    return _file(name, _lines([heads], delimiter) + _lines(cells, delimiter))


def _file(name: str, lines: bytes) -> web.Response:
    headers = _named_file(name)
    return web.Response(body=BOM_UTF8 + lines, content_type="text/csv", charset="utf-8", headers=headers)


def _named_file(name: str) -> dict[str, str]:
    return {"Content-Disposition": f'attachment; filename="{name}.csv"'}


def _fields(row: Struct, columns: Sequence[str]) -> list[str]:
    told = msgspec.to_builtins(row)
    return [_cell(told[column]) for column in columns]


def _lines(rows: Iterable[Sequence[str]], delimiter: str = ",") -> bytes:
    text = io.StringIO()
    csv.writer(text, delimiter=delimiter).writerows(rows)
    return text.getvalue().encode()


def _cell(value: Any) -> str:
    if isinstance(value, Mapping):
        value = _named(value)
    if isinstance(value, str) and value.startswith(_FORMULA):
        return f"'{value}"  # a spreadsheet would compute it
    return "" if value is None else str(value)


def _named(value: Mapping[str, Any]) -> str:
    if "telegram_id" not in value:
        return msgspec.json.encode(value).decode()
    return str(value["username"] or f"tg:{value['telegram_id']}")
