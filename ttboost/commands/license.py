"""`ttboost license …`"""

from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from ttboost.commands.running import ConfigFile, example, group, with_installation

if TYPE_CHECKING:
    from core.audit import Act
    from core.licenses import Issued
    from storage.db import UnitOfWork
    from storage.models import License
    from ttboost.database import Opened

    Operation = Callable[[UnitOfWork, License, Act], Awaitable[License]]

app = group("License keys: make them, see and change what they are worth.")

Key = Annotated[str, typer.Argument(metavar="KEY", help="Whole, or its last six letters.")]
Days = Annotated[int, typer.Option("--days", min=1, help="How many days it is good for.")]


@app.command(epilog=example("license issue --days 30 --count 10 --note reseller"))
def issue(
    days: Days,
    plan: Annotated[str | None, typer.Option(help="A plan of the configuration.")] = None,
    count: Annotated[int, typer.Option(min=1, help="How many keys.")] = 1,
    note: Annotated[str, typer.Option(help="For yourself: who it is for.")] = "",
    file: Annotated[Path | None, typer.Option(help="Write them there as CSV instead; a new file.")] = None,
    *,
    as_json: Annotated[bool, typer.Option("--json", help="Print an array.")] = False,
    config: ConfigFile = None,
) -> None:
    """Make new keys and print them, once: only a hash is kept."""
    from core import licenses, plans
    from core.errors import Invalid
    from ttboost.commands.batches import prepared, write

    async def work(opened: "Opened") -> tuple[str, "Issued"]:
        name = plan or plans.default_plan(opened.config)
        if name not in opened.config.plans:
            raise Invalid(f"no such plan: {name} (known: {', '.join(opened.config.plans)})", field="plan")
        batch = licenses.Batch(name, days, count, note)
        async with opened.db.begin() as uow:
            return name, await licenses.issue_batch(uow, batch, opened.secrets.license_pepper, opened.act())

    with prepared(file) as table:
        name, issued = with_installation(config, work)
        keys = issued.keys
        if table:
            write(table, issued, licenses.Batch(name, days, count, note))
            return typer.echo(f"{len(keys)} keys in {file}")
    if as_json:
        import json

        typer.echo(json.dumps([{"key": key, "plan": name, "days": days} for key in keys]))
    else:
        typer.echo("\n".join(keys))
    return None


@app.command("list", epilog=example("license list --status active"))
def list_(
    status: Annotated[str | None, typer.Option(help="new, active, suspended or revoked.")] = None,
    batch: Annotated[str | None, typer.Option(help="Of this batch alone.")] = None,
    limit: Annotated[int, typer.Option(min=1, help="How many, newest first.")] = 100,
    config: ConfigFile = None,
) -> None:
    """The newest keys, by their last six letters."""
    from core.errors import Invalid
    from ttboost.commands.showing import license_rows

    if status not in {None, "new", "active", "suspended", "revoked"}:
        raise Invalid(f"no such status: {status}", field="status")
    for line in with_installation(config, lambda opened: license_rows(opened, status, batch, limit)):
        typer.echo(line)


@app.command(epilog=example("license batches"))
def batches(
    limit: Annotated[int, typer.Option(min=1, help="How many, newest first.")] = 100,
    config: ConfigFile = None,
) -> None:
    """Keys made together: how many were redeemed, suspended, revoked."""
    from ttboost.commands.batches import rows

    for line in with_installation(config, lambda opened: rows(opened, limit)):
        typer.echo(line)


@app.command(epilog=example("license show 4KD7QZ"))
def show(key: Key, config: ConfigFile = None) -> None:
    """What is known of a key, and what was done to it."""
    from ttboost.commands.showing import license_facts

    for line in with_installation(config, lambda opened: license_facts(opened, key)):
        typer.echo(line)


@app.command(epilog=example("license extend 4KD7QZ --days 7"))
def extend(key: Key, days: Days, config: ConfigFile = None) -> None:
    """Add days to a key."""
    from core import licenses

    _change(config, key, lambda uow, found, by: licenses.extend(uow, found, days, by))


@app.command(epilog=example("license suspend 4KD7QZ"))
def suspend(key: Key, config: ConfigFile = None) -> None:
    """Stop a key's clock until it is resumed."""
    from core import licenses

    _change(config, key, licenses.suspend)


@app.command(epilog=example("license resume 4KD7QZ"))
def resume(key: Key, config: ConfigFile = None) -> None:
    """Let a suspended key run on."""
    from core import licenses

    _change(config, key, licenses.resume)


@app.command(epilog=example("license revoke 4KD7QZ"))
def revoke(key: Key, config: ConfigFile = None) -> None:
    """Take what a key has left, for good."""
    from core import licenses

    _change(config, key, licenses.revoke)


@app.command(epilog=example("license rotate 4KD7QZ"))
def rotate(key: Key, config: ConfigFile = None) -> None:
    """Print another key for the same license; the old one stops working."""
    from core import licenses

    async def work(opened: "Opened") -> str:
        async with opened.db.begin() as uow:
            found = await licenses.find(uow, key, opened.secrets.license_pepper)
            return await licenses.rotate(uow, found, opened.secrets.license_pepper, opened.act())

    typer.echo(with_installation(config, work))


@app.command(epilog=example("license transfer 4KD7QZ streamer123"))
def transfer(
    key: Key,
    user: Annotated[str, typer.Argument(metavar="USER", help="Username, or tg:ID.")],
    config: ConfigFile = None,
) -> None:
    """Move a license, with what it has left, to another account."""
    from core import administration, licenses

    async def move(uow: "UnitOfWork", found: "License", by: "Act") -> "License":
        receiver = await administration.find_or_create_user(uow, user, by)
        return await licenses.transfer(uow, found, receiver.id, by)

    _change(config, key, move)


def _change(config: ConfigFile, key: str, operation: "Operation") -> None:
    """Do one thing to one key and print what it is now."""
    from core import licenses
    from ttboost.commands.showing import license_line

    async def work(opened: "Opened") -> str:
        by = opened.act()
        async with opened.db.begin() as uow:
            found = await licenses.find(uow, key, opened.secrets.license_pepper)
            return await license_line(uow, await operation(uow, found, by), by.at)

    typer.echo(with_installation(config, work))
