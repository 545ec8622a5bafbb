"""What the commands share: their options, and how one runs."""

import asyncio
from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager
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


@contextmanager
def told_plainly() -> Iterator[None]:
    """What database and media store may raise, as a refusal of one line."""
    import sqlite3

    from core.errors import Unavailable
    from storage.db import DatabaseError
    from storage.media import MediaFailure
    from ttboost.database import reason

    try:
        yield
    except (DatabaseError, sqlite3.Error) as error:
        raise Unavailable(f"the database refuses: {reason(error)}") from error
    except MediaFailure as error:
        raise Unavailable(f"the media store refuses: {reason(error)}") from error


def with_installation(config_file: Path | None, work: Callable[["Opened"], Awaitable[Answer]]) -> Answer:
    """Open what `--config` names, do `work`, close it again."""
    from core.config import load
    from ttboost import logs
    from ttboost.database import open_installation

    async def run() -> Answer:
        async with open_installation(load(config_file)) as opened:
            return await work(opened)

    logs.configure()
    with told_plainly():
        return asyncio.run(run())
