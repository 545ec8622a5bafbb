"""Pages a person opens: the landing page, the player, the overlay, and the static files they load.

Everything comes from our own origin; no page holds a script or a style of its own.
"""

import gzip
import json
import mimetypes
import re
from functools import cache
from hashlib import sha256
from http import HTTPStatus
from pathlib import Path
from typing import Any

import aiohttp_jinja2
import jinja2
from aiohttp import web
from msgspec import Struct

from core.errors import InvalidToken
from core.overlay_secrets import Kind
from webapp.admission import by_secret
from webapp.keys import SERVICES
from webapp.policy import TELEGRAM_FRAMES, policy

ROOT = Path(__file__).parent.parent
LANGUAGES = ("en", "ru", "es")
FOREVER = "public, max-age=31536000, immutable"

_HEADERS = {
    "Cache-Control": "no-store",
    "Referrer-Policy": "no-referrer",
    "X-Content-Type-Options": "nosniff",
    "Permissions-Policy": "autoplay=(self), camera=(), geolocation=(), microphone=(), payment=(), "
    "screen-wake-lock=(self), usb=()",
}
_PREFERENCE = re.compile(r"\s*([A-Za-z]{1,8})(?:-[\w-]+)?\s*(?:;\s*q=([01](?:\.\d{0,3})?))?\s*")

_GZIP = re.compile(r"\bgzip\b(?!\s*;\s*q=0(?:\.0*)?\s*(?:,|$))", re.IGNORECASE)

routes = web.RouteTableDef()


class StaticFile(Struct, frozen=True):
    data: bytes
    kind: str
    packed: bytes | None  # by gzip, once, where it is text


class StaticFiles(Struct, frozen=True):
    """All of them, small and in memory: nothing else can be asked for, and nothing is listed."""

    version: str
    files: dict[str, StaticFile]  # by path

    def url(self, path: str) -> str:
        if path.replace("/NAME.", "/heart.") not in self.files:
            raise KeyError(path)
        return f"/static/{self.version}/{path}"


@cache
def static_files() -> StaticFiles:
    folder = ROOT / "static"
    found = {
        path.relative_to(folder).as_posix(): path for path in sorted(folder.rglob("*.*")) if path.is_file()
    }
    files = {name: _file(path.read_bytes(), _type_of(name)) for name, path in found.items()}
    digest = sha256(b"".join(name.encode() + file.data for name, file in files.items()))
    return StaticFiles(digest.hexdigest()[:12], files)


@cache
def texts(language: str) -> dict[str, Any]:
    """Every word of the pages in one language, by page."""
    found: dict[str, Any] = json.loads((ROOT / "templates/texts" / f"{language}.json").read_text("utf-8"))
    return found


def setup(app: web.Application) -> None:
    """Templates and routes."""
    env = aiohttp_jinja2.setup(
        app,
        loader=jinja2.FileSystemLoader(ROOT / "templates"),
        undefined=jinja2.StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    env.globals["static"] = static_files().url
    app.add_routes(routes)


@routes.get("/")
async def landing(request: web.Request) -> web.Response:
    return render(request, "landing")


@routes.get("/player/{secret}")
async def player(request: web.Request) -> web.Response:
    return await _stage(request, "player")


@routes.get("/overlay/preview")
async def overlay_preview(request: web.Request) -> web.Response:
    """The overlay within our own app, which may itself stand in Telegram's frame. Nobody's in particular."""
    page = render(request, "overlay", is_preview=True)
    page.headers["Content-Security-Policy"] = policy(request, frames=f"'self' {TELEGRAM_FRAMES}")
    return page


@routes.get("/overlay/{secret}")
async def overlay(request: web.Request) -> web.Response:
    return await _stage(request, "overlay")


@routes.get("/static/{version}/{path:.+}")
async def static_file(request: web.Request) -> web.Response:
    static = static_files()
    file = static.files.get(request.match_info["path"])
    if file is None:
        raise web.HTTPNotFound
    # Another release's address (two run side by side during a change) must not be kept with our content.
    is_ours = request.match_info["version"] == static.version
    headers = {"Cache-Control": FOREVER if is_ours else "no-cache", "X-Content-Type-Options": "nosniff"}
    data = file.data
    if file.packed:
        headers["Vary"] = "Accept-Encoding"
        if _GZIP.search(request.headers.get("Accept-Encoding", "")):
            data, headers["Content-Encoding"] = file.packed, "gzip"
    charset = "utf-8" if file.kind.startswith("text/") else None
    return web.Response(body=data, content_type=file.kind, charset=charset, headers=headers)


def language_of(request: web.Request) -> str:
    """`?lang=`, else what the browser prefers among ours."""
    wanted = request.query.get("lang", "").lower()[:2]
    if wanted in LANGUAGES:
        return wanted
    offered = [_PREFERENCE.fullmatch(part) for part in request.headers.get("Accept-Language", "").split(",")]
    weights = {one[1].lower(): float(one[2] or 1) for one in reversed(offered) if one}
    return max(LANGUAGES, key=lambda language: weights.get(language, 0.0))  # of equals our first


async def _stage(request: web.Request, kind: Kind) -> web.Response:
    try:
        await by_secret(request, kind)
    except InvalidToken:
        return render(request, "missing", HTTPStatus.NOT_FOUND)
    return render(request, kind, is_preview=False)


def _is_demo(request: web.Request) -> bool:
    return request.app[SERVICES].studios.is_demo


def render(request: web.Request, name: str, status: HTTPStatus = HTTPStatus.OK, **more: Any) -> web.Response:
    """The page of that name, in the language of whoever asks."""
    language = language_of(request)
    catalogue = texts(language)
    context = {
        "lang": language,
        "words": catalogue[name],
        "shared": catalogue["shared"],
        "is_demo": _is_demo(request),
        **more,
    }
    response = aiohttp_jinja2.render_template(f"{name}.html", request, context, status=status)
    response.headers.update(_HEADERS)
    response.headers["Content-Security-Policy"] = policy(request)
    response.enable_compression()
    return response


def _file(data: bytes, kind: str) -> StaticFile:
    is_text = kind.startswith("text/") or kind.endswith("+xml")
    return StaticFile(data, kind, gzip.compress(data, mtime=0) if is_text else None)


def _type_of(name: str) -> str:
    if name.endswith(".js"):
        return "text/javascript"  # the machine's own table may say otherwise
    return mimetypes.guess_type(name)[0] or "application/octet-stream"
