"""What goes on: LIVEs, the audit log, figures, health."""

from typing import Annotated, Literal

from aiohttp import web
from msgspec import Meta, Struct, structs

from core.admin.watching import MONEY_DETAILS, AuditQuery, AuditRow, Figures, Health, LiveRow
from core.live.source import LiveState
from core.money import amounts
from webapp.api import Calls
from webapp.keys import SERVICES
from webapp.routes.admin.asking import AdminTable, Text, sees_money, table_answer
from webapp.tables import csv_answer

calls = Calls("Admin: watching")


class LivesAnswer(Struct, frozen=True):
    """Of the process that answers. `cuts`: how often this LIVE's connection was lost."""

    lives: list[LiveRow]


class LivesQuery(Struct, frozen=True, kw_only=True):
    q: Annotated[Text, Meta(description="Part of a name, or `tg:` and a Telegram id")] = ""
    state: LiveState | None = None
    format: Literal["json", "csv"] = "json"


class AuditLogQuery(AdminTable, frozen=True, kw_only=True):
    actor: Annotated[Text, Meta(description="`cli`, `system`, `user:ID` or `tg:ID`")] = ""
    action: Annotated[Text, Meta(description="How it begins, as `license.`")] = ""
    subject: Annotated[Text, Meta(description="As `user:7`, `license:4KD7QZ`, `ticket:3`")] = ""


class AuditPage(Struct, frozen=True):
    """What was done with money is not shown to support."""

    entries: list[AuditRow]
    total: int
    limit: int
    offset: int


class StatisticsAnswer(Struct, frozen=True):
    """`users`, `licenses` (keys), `orders` by state, at most 30 s old; `lives` of the process that answers.

    `money`: what lies in the accounts of each kind; null to support.
    """

    at: str
    users: dict[str, int]
    licenses: dict[str, int]
    orders: dict[str, int]
    lives: dict[str, int]
    money: dict[str, float] | None


class HealthAnswer(Struct, frozen=True):
    health: Health


@calls.get(
    "/admin/live",
    "Streamers who are listened to right now",
    role="support",
    query=LivesQuery,
    answer=LivesAnswer,
)
async def admin_list_lives(request: web.Request, query: LivesQuery) -> LivesAnswer | web.Response:
    lives = await request.app[SERVICES].admin.watching.lives(query.q, query.state)
    if query.format == "csv":
        return csv_answer("live", lives, LiveRow.__struct_fields__)
    return LivesAnswer(lives)


@calls.get(
    "/admin/audit",
    "What was done by whom, newest first",
    role="support",
    query=AuditLogQuery,
    answer=AuditPage,
)
async def admin_list_audit(request: web.Request, query: AuditLogQuery) -> AuditPage | web.StreamResponse:
    watching = request.app[SERVICES].admin.watching

    async def page(limit: int, offset: int) -> tuple[list[AuditRow], int]:
        wanted = AuditQuery(
            actor=query.actor, action=query.action, subject=query.subject, limit=limit, offset=offset
        )
        rows, total = await watching.audit(wanted, with_money=sees_money(request))
        return [_with_decimals(row) for row in rows], total

    return await table_answer(request, query, "audit", AuditRow.__struct_fields__, page, AuditPage)


@calls.get("/admin/statistics", "How much there is of everything", role="support", answer=StatisticsAnswer)
async def admin_show_statistics(request: web.Request) -> StatisticsAnswer:
    watching = request.app[SERVICES].admin.watching
    return _shown(await watching.figures(with_money=sees_money(request)))


@calls.get("/admin/health", "How this process does", role="support", answer=HealthAnswer)
async def admin_show_health(request: web.Request) -> HealthAnswer:
    return HealthAnswer(await request.app[SERVICES].admin.watching.health())


def _with_decimals(row: AuditRow) -> AuditRow:
    money = {name: amounts.number(row.details[name]) for name in MONEY_DETAILS & row.details.keys()}
    return structs.replace(row, details=row.details | money)


def _shown(figures: Figures) -> StatisticsAnswer:
    money = figures.money
    return StatisticsAnswer(
        at=figures.at,
        users=figures.users,
        licenses=figures.licenses,
        orders=figures.orders,
        lives=figures.lives,
        money=None if money is None else {kind: amounts.number(value) for kind, value in money.items()},
    )
