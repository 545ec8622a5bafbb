"""`ttboost serve` and `ttboost demo`"""

from typing import TYPE_CHECKING, Annotated

import typer

from ttboost.commands.running import ConfigFile, told_plainly
from ttboost.process import hold_collector

if TYPE_CHECKING:
    from core.config import Config

ROLES = ("web", "bot", "live", "jobs")


def serve(
    roles: Annotated[str, typer.Option(help="What this process does, separated by commas.")] = ",".join(
        ROLES
    ),
    config: ConfigFile = None,
) -> None:
    """Run the product until it is told to stop."""
    hold_collector()
    from core.config import load
    from ttboost.serve import run

    with told_plainly():
        run(load(config), chosen(roles), demo=False)


def demo(
    port: Annotated[int | None, typer.Option(min=0, max=65535, help="Instead of web.port.")] = None,
    config: ConfigFile = None,
) -> None:
    """Show everything with a made-up LIVE: no TikTok, no keys, on this machine alone."""
    hold_collector()
    from core.config import load
    from ttboost.serve import run

    with told_plainly():
        run(demo_config(load(config), port), ROLES, demo=True)


def chosen(roles: str) -> tuple[str, ...]:
    names = {name.strip() for name in roles.split(",")}
    unknown = names - set(ROLES)
    if unknown:
        raise typer.BadParameter(f"--roles: no such role: {', '.join(sorted(unknown))}")
    return tuple(name for name in ROLES if name in names)


def demo_config(config: "Config", port: int | None) -> "Config":
    """Own data, own secrets, loopback only; nothing that is set up for the real thing is touched."""
    from core.config import Bus, DatabaseSection, Fulfilment, Media, Replay, Telegram

    return config.model_copy(
        update={
            "data_dir": config.data_dir / "demo",
            "web": config.web.model_copy(
                update={
                    "host": "127.0.0.1",
                    "port": config.web.port if port is None else port,
                    "public_url": None,
                    "trusted_proxies": [],
                }
            ),
            "database": DatabaseSection(),
            "bus": Bus(),
            "media": Media(),
            "telegram": Telegram(),
            "orders": config.orders.model_copy(update={"provider": "simulated"}),
            "fulfilment": Fulfilment(),
            "live": config.live.model_copy(update={"source": "replay", "replay": Replay()}),
        }
    )
