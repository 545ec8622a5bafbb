"""A table as a file while rows come and go between its pages."""

import csv
import io

import pytest
from aiohttp import web
from msgspec import Struct

from webapp.tables import PAGE, SEAM, csv_stream

COUNT = 3 * PAGE


class Row(Struct, frozen=True):
    id: int


def newest_first(rows: list[Row]) -> list[Row]:
    return [Row(rows[0].id + 1), *rows]


def one_fewer(rows: list[Row]) -> list[Row]:
    return rows[1:]


async def lines_of(aiohttp_client, change) -> list[int]:
    rows = [Row(number) for number in range(COUNT, 0, -1)]
    largest = 0

    async def fetch(limit: int, offset: int) -> tuple[list[Row], int]:
        nonlocal rows, largest
        page = rows[offset : offset + limit]
        rows, largest = change(rows), max(largest, limit)
        return page, len(rows)

    async def serve(request: web.Request) -> web.StreamResponse:
        return await csv_stream(request, "rows", ("id",), fetch)

    app = web.Application()
    app.router.add_get("/rows", serve)
    client = await aiohttp_client(app)
    async with client.get("/rows") as response:
        _, *found = csv.reader(io.StringIO(await response.text("utf-8-sig")))
    assert largest <= PAGE
    return [int(cells[0]) for cells in found]


@pytest.mark.parametrize("change", [list, newest_first, one_fewer])
async def test_what_was_there_from_first_to_last_is_in_it_once(aiohttp_client, change):
    found = await lines_of(aiohttp_client, change)

    assert SEAM > COUNT // PAGE
    assert found == list(range(COUNT, 0, -1))
