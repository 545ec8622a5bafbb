"""The first page: the LIVE, what sounds, what happens, license and balance, and the first steps."""

from datetime import timedelta
from typing import Any

from core import first_steps, front_page
from core.license_clock import LicenseState
from core.live.source import LiveState, LiveStatus
from core.money import ledger
from webapp.miniapp.feed import message_of
from webapp.miniapp.qr import qr
from webapp.miniapp.sparkline import over_time
from webapp.miniapp.views import Scene, Views
from webapp.pages import texts
from webapp.routes.overlay import pages_of

SOON = timedelta(days=3)  # before it ends a license is worth a word

views = Views("home")


@views("/home", "home.html")
async def show_home(scene: Scene) -> dict[str, Any]:
    services, user_id = scene.services, scene.user_id
    glance = await services.studios.glance(user_id)
    status = glance.status if glance else await services.studios.status(user_id)
    shelf = await services.shop.shelf(user_id)
    kept = timedelta(days=services.config.history.retention_days)
    if services.studios.is_demo:
        kept = timedelta.max  # its past is made up: whoever looks at it is new
    async with services.db.read() as uow:
        front = await front_page.look(uow, user_id, glance)
        steps = await first_steps.look(uow, user_id, glance, scene.settings, services.clock, kept)
        balance = await ledger.balance(uow, user_id)
    pages = pages_of(scene.request, user_id, scene.access.overlay_version)
    return {
        "status": status,
        "situation": _situation(status, shelf.state, scene.settings.tiktok_username),
        "cure": _cure_of(status),
        "live_seconds": _lasted(front.figures, scene),
        "name": scene.settings.tiktok_username,
        "front": front,
        "steps": steps,
        "license": shelf.state,
        "license_left": _left(shelf.state, scene),
        "plan": _title_of(shelf.state, scene),
        "trial": shelf.trial,
        "balance": balance,
        "pages": pages,
        "player_qr": qr(pages.player_url),
        "viewers_chart": over_time(front.figures.minutes, "viewers") if front.figures else None,
        "diamonds_chart": over_time(front.figures.minutes, "diamonds") if front.figures else None,
        "feed_words": texts(scene.say.language)["player"],
        "told": [message for row in front.told if (message := message_of(row))],
    }


def _situation(status: LiveStatus, license_: LicenseState, name: str | None) -> str:
    """What the LIVE card is about: what is missing first, else the state of the LIVE."""
    if status.state not in (LiveState.OFF, LiveState.FAILED):
        return status.state.value
    if name is None:
        return "no_name"
    if not license_.is_live:
        return "license_over" if license_.expires_at else "no_license"
    return status.state.value


def _cure_of(status: LiveStatus) -> str | None:
    """The code whose words say what is wrong; that somebody is not LIVE yet is not wrong."""
    return None if status.state is LiveState.WAITING and status.error_code == "offline" else status.error_code


def _lasted(figures: front_page.Figures | None, scene: Scene) -> float:
    return (scene.services.clock.now() - figures.started_at).total_seconds() if figures else 0.0


def _left(license_: LicenseState, scene: Scene) -> str:
    """Of `none`, `over`, `soon`, `good`."""
    if license_.expires_at is None:
        return "none"
    if not license_.is_live:
        return "over"
    return "soon" if license_.expires_at - scene.services.clock.now() < SOON else "good"


def _title_of(license_: LicenseState, scene: Scene) -> str:
    plan = scene.services.config.plans.get(license_.plan or "")
    return plan.title if plan else license_.plan or ""
