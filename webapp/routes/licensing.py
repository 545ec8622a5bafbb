"""The license: what it is, what there was, and ways to have one."""

from typing import Annotated, Any, Literal

from aiohttp import web
from msgspec import Meta, Struct

from core import errors
from core.audit import Act
from core.clock import iso
from core.license_clock import LicenseState
from core.money.amounts import number
from core.payments.invoices import InvoiceLink
from core.plans_for_sale import HeldLicense, Offer, Shelf
from core.sales import Bought
from webapp.api import Calls
from webapp.fields import Moment
from webapp.keys import SERVICES
from webapp.requests import caller

calls = Calls("License")

Key = Annotated[str, Meta(max_length=200, description="`TTB-XXXX-XXXX-XXXX`, in any spelling")]
PlanName = Annotated[str, Meta(max_length=32)]


class Activation(Struct, frozen=True):
    license_key: Key


class Purchase(Struct, frozen=True):
    """`Idempotency-Key` may come along; without it the same again within 10 s is the same purchase."""

    plan: PlanName
    pay: Literal["stars", "balance"]


class LicenseNow(Struct, frozen=True):
    plan: str | None
    license_expires_at: Moment | None


class LicenseOffer(Struct, frozen=True):
    plan: str
    title: str
    days: int
    stars: int
    price: float
    currency: str
    rate: float
    tiktok_usernames: int
    triggers: int
    sound_quota_bytes: int
    speech_characters_per_day: int


class TrialShown(Struct, frozen=True):
    plan: str
    title: str
    days: int


class LicenseHeld(Struct, frozen=True):
    """`license_key` is its end. `status`: `active`, `suspended`, `revoked` or `used_up`.

    `source`: `key`, `trial`, `stars` or `balance`.
    """

    license_key: str
    plan: str
    days: int
    days_left: float
    status: str
    source: str
    price: float | None
    activated_at: Moment


class LicensePage(Struct, frozen=True):
    plan: str | None
    license_expires_at: Moment | None
    history: list[LicenseHeld]
    offers: list[LicenseOffer]
    trial: TrialShown | None


class PurchaseDone(Struct, frozen=True):
    """By balance `plan`, `license_expires_at` and `price`; by Stars what is to be paid, and where."""

    pay: Literal["stars", "balance"]
    plan: str
    price: float
    currency: str
    license_expires_at: Moment | None = None
    days: int | None = None
    invoice_link: str | None = None
    stars: int | None = None
    rate: float | None = None


@calls.get("/license", "The license, those before, what is for sale", answer=LicensePage)
async def show_license(request: web.Request) -> LicensePage:
    services = request.app[SERVICES]
    return _page(await services.shop.shelf(caller(request).user_id), request)


@calls.post(
    "/license/activate",
    "Bind a license key; its days follow those there are",
    body=Activation,
    answer=LicenseNow,
    refusals=(
        errors.InvalidLicenseKey,
        errors.LicenseNotFound,
        errors.LicenseRevoked,
        errors.LicenseSuspended,
        errors.LicenseAlreadyBound,
    ),
)
async def activate_license(request: web.Request, body: Activation) -> LicenseNow:
    user_id = caller(request).user_id
    state = await request.app[SERVICES].shop.activate(user_id, body.license_key)
    return _changed(request, state)


@calls.post(
    "/license/trial",
    "Start the one trial of a Telegram account",
    answer=LicenseNow,
    refusals=(errors.NoTrial, errors.TelegramRequired, errors.TrialUsed),
)
async def start_trial(request: web.Request) -> LicenseNow:
    user_id = caller(request).user_id
    state = await request.app[SERVICES].shop.start_trial(user_id, _act(request))
    return _changed(request, state)


@calls.post(
    "/license/buy",
    "Buy a plan: bound at once from the balance, or an invoice in Stars",
    keyed="may",
    body=Purchase,
    answer=PurchaseDone,
    refusals=(
        errors.NotForSale,
        errors.InsufficientFunds,
        errors.KeyReused,
        errors.DebtOpen,
        errors.PaymentsUnavailable,
    ),
)
async def buy_license(request: web.Request, body: Purchase) -> PurchaseDone:
    services, user_id = request.app[SERVICES], caller(request).user_id
    key = request.headers.get("Idempotency-Key")
    done = await services.shop.buy(user_id, body.plan, body.pay, key, _act(request))
    _notice_change(request)
    return _done(body, done, services.config.orders.currency)


def _act(request: web.Request) -> Act:
    return Act(f"user:{caller(request).user_id}", request.app[SERVICES].clock.now())


def _changed(request: web.Request, state: LicenseState) -> LicenseNow:
    _notice_change(request)
    return LicenseNow(state.plan, iso(state.expires_at) if state.expires_at else None)


def _notice_change(request: web.Request) -> None:
    services = request.app[SERVICES]
    services.access.drop(caller(request).user_id)
    services.changes.check_now()


def _page(shelf: Shelf, request: web.Request) -> LicensePage:
    config, state = request.app[SERVICES].config, shelf.state
    terms = {"currency": config.orders.currency, "rate": float(config.telegram.stars_rate)}
    return LicensePage(
        plan=state.plan,
        license_expires_at=iso(state.expires_at) if state.expires_at else None,
        history=[_held(one) for one in shelf.history],
        offers=[_offer(one, terms) for one in shelf.offers],
        trial=TrialShown(shelf.trial.plan, shelf.trial.title, shelf.trial.days) if shelf.trial else None,
    )


def _offer(offer: Offer, terms: dict[str, Any]) -> LicenseOffer:
    return LicenseOffer(
        plan=offer.plan,
        title=offer.title,
        days=offer.days,
        stars=offer.stars,
        price=number(offer.price),
        tiktok_usernames=offer.tiktok_usernames,
        triggers=offer.triggers,
        sound_quota_bytes=offer.sound_quota_bytes,
        speech_characters_per_day=offer.speech_characters_per_day,
        **terms,
    )


def _held(one: HeldLicense) -> LicenseHeld:
    return LicenseHeld(
        license_key=f"…{one.key_tail}",
        plan=one.plan,
        days=one.days,
        days_left=one.days_left,
        status=one.status,
        source=one.source,
        price=None if one.amount is None else number(one.amount),
        activated_at=iso(one.redeemed_at),
    )


def _done(body: Purchase, done: Bought | InvoiceLink, currency: str) -> PurchaseDone:
    if isinstance(done, Bought):
        return PurchaseDone(
            "balance", done.plan, number(done.amount), currency, iso(done.expires_at), done.days
        )
    return PurchaseDone(
        "stars",
        body.plan,
        number(done.amount),
        currency,
        invoice_link=done.link,
        stars=done.stars,
        rate=float(done.rate),
    )
