"""The shell, its frame of places to go, and the page that lists those which a phone has no room for."""

from typing import Any

from aiohttp import web

from core.errors import NotFound
from webapp.keys import SERVICES
from webapp.miniapp.modules import needed_by
from webapp.miniapp.views import Scene, Views
from webapp.miniapp.wording import catalogue
from webapp.pages import language_of, render, texts
from webapp.policy import TELEGRAM_FRAMES, TELEGRAM_SCRIPT, policy

routes = web.RouteTableDef()
views = Views("frame")

MAIN, HOME = "js/app/main.js", "js/app/pages/home.js"
SHEETS = ("app/app.css", "app/parts.css")
STYLES = ("account", "admin", "history", "home", "money", "overlay", "sounds", "stats", "triggers")
"""Of pages: a page's root names its own, and only that one is on."""

# path, icon, name, whether a phone has it in its bar
_PLACES = (
    ("/app", "home", "home", True),
    ("/app/triggers", "trigger", "triggers", True),
    ("/app/history", "why", "history", True),
    ("/app/sounds", "sound", "sounds", True),
    ("/app/overlay", "overlay", "overlay", False),
    ("/app/stats", "chart", "stats", False),
    ("/app/promotion", "rocket", "promotion", False),
    ("/app/wallet", "wallet", "wallet", False),
    ("/app/account", "person", "account", False),
)
_COVERS = {"/app/sounds": "/app/voices /app/chat"}
"""What else belongs to a place."""

_OF_SHELL = ("jump", "offline", "ask_yes", "ask_no", "once", "copy", "close")
_SHARED = ("demo", "demo_hint")
"""What the shell, which is drawn in the browser's language, goes on to say in the account's."""

_STAFF_PLACE = ("/app/admin", "shield", "admin", False)


@routes.get("/app")
@routes.get("/app/{path:.+}")
async def shell(request: web.Request) -> web.Response:
    """Framed by Telegram's web clients, and loads Telegram's own script, as its documentation demands."""
    if request.match_info.get("path", "").startswith("view/"):
        raise NotFound
    words = catalogue(language_of(request), "ui")
    page = render(
        request,
        "app",
        sheets=SHEETS,
        styles=STYLES,
        modules=needed_by(MAIN, *(() if request.match_info.get("path") else (HOME,))),
        has_bot=request.app[SERVICES].config.telegram.token is not None,
        said={"refusals": words["refusals"], "script": words["script"]},
    )
    page.headers["Content-Security-Policy"] = policy(request, TELEGRAM_SCRIPT, TELEGRAM_FRAMES, " blob:")
    return page


@views("/frame", "frame.html")
async def show_frame(scene: Scene) -> dict[str, Any]:
    said = texts(scene.say.language)
    shell = {name: said["app"][name] for name in _OF_SHELL} | {name: said["shared"][name] for name in _SHARED}
    return {"places": _places(scene), "covers": _COVERS, "shell": shell}


@views("/more", "more.html")
async def show_more(scene: Scene) -> dict[str, Any]:
    return {"places": _places(scene)}


def _places(scene: Scene) -> list[tuple[str, str, str, bool]]:
    return [*_PLACES, _STAFF_PLACE] if scene.is_staff else list(_PLACES)
