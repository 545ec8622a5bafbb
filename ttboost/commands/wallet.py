"""`ttboost wallet …`"""

from collections.abc import Awaitable, Callable
from typing import TYPE_CHECKING, Annotated

import typer

from ttboost.commands.running import ConfigFile, example, group, with_installation
from ttboost.commands.user import Who

if TYPE_CHECKING:
    from core.audit import Act
    from core.money.ledger import Balance
    from storage.db import UnitOfWork
    from storage.models import User
    from ttboost.database import Opened

    Adjustment = Callable[[UnitOfWork, User, int, str, str, Act], Awaitable[Balance]]

app = group("Money.")

Amount = Annotated[str, typer.Argument(metavar="AMOUNT", help="In the configured currency, as 12.50.")]
Reason = Annotated[str, typer.Option(metavar="T", help="Why; the account's owner reads it too.")]


@app.command(epilog=example("wallet credit streamer123 12.50 --reason 'sorry for the outage'"))
def credit(user: Who, amount: Amount, reason: Reason, config: ConfigFile = None) -> None:
    """Give money to an account; a debt is paid out of it first."""
    from core.money import adjustments

    typer.echo(_adjust(config, user, amount, reason, adjustments.credit))


@app.command(epilog=example("wallet debit tg:123456789 5 --reason 'credited twice'"))
def debit(user: Who, amount: Amount, reason: Reason, config: ConfigFile = None) -> None:
    """Take money from an account; never more than it may spend."""
    from core.money import adjustments

    typer.echo(_adjust(config, user, amount, reason, adjustments.debit))


@app.command(epilog=example("wallet verify"))
def verify(config: ConfigFile = None) -> None:
    """Prove the ledger: every entry, balance and hold; exit 1 and what is broken where it does not hold."""
    from core.errors import Conflict
    from core.money import nightly

    proof = with_installation(config, lambda opened: nightly.run(opened.db, opened.clock))
    for broken in proof.broken:
        typer.echo(str(broken))
    if proof.broken:
        raise Conflict(str(proof))
    typer.echo(str(proof))
    # As the nightly proof logs it: who kept that line can tell that this is the same ledger.
    typer.echo(f"head {proof.anchor.hash}")


def _adjust(config: ConfigFile, user: str, amount: str, reason: str, adjustment: "Adjustment") -> str:
    """Each call is a movement of its own. The balance afterwards, as a line."""
    from secrets import token_hex

    from core import administration
    from core.money import amounts
    from ttboost.commands.showing import balance_line

    wanted = amounts.parse(amount)

    async def work(opened: "Opened") -> str:
        by = opened.act()
        async with opened.db.begin() as uow:
            found = await administration.find_or_create_user(uow, user, by)
            left = await adjustment(uow, found, wanted, reason, f"cli:{token_hex(16)}", by)
        return balance_line(found, left, opened.config.orders.currency)

    return with_installation(config, work)
