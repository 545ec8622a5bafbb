"""What the commands share: their options, and how one runs."""

import asyncio
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, TypeVar

import typer

if TYPE_CHECKING:
    from ttboost.database import Opened

ConfigFile = Annotated[
    Path | None,
    typer.Option("--config", metavar="FILE", help="Configuration, TOML.", show_default="defaults"),
]

Answer = TypeVar("Answer")


def group(summary: str) -> typer.Typer:
    return typer.Typer(
        help=summary, rich_markup_mode=None, add_completion=False, pretty_exceptions_enable=False
    )


def example(command: str) -> str:
    """For `epilog`."""
    return f"Example: ttboost {command}"


def with_installation(config_file: Path | None, work: Callable[["Opened"], Awaitable[Answer]]) -> Answer:
    """Open what `--config` names, do `work`, close it again."""
    from core.config import load
    from core.errors import Unavailable
    from storage.db import DatabaseError
    from ttboost import logs
    from ttboost.database import open_installation, reason

    async def run() -> Answer:
        try:
            async with open_installation(load(config_file)) as opened:
                return await work(opened)
        except DatabaseError as error:
            raise Unavailable(f"the database refuses: {reason(error)}") from error

    logs.configure()
    return asyncio.run(run())
