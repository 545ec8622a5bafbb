"""Who is signed in."""

from typing import Annotated, Literal

from aiohttp import web
from msgspec import Meta, Struct

from core.clock import iso
from core.money import amounts
from core.user_views import UserView
from webapp.api import Calls
from webapp.fields import Moment, Money
from webapp.keys import SERVICES
from webapp.requests import caller

calls = Calls("User")


class User(Struct, frozen=True):
    id: int
    telegram_id: Annotated[int | None, Meta(description="null without a Telegram account")]
    username: Annotated[str, Meta(description="Of the account, else Telegram's @name, else empty")]
    first_name: str
    last_name: str
    language: str
    balance: Annotated[Money, Meta(description="With what is held for orders, less what is owed")]
    total_spent: Annotated[Money, Meta(description="For orders delivered and licenses bought")]
    views_bought: Annotated[int, Meta(description="Delivered by the account's orders")]
    role: str
    status: Literal["active", "banned"]
    registered_at: Moment
    last_seen: Annotated[Moment | None, Meta(description="Up to an hour old; null before the first sign-in")]


class Stats(Struct, frozen=True):
    today_activity: Annotated[int, Meta(description="Events of the account's LIVEs since midnight, UTC")]
    referrals_count: Annotated[int, Meta(description="People who came by the account's link")]
    active_sessions: Annotated[int, Meta(description="Players, overlays and monitors connected right now")]


class Overview(Struct, frozen=True):
    user: User
    stats: Stats


@calls.get("/user", "The account and what it did; money and counts may be 10 seconds old", answer=Overview)
async def show_user(request: web.Request) -> Overview:
    services, user_id = request.app[SERVICES], caller(request).user_id
    view = await services.user_views.of(user_id)
    listeners = len(await services.studios.seats(user_id))
    return Overview(view_of(view), Stats(view.today_activity, view.referrals, listeners))


def view_of(view: UserView) -> User:
    return User(
        id=view.id,
        telegram_id=view.telegram_id,
        username=view.username,
        first_name=view.first_name,
        last_name=view.last_name,
        language=view.language,
        balance=amounts.number(view.balance),
        total_spent=amounts.number(view.total_spent),
        views_bought=view.views_bought,
        role=view.role,
        status="banned" if view.is_banned else "active",
        registered_at=iso(view.registered_at),
        last_seen=iso(view.last_seen_at) if view.last_seen_at else None,
    )
