"""All pages of the Mini App."""

from datetime import datetime

import aiohttp_jinja2
from aiohttp import web

from webapp.miniapp import (
    account,
    chat,
    history,
    home,
    overlay,
    promotion,
    shell,
    sounds,
    stats,
    triggers,
    voices,
    wallet,
)
from webapp.miniapp.admin import keys, overview, people, talk, trade
from webapp.miniapp.admin.tables import named
from webapp.miniapp.views import mount

GROUPS = (
    shell.views,
    home.views,
    triggers.views,
    history.views,
    sounds.views,
    voices.views,
    chat.views,
    account.views,
    overlay.views,
    stats.views,
    promotion.views,
    wallet.views,
    overview.views,
    people.views,
    keys.views,
    trade.views,
    trade.money,
    talk.views,
)


def setup(app: web.Application) -> None:
    words = aiohttp_jinja2.get_env(app).globals
    words["moment"] = datetime.fromisoformat  # of the times core tells as text
    words["named"] = named
    mount(app, GROUPS)
    app.add_routes(shell.routes)  # last: it takes every address below `/app`
