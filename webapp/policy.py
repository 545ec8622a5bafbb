"""The Content-Security-Policy of pages: our own origin alone, no inline script or style, no eval."""

import re
from urllib.parse import urlsplit

from aiohttp import web

from webapp.keys import SERVICES

TELEGRAM_SCRIPT = " https://telegram.org"
TELEGRAM_FRAMES = "https://web.telegram.org https://webk.telegram.org https://webz.telegram.org"
_HOST = re.compile(r"[A-Za-z0-9.-]{1,253}(:\d{1,5})?|\[[0-9A-Fa-f:.]{2,45}\](:\d{1,5})?")


def policy(request: web.Request, script: str = "", frames: str = "'none'", local: str = "") -> str:
    """Sockets by name too, since older Safari does not count them as `'self'`.

    `local`: what images and audio may come from besides, such as ` blob:`.
    """
    host = request.host if _HOST.fullmatch(request.host) else ""
    sockets = f" ws://{host} wss://{host}" if host else ""
    public = urlsplit(request.app[SERVICES].config.web.public_url or "")
    media = f" {public.scheme}://{public.netloc}" if public.netloc else ""  # media URLs begin with it
    return "; ".join(
        (
            "default-src 'none'",
            f"script-src 'self'{script}",
            "style-src 'self'",
            f"img-src 'self'{media}{local}",
            f"media-src 'self'{media}{local}",
            f"connect-src 'self'{sockets}{media}",
            "frame-src 'self'",
            "base-uri 'none'",
            "form-action 'none'",
            f"frame-ancestors {frames}",
        )
    )
