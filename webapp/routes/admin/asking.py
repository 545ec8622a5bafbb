"""What all admin calls read from a request and how they answer a page."""

import hashlib
import secrets
from collections.abc import Awaitable, Callable, Sequence
from typing import Annotated, Literal, TypeVar

from aiohttp import web
from msgspec import Meta, Struct, structs

from core import staff
from core.audit import Act
from core.errors import Invalid, NotFound
from webapp.keys import SERVICES
from webapp.requests import IDEMPOTENCY_KEY, caller
from webapp.tables import csv_stream

LARGEST_ID = 2**31 - 1
LONGEST_KEY = 255
AS_IT_IS = 128  # longer keys are kept as their hash: the ledger takes no longer ones

Text = Annotated[str, Meta(max_length=100)]
Id = Annotated[int, Meta(ge=1, le=LARGEST_ID)]
Reason = Annotated[str, Meta(min_length=1, max_length=300, description="Kept in the audit log")]


class AdminPage(Struct, frozen=True, kw_only=True):
    limit: Annotated[int, Meta(ge=1, le=10_000)] = 50
    offset: Annotated[int, Meta(ge=0, le=1_000_000)] = 0


class AdminTable(AdminPage, frozen=True, kw_only=True):
    format: Annotated[
        Literal["json", "csv"], Meta(description="`csv`: all rows, whatever `limit` and `offset` are")
    ] = "json"


_Row = TypeVar("_Row", bound=Struct)
_Page = TypeVar("_Page")


async def table_answer(
    request: web.Request,
    query: AdminTable,
    name: str,
    columns: Sequence[str],
    fetch: Callable[[int, int], Awaitable[tuple[list[_Row], int]]],
    answer: Callable[[list[_Row], int, int, int], _Page],
) -> _Page | web.StreamResponse:
    """A page of the rows, made by `answer`, or all of them as a file; the rest is for `csv_stream`."""
    if query.format == "csv":
        return await csv_stream(request, name, columns, fetch)
    rows, total = await fetch(query.limit, query.offset)
    return answer(rows, total, query.limit, query.offset)


def act(request: web.Request) -> Act:
    return Act(f"user:{caller(request).user_id}", request.app[SERVICES].clock.now())


def act_once(request: web.Request) -> Act:
    """The same, done once under the caller's `Idempotency-Key`, where one came along."""
    by = act(request)
    return structs.replace(by, key=movement_key(request)) if IDEMPOTENCY_KEY in request.headers else by


def sees_money(request: web.Request) -> bool:
    return staff.reaches(caller(request).access.role, "admin")


def id_of(request: web.Request, name: str) -> int:
    """A number in the path; where none can be, there is nothing."""
    text = request.match_info[name]
    if not (text.isascii() and text.isdigit() and len(text) <= 10 and 0 < int(text) <= LARGEST_ID):
        raise NotFound
    return int(text)


def movement_key(request: web.Request) -> str:
    """What makes it the same movement of money: the caller's `Idempotency-Key`, else one of its own."""
    given = request.headers.get("Idempotency-Key")
    if given is None:
        return f"admin:{secrets.token_hex(16)}"
    if not 0 < len(given) <= LONGEST_KEY or not all("!" <= letter <= "~" for letter in given):
        raise Invalid("Idempotency-Key: 1 to 255 visible ASCII characters", field="Idempotency-Key")
    if len(given) > AS_IT_IS:
        given = f"sha256:{hashlib.sha256(given.encode()).hexdigest()}"
    return f"admin:{caller(request).user_id}:{given}"
