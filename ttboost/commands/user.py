"""`ttboost user …` and `ttboost admin …`"""

from collections.abc import Awaitable, Callable
from enum import StrEnum
from typing import TYPE_CHECKING, Annotated

import typer

from ttboost.commands.running import ConfigFile, example, group, with_installation

if TYPE_CHECKING:
    from core.audit import Act
    from core.config import Config
    from storage.db import UnitOfWork
    from storage.models import User
    from ttboost.database import Opened

    Operation = Callable[[UnitOfWork, User, Act], Awaitable[User]]
    KnowingOperation = Callable[[UnitOfWork, User, Act, Config], Awaitable[User]]

app = group("Accounts.")
admin = group("Who may administer.")


class Staff(StrEnum):
    ADMIN = "admin"
    SUPPORT = "support"


Granted = Annotated[Staff, typer.Option("--role", help="Support sees no money.")]
Who = Annotated[str, typer.Argument(metavar="USER", help="Username, or tg:ID of a Telegram account.")]


@app.command("list", epilog=example("user list stream"))
def list_(
    text: Annotated[str, typer.Argument(help="Part of a username, or tg:ID.")] = "",
    limit: Annotated[int, typer.Option(min=1, help="How many.")] = 100,
    config: ConfigFile = None,
) -> None:
    """Accounts and what they are licensed for."""
    from ttboost.commands.showing import user_rows

    for line in with_installation(config, lambda opened: user_rows(opened, text, limit)):
        typer.echo(line)


@app.command(epilog=example("user show streamer123"))
def show(user: Who, config: ConfigFile = None) -> None:
    """One account, its licenses, and what was done to it."""
    from ttboost.commands.showing import user_facts

    for line in with_installation(config, lambda opened: user_facts(opened, user)):
        typer.echo(line)


@app.command(epilog=example("user rename streamer123 streamer456"))
def rename(
    user: Who,
    username: Annotated[str, typer.Argument(metavar="NEW", help="The new username.")],
    config: ConfigFile = None,
) -> None:
    """Give an account another username; the TikTok name it listens to stays."""
    from core import administration

    _change(config, user, lambda uow, found, by: administration.rename(uow, found, username, by))


@app.command("reset-password", epilog=example("user reset-password streamer123"))
def reset_password(user: Who, config: ConfigFile = None) -> None:
    """Set a new random password and print it, once."""
    import secrets

    from core import administration
    from core.passwords import Passwords

    async def work(opened: "Opened") -> str:
        password = secrets.token_urlsafe(12)
        passwords = Passwords()
        try:
            hashed = await passwords.hash(password)
        finally:
            passwords.close()
        async with opened.db.begin() as uow:
            found = await administration.find_user(uow, user)
            await administration.reset_password(uow, found, hashed, opened.act())
        return password

    typer.echo(with_installation(config, work))


@app.command(epilog=example("user ban streamer123"))
def ban(user: Who, config: ConfigFile = None) -> None:
    """Lock an account out; its tokens and sockets end."""
    from core import administration

    _change(config, user, lambda uow, one, by: administration.set_banned(uow, one, by, is_banned=True))


@app.command(epilog=example("user unban streamer123"))
def unban(user: Who, config: ConfigFile = None) -> None:
    """Let an account in again."""
    from core import administration

    _change(config, user, lambda uow, one, by: administration.set_banned(uow, one, by, is_banned=False))


@admin.command(epilog=example("admin grant tg:123456789"))
def grant(user: Who, role: Granted = Staff.ADMIN, config: ConfigFile = None) -> None:
    """Make an account an administrator, or one of support, who see no money."""
    _set_role(config, user, role.value)


@admin.command(epilog=example("admin revoke streamer123"))
def revoke(user: Who, config: ConfigFile = None) -> None:
    """Make an administrator an ordinary account."""
    _set_role(config, user, "user")


def _set_role(config: ConfigFile, user: str, role: str) -> None:
    from core import administration
    from storage.models import UserRole

    _change_knowing(
        config,
        user,
        lambda uow, one, by, known: administration.set_role(uow, one, UserRole(role), by, known),
    )


def _change(config: ConfigFile, user: str, operation: "Operation") -> None:
    _change_knowing(config, user, lambda uow, one, by, _: operation(uow, one, by))


def _change_knowing(config: ConfigFile, user: str, operation: "KnowingOperation") -> None:
    """Do one thing to one account and print what it is now."""
    from core import administration
    from ttboost.commands.showing import user_line

    async def work(opened: "Opened") -> str:
        by = opened.act()
        async with opened.db.begin() as uow:
            found = await administration.find_or_create_user(uow, user, by)
            return await user_line(uow, opened, await operation(uow, found, by, opened.config))

    typer.echo(with_installation(config, work))
