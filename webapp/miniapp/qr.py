"""An address as a picture for another phone's camera."""

import segno
from markupsafe import Markup


def qr(address: str) -> Markup:
    """SVG without style or script of its own; `.qr` of parts.css gives it its white frame."""
    drawn = segno.make(address, error="m").svg_inline(svgclass="qr", lineclass=None, omitsize=True, border=1)
    return Markup(drawn)  # noqa: S704  made of squares alone
