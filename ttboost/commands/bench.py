"""`ttboost bench`"""

from pathlib import Path
from typing import Annotated

import typer

from ttboost.commands.running import ConfigFile


def bench(
    name: Annotated[str | None, typer.Argument(metavar="[NAME]", help="One of them; all without it.")] = None,
    json_file: Annotated[Path | None, typer.Option("--json", metavar="FILE", help="Also write JSON.")] = None,
    config: ConfigFile = None,
) -> None:
    """Measure this program on this machine."""
    from core.config import load
    from ttboost import bench as benches
    from ttboost import logs

    load(config)
    logs.configure()
    if not benches.main([name] if name else [], json_file):
        raise typer.Exit(1)
