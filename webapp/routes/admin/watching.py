"""What goes on: LIVEs, the audit log, figures, health."""

from typing import Annotated, Literal

from aiohttp import web
from msgspec import Meta, Struct

from core.admin.watching import AuditQuery, AuditRow, Figures, Health, LiveRow
from core.money import amounts
from webapp.api import Calls
from webapp.keys import SERVICES
from webapp.routes.admin.asking import AdminPage, Text, sees_money
from webapp.tables import csv_answer

calls = Calls("Admin: watching")


class LivesAnswer(Struct, frozen=True):
    """Of the process that answers. `cuts`: how often this LIVE's connection was lost."""

    lives: list[LiveRow]


class AuditLogQuery(AdminPage, frozen=True, kw_only=True):
    actor: Annotated[Text, Meta(description="`cli`, `system`, `user:ID` or `tg:ID`")] = ""
    action: Annotated[Text, Meta(description="How it begins, as `license.`")] = ""
    subject: Annotated[Text, Meta(description="As `user:7`, `license:4KD7QZ`, `ticket:3`")] = ""
    format: Literal["json", "csv"] = "json"


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


@calls.get("/admin/live", "Streamers who are listened to right now", role="support", answer=LivesAnswer)
async def admin_list_lives(request: web.Request) -> LivesAnswer:
    return LivesAnswer(await request.app[SERVICES].admin.watching.lives())


@calls.get(
    "/admin/audit",
    "What was done by whom, newest first",
    role="support",
    query=AuditLogQuery,
    answer=AuditPage,
)
async def admin_list_audit(request: web.Request, query: AuditLogQuery) -> AuditPage | web.Response:
    wanted = AuditQuery(
        actor=query.actor,
        action=query.action,
        subject=query.subject,
        limit=query.limit,
        offset=query.offset,
    )
    watching = request.app[SERVICES].admin.watching
    rows, total = await watching.audit(wanted, with_money=sees_money(request))
    if query.format == "csv":
        return csv_answer("audit", rows, AuditRow.__struct_fields__)
    return AuditPage(rows, total, query.limit, query.offset)


@calls.get("/admin/statistics", "How much there is of everything", role="support", answer=StatisticsAnswer)
async def admin_show_statistics(request: web.Request) -> StatisticsAnswer:
    watching = request.app[SERVICES].admin.watching
    return _shown(await watching.figures(with_money=sees_money(request)))


@calls.get("/admin/health", "How this process does", role="support", answer=HealthAnswer)
async def admin_show_health(request: web.Request) -> HealthAnswer:
    return HealthAnswer(await request.app[SERVICES].admin.watching.health())


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
