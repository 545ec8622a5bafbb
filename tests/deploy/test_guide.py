"""docs/operating.md names what there is."""

import ast
import re
from pathlib import Path

from prometheus_client.parser import text_string_to_metric_families

from ttboost.commands.serving import ROLES

ROOT = Path(__file__).parents[2]
GUIDE = (ROOT / "docs/operating.md").read_text("utf-8")
SOURCES = [
    file for part in ("bot", "core", "storage", "ttboost", "webapp") for file in (ROOT / part).rglob("*.py")
]
LOGGERS = {"log", "request.app[REQUEST_LOG]"}
LEVELS = {"info", "warning", "error", "exception"}


def part(title: str) -> str:
    return GUIDE.partition(f"\n## {title}\n")[2].partition("\n## ")[0]


def named(column: str) -> set[str]:
    """What stands in backticks in a table's cell."""
    return set(re.findall(r"`([^`]+)`", column))


def events() -> dict[str, set[str]]:
    """Every event of the log, with the levels it comes with."""
    found: dict[str, set[str]] = {}
    for file in SOURCES:
        for node in ast.walk(ast.parse(file.read_text("utf-8"))):
            if not isinstance(node, ast.Call) or not isinstance(node.func, ast.Attribute) or not node.args:
                continue
            target, name = ast.unparse(node.func.value), node.args[0]
            is_log = target in LOGGERS and node.func.attr in LEVELS
            if is_log and isinstance(name, ast.Constant) and isinstance(name.value, str):
                found.setdefault(name.value, set()).add(node.func.attr)
    return found | {"library": {"warning", "error"}}


def told() -> set[str]:
    rows = [row.split("|") for row in part("The log").splitlines() if row.startswith("| `")]
    return set().union(*(named(row[1]) for row in rows))


def test_every_event_the_guide_names_is_one():
    assert told() - set(events()) == set()


def test_every_error_of_the_log_is_in_the_guide():
    errors = {name for name, levels in events().items() if levels & {"error", "exception"}}

    assert errors - told() == KNOWN_ELSEWHERE


KNOWN_ELSEWHERE = {"connection_failed"}
"""A socket's own failure before any request: a bug with its traceback, like `request_failed`."""


async def test_every_metric_the_guide_names_is_exposed(client):
    async with client.get("/metrics") as answer:
        families = list(text_string_to_metric_families(await answer.text()))
    exposed = {family.name.removeprefix("ttboost_") for family in families}
    cells = [row.split("|")[2] for row in part("What to watch").splitlines() if row.startswith("| ")]
    wanted = {name.partition("{")[0].removesuffix("_total") for cell in cells for name in named(cell)}

    assert wanted - exposed == {"up", *ONLY_WHERE_THERE_IS_ONE}


ONLY_WHERE_THERE_IS_ONE = {
    "budget_held_seconds",
    "budget_limit",
    "budget_used",
    "budget_waiting",
    "bus_up",
    "ledger_broken",
    "ledger_verified_timestamp_seconds",
    "notices_oldest_timestamp_seconds",
}


def test_every_role_is_described():
    rows = [row for row in part("What each process needs").splitlines() if row.startswith("| `")]

    assert [named(row.split("|")[1]).pop() for row in rows] == ["web", "live", "bot", "jobs"]
    assert set(ROLES) == {"web", "live", "bot", "jobs"}
