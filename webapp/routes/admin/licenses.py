"""License keys and batches of them."""

from http import HTTPStatus
from typing import Annotated, Literal

from aiohttp import web
from msgspec import Meta, Struct, structs

from core import errors
from core.admin.keys import Issued, LicenseQuery, LicenseRow
from core.clock import iso
from core.licenses import LARGEST_BATCH, LONGEST_DAYS
from webapp.api import Calls
from webapp.fields import Moment
from webapp.keys import SERVICES
from webapp.routes.admin.asking import AdminTable, Id, Text, act, act_once, id_of, table_answer
from webapp.tables import csv_answer

calls = Calls("Admin: licenses")

Format = Literal["json", "csv"]
Status = Literal["new", "active", "suspended", "revoked"]
Days = Annotated[int, Meta(ge=1, le=LONGEST_DAYS)]
_MISSING = (errors.LicenseNotFound,)
_CHANGING = (*_MISSING, errors.LicenseRevoked, errors.Conflict)


class LicensesQuery(AdminTable, frozen=True, kw_only=True):
    q: Annotated[Text, Meta(description="The end of a key, or part of a note or of its owner's name")] = ""
    status: Status | None = None
    batch: Text = ""
    user_id: Id | None = None


class LicensesPage(Struct, frozen=True):
    licenses: list[LicenseRow]
    total: int
    limit: int
    offset: int


class BatchesQuery(AdminTable, frozen=True, kw_only=True):
    q: Annotated[Text, Meta(description="Part of a batch's name, or of a note of its keys")] = ""


class BatchRow(Struct, frozen=True, kw_only=True):
    batch: str
    plan: str
    days: int
    note: str
    created_at: Moment
    issued: int
    redeemed: int
    suspended: int
    revoked: int


class BatchesPage(Struct, frozen=True):
    batches: list[BatchRow]
    total: int
    limit: int
    offset: int


class LicenseAnswer(Struct, frozen=True):
    license: LicenseRow


class IssueBody(Struct, frozen=True):
    days: Days
    plan: Annotated[str, Meta(max_length=32)] | None = None
    count: Annotated[int, Meta(ge=1, le=LARGEST_BATCH)] = 1
    note: Annotated[str, Meta(max_length=200, description="Who they are for")] = ""
    format: Format = "json"


class IssuedKey(Struct, frozen=True):
    key: str
    plan: str
    days: int


class IssuedAnswer(Struct, frozen=True):
    """The keys can be read this once."""

    keys: list[IssuedKey]


class ExtendBody(Struct, frozen=True):
    days: Days


class TransferBody(Struct, frozen=True):
    user: Annotated[str, Meta(max_length=64, description="A username, or `tg:` and a Telegram id")]


class RotatedAnswer(Struct, frozen=True):
    """The key can be read this once."""

    key: str


@calls.get(
    "/admin/licenses", "License keys, newest first", role="support", query=LicensesQuery, answer=LicensesPage
)
async def admin_list_licenses(
    request: web.Request, query: LicensesQuery
) -> LicensesPage | web.StreamResponse:
    async def page(limit: int, offset: int) -> tuple[list[LicenseRow], int]:
        wanted = LicenseQuery(
            q=query.q,
            status=query.status,
            batch=query.batch,
            user_id=query.user_id,
            limit=limit,
            offset=offset,
        )
        return await request.app[SERVICES].admin.keys.list_page(wanted)

    return await table_answer(request, query, "licenses", LicenseRow.__struct_fields__, page, LicensesPage)


@calls.post(
    "/admin/licenses",
    "Make a batch of keys; only now can they be read. The same `Idempotency-Key` makes them once",
    keyed="may",
    role="admin",
    body=IssueBody,
    answer=IssuedAnswer,
    status=201,
    refusals=(errors.KeyReused,),
)
async def admin_issue_licenses(request: web.Request, body: IssueBody) -> IssuedAnswer | web.Response:
    keys = request.app[SERVICES].admin.keys
    made = await keys.issue(body.plan, body.days, body.count, body.note, act_once(request))
    shown = _keys(made)
    if body.format == "csv":
        answer = csv_answer("keys", shown, IssuedKey.__struct_fields__)
        answer.set_status(HTTPStatus.CREATED)
        return answer
    return IssuedAnswer(shown)


