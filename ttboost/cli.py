"""The command line. Exit codes: 0 done, 1 refused, 2 wrong usage; errors are one line on stderr."""

import sys
from collections.abc import Sequence

import typer
from typer.exceptions import TyperException

from core.errors import AppError
from ttboost.commands import db, doctor, live, user, wallet
from ttboost.commands import license as licenses
from ttboost.commands.bench import bench
from ttboost.commands.running import example, group
from ttboost.commands.serving import demo, serve

app = group("Gifts ring and chat is spoken, on a streamer's phone or in OBS.")
app.command(epilog=example("demo --port 8080"))(demo)
app.command(epilog=example("serve --config config.toml"))(serve)
app.add_typer(licenses.app, name="license")
app.add_typer(user.app, name="user")
app.add_typer(user.admin, name="admin")
app.add_typer(wallet.app, name="wallet")
app.add_typer(live.app, name="live")
app.command(epilog=example("doctor --live streamer123"))(doctor.doctor)
app.add_typer(db.app, name="db")
app.command(epilog=example("bench decode --json bench.json"))(bench)


def main(arguments: Sequence[str] | None = None) -> None:
    """Run `ttboost` and exit."""
    sys.exit(run(arguments))


def run(arguments: Sequence[str] | None = None) -> int:
    try:
        return app(arguments, standalone_mode=False) or 0
    except TyperException as error:
        return _fail(error.format_message(), error.exit_code)
    except AppError as error:
        return _fail(error.detail)
    except OSError as error:  # no rights, no space, no such directory
        return _fail(str(error))
    except (KeyboardInterrupt, typer.Abort):
        return 130


def _fail(message: str, code: int = 1) -> int:
    typer.echo(f"error: {' '.join(message.split())}", err=True)
    return code
