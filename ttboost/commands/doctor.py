"""`ttboost doctor`: one line a part, ok or the problem and its cure."""

from typing import Annotated

import typer

from ttboost.commands.running import ConfigFile


def doctor(
    live: Annotated[str | None, typer.Option(metavar="UNIQUE_ID", help="Also connect to this LIVE.")] = None,
    config: ConfigFile = None,
) -> None:
    """Check everything the product needs, on this machine with this configuration."""
    import asyncio

    from core.config import load
    from ttboost import logs
    from ttboost.commands import checks

    logs.configure()
    found = asyncio.run(checks.examine(load(config), live))
    for finding in found:
        typer.echo(f"{'problem' if finding.is_problem else 'ok':<8} {finding.part}: {finding.words}")
    if any(finding.is_problem for finding in found):
        raise typer.Exit(1)
