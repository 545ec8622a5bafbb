"""`ttboost doctor`: one line a part, ok or the problem and its cure."""

from typing import TYPE_CHECKING, Annotated

import typer

from ttboost.commands.running import ConfigFile

if TYPE_CHECKING:
    from core.config import Config


def doctor(
    live: Annotated[str | None, typer.Option(metavar="UNIQUE_ID", help="Also connect to this LIVE.")] = None,
    config: ConfigFile = None,
) -> None:
    """Check everything the product needs, on this machine with this configuration."""
    import asyncio

    from core.config import load
    from ttboost import logs

    logs.configure()
    if not asyncio.run(_examine(load(config), live)):
        raise typer.Exit(1)


async def _examine(config: "Config", unique_id: str | None) -> bool:
    """True where all is well."""
    from ttboost.commands import checks

    is_well = True
    async for finding in checks.examine(config, unique_id):
        state = "problem" if finding.is_problem else "ok"
        typer.echo(f"{state:<8} {finding.part}: {finding.words}")
        is_well = is_well and not finding.is_problem
    return is_well
