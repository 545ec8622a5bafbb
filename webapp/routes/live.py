"""Listening to the streamer's LIVE."""

from aiohttp import web
from msgspec import Struct

from core import errors
from core.clock import iso
from core.live.source import LiveStatus
from webapp.api import Calls
from webapp.fields import Moment, TiktokName
from webapp.keys import SERVICES
from webapp.requests import caller

calls = Calls("LIVE")


class LiveStart(Struct, frozen=True):
    tiktok_username: TiktokName | None = None  # none: the one in the settings


class LiveView(Struct, frozen=True):
    """`waiting`: the streamer is offline; the LIVE starts by itself."""

    state: str
    since: Moment
    room_id: str | None
    viewers: int | None
    error: str | None
    error_code: str | None
    last_frame_at: Moment | None
    expected_wait_seconds: float | None


@calls.post(
    "/live/start",
    "Listen to the LIVE now, or as soon as there is one; answers at once",
    body=LiveStart,
    answer=LiveView,
    rate="live_start",
    refusals=(errors.TiktokUsernameNotSet, errors.LicenseRequired, errors.LicenseExpired, errors.PlanLimit),
)
async def start_live(request: web.Request, body: LiveStart) -> LiveView:
    studios, user_id = request.app[SERVICES].studios, caller(request).user_id
    await studios.start_live(user_id, body.tiktok_username)
    return _view(await studios.status(user_id))


@calls.post("/live/stop", "Stop listening; answers at once", answer=LiveView)
async def stop_live(request: web.Request) -> LiveView:
    studios, user_id = request.app[SERVICES].studios, caller(request).user_id
    await studios.stop_live(user_id)
    return _view(await studios.status(user_id))


@calls.get("/live/status", "Whether the LIVE is heard, and why not", answer=LiveView)
async def show_status(request: web.Request) -> LiveView:
    return _view(await request.app[SERVICES].studios.status(caller(request).user_id))


def _view(status: LiveStatus) -> LiveView:
    return LiveView(
        state=status.state,
        since=iso(status.since),
        room_id=status.room_id,
        viewers=status.viewers,
        error=status.error,
        error_code=status.error_code,
        last_frame_at=iso(status.last_frame_at) if status.last_frame_at else None,
        expected_wait_seconds=status.expected_wait_seconds,
    )