@calls.get(
    "/admin/licenses/batches",
    "Batches of keys, and what became of them",
    role="support",
    query=BatchesQuery,
    answer=BatchesPage,
)
async def admin_list_batches(request: web.Request, query: BatchesQuery) -> BatchesPage | web.StreamResponse:
    async def page(limit: int, offset: int) -> tuple[list[BatchRow], int]:
        found, total = await request.app[SERVICES].admin.keys.batches(query.q, limit, offset)
        return [BatchRow(**structs.asdict(one) | {"created_at": iso(one.created_at)}) for one in found], total

    return await table_answer(request, query, "batches", BatchRow.__struct_fields__, page, BatchesPage)


@calls.get("/admin/licenses/{license_id}", "One key", role="support", answer=LicenseAnswer, refusals=_MISSING)
async def admin_show_license(request: web.Request) -> LicenseAnswer:
    return LicenseAnswer(await request.app[SERVICES].admin.keys.show(id_of(request, "license_id")))


@calls.post(
    "/admin/licenses/{license_id}/extend",
    "Add days to a key. The same `Idempotency-Key` adds them once",
    keyed="may",
    role="admin",
    body=ExtendBody,
    answer=LicenseAnswer,
    refusals=(*_CHANGING, errors.KeyReused),
)
async def admin_extend_license(request: web.Request, body: ExtendBody) -> LicenseAnswer:
    keys = request.app[SERVICES].admin.keys
    return _done(request, await keys.extend(id_of(request, "license_id"), body.days, act_once(request)))


@calls.post(
    "/admin/licenses/{license_id}/suspend",
    "Stop a key's clock until it is resumed",
    role="admin",
    answer=LicenseAnswer,
    refusals=_CHANGING,
)
async def admin_suspend_license(request: web.Request) -> LicenseAnswer:
    keys = request.app[SERVICES].admin.keys
    return _done(request, await keys.suspend(id_of(request, "license_id"), act(request)))


@calls.post(
    "/admin/licenses/{license_id}/resume",
    "Let a suspended key run on",
    role="admin",
    answer=LicenseAnswer,
    refusals=_CHANGING,
)
async def admin_resume_license(request: web.Request) -> LicenseAnswer:
    keys = request.app[SERVICES].admin.keys
    return _done(request, await keys.resume(id_of(request, "license_id"), act(request)))


@calls.post(
    "/admin/licenses/{license_id}/revoke",
    "Take what a key has left, for good; its owner is signed out",
    role="admin",
    answer=LicenseAnswer,
    refusals=_CHANGING,
)
async def admin_revoke_license(request: web.Request) -> LicenseAnswer:
    keys = request.app[SERVICES].admin.keys
    return _done(request, await keys.revoke(id_of(request, "license_id"), act(request)))


@calls.post(
    "/admin/licenses/{license_id}/transfer",
    "Move a license, with what it has left, to another account",
    role="admin",
    body=TransferBody,
    answer=LicenseAnswer,
    refusals=(*_CHANGING, errors.UserNotFound),
)
async def admin_transfer_license(request: web.Request, body: TransferBody) -> LicenseAnswer:
    keys = request.app[SERVICES].admin.keys
    return _done(request, await keys.transfer(id_of(request, "license_id"), body.user, act(request)))


@calls.post(
    "/admin/licenses/{license_id}/rotate",
    "Another key for the same license; the old one stops working",
    role="admin",
    answer=RotatedAnswer,
    refusals=_CHANGING,
)
async def admin_rotate_license(request: web.Request) -> RotatedAnswer:
    keys = request.app[SERVICES].admin.keys
    return RotatedAnswer(await keys.rotate(id_of(request, "license_id"), act(request)))


def _done(request: web.Request, row: LicenseRow) -> LicenseAnswer:
    services = request.app[SERVICES]
    if row.user is not None:
        services.access.drop(row.user.id)
    services.changes.check_now()
    return LicenseAnswer(row)


def _keys(made: Issued) -> list[IssuedKey]:
    return [IssuedKey(key, made.plan, made.days) for key in made.keys]
