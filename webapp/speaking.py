"""Before something is spoken for whoever calls, outside of their studio."""

from aiohttp import web

from core.plan_limits import terms_of
from core.recalling import know_day
from webapp.keys import SERVICES
from webapp.requests import caller


async def know_allowance(request: web.Request) -> None:
    """What their plan allows a day, and what any process has spoken of it."""
    services, who = request.app[SERVICES], caller(request)
    await know_day(services.db, services.allowance, who.user_id, services.clock)
    services.allowance.set_terms(who.user_id, terms_of(services.config, who.access.license.plan))
