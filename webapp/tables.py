"""Tables as CSV, safe to open in a spreadsheet."""

import csv
import io
from codecs import BOM_UTF8
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import msgspec
from aiohttp import web
from msgspec import Struct

_FORMULA = ("=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠")


def csv_answer(name: str, rows: Sequence[Struct], columns: Sequence[str]) -> web.Response:
    """`columns`: fields of the rows, in order. A person is told by username, else Telegram id."""
    text = io.StringIO()
    writer = csv.writer(text)
    writer.writerow(columns)
    for row in rows:
        fields = msgspec.to_builtins(row)
        writer.writerow([_cell(fields[column]) for column in columns])
    headers = {"Content-Disposition": f'attachment; filename="{name}.csv"'}
    return web.Response(text=text.getvalue(), content_type="text/csv", charset="utf-8", headers=headers)


def sheet_answer(
    name: str, heads: Sequence[str], rows: Iterable[Sequence[Any]], language: str
) -> web.Response:
    """For a person's spreadsheet program, which takes the separator from its own language."""
    text = io.StringIO()
    writer = csv.writer(text, delimiter="," if language == "en" else ";")
    writer.writerow(heads)
    writer.writerows([_cell(value) for value in row] for row in rows)
    headers = {"Content-Disposition": f'attachment; filename="{name}.csv"'}
    body = BOM_UTF8 + text.getvalue().encode()
    return web.Response(body=body, content_type="text/csv", charset="utf-8", headers=headers)


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
