"""Addresses of the pages that play, and tickets for their sockets."""

from aiohttp import web
from msgspec import Struct

from webapp.api import Calls
from webapp.keys import SERVICES, TICKETS
from webapp.requests import base_url, caller, is_this_machine
from webapp.surfaces import surface_of
from webapp.tickets import LIFETIME, Proof

calls = Calls("Overlay and socket")


class Pages(Struct, frozen=True):
    url: str  # of the overlay, for OBS
    player_url: str  # for a phone's browser

    @property
    def are_here_alone(self) -> bool:
        """No other phone or PC can open them."""
        return is_this_machine(self.url)


class Ticket(Struct, frozen=True):
    ticket: str
    expires_in: int


@calls.get("/overlay", "Addresses of the overlay and the player page", answer=Pages)
async def show_pages(request: web.Request) -> Pages:
    who = caller(request)
    return pages_of(request, who.user_id, who.access.overlay_version)


@calls.post("/overlay/rotate", "New addresses; the old ones end at once", answer=Pages)
async def rotate_pages(request: web.Request) -> Pages:
    services, user_id = request.app[SERVICES], caller(request).user_id
    version = await services.accounts.rotate_overlay(user_id)
    services.access.drop(user_id)
    services.changes.check_now()
    return pages_of(request, user_id, version)


@calls.post("/ws/ticket", "A ticket that opens the socket once, within 30 seconds", answer=Ticket)
async def issue_ticket(request: web.Request) -> Ticket:
    who = caller(request)
    audience = surface_of(request.path).audience
    proof = Proof(who.user_id, who.access.token_version, who.token_id)
    ticket = await request.app[TICKETS].issue(proof, audience)
    return Ticket(ticket, int(LIFETIME))


def pages_of(request: web.Request, user_id: int, version: int) -> Pages:
    accounts, base = request.app[SERVICES].accounts, base_url(request)
    return Pages(
        url=f"{base}/overlay/{accounts.overlay_secret(user_id, version)}",
        player_url=f"{base}/player/{accounts.player_secret(user_id, version)}",
    )
