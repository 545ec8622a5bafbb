"""What people can do, each subject in its file. Order matters: the first that fits answers."""

from aiogram import Router

from bot import refusals
from bot.handlers import (
    account,
    activation,
    admin,
    admin_keys,
    admin_orders,
    admin_payments,
    admin_people,
    admin_talk,
    admin_watch,
    anytime,
    fallback,
    live,
    orders,
    payments,
    promotion,
    settings,
    sounds,
    start,
    support,
    wallet,
)


def routers() -> list[Router]:
    """New ones each time: a router belongs to one dispatcher."""
    subjects = (
        admin,
        admin_keys,
        admin_orders,
        admin_payments,
        admin_people,
        admin_watch,
        refusals,
        payments,
        anytime,
        start,
        activation,
        wallet,
        orders,
        live,
        settings,
        support,
        account,
        sounds,
        promotion,
        fallback,
    )
    return [admin_talk.tickets(), admin_talk.router(), *[subject.router() for subject in subjects]]


def checkout_routers() -> list[Router]:
    """For purchases about to be made."""
    return [refusals.router(), payments.checkouts()]
