"""Whether a studio that is open may go on: looked at again when a token, a secret or a license changes."""

from datetime import datetime, timedelta

from core.access import Access, AccessState
from core.errors import InvalidToken, LicenseExpired, LicenseRequired
from core.license_clock import LicenseState
from core.listener import Close, Listener
from core.studio import Studio

LAST_LIVE = timedelta(hours=12)  # a license that ends during a LIVE lets it finish within


async def require_admission(access: Access, user_id: int, listener: Listener) -> None:
    """Refuse a socket whose token or secret has ended since it was let in, perhaps by another process."""
    if not _opens(listener, await access.of(user_id)) and not _opens(listener, await access.of_now(user_id)):
        raise InvalidToken


def _opens(listener: Listener, access: AccessState) -> bool:
    is_new = listener.token_version in (None, access.token_version)
    is_new = is_new and listener.secret_version in (None, access.overlay_version)
    return is_new and not access.is_banned and listener.token_id not in access.ended


def admit(studio: Studio, access: AccessState, now: datetime) -> None:
    """End what is no longer allowed: revoked tokens, withdrawn or ended licenses."""
    studio.channel.drop_tokens(None if access.is_banned else access.token_version, access.ended)
    studio.channel.drop_secrets(None if access.is_banned else access.overlay_version)
    license_ = access.license
    studio.licensed_until = license_.expires_at
    if license_.is_live or _may_finish(studio, license_, now):
        return
    if studio.is_on or not studio.is_empty:
        studio.stop_live(LicenseRequired() if license_.is_withdrawn else LicenseExpired())
        studio.channel.dismiss_all(Close.LICENSE)


def _may_finish(studio: Studio, license_: LicenseState, now: datetime) -> bool:
    """A LIVE that ran when the license ran out may go on for a while; no other is begun."""
    ended_at, began_at = license_.expires_at, studio.is_live_since
    if license_.is_withdrawn or ended_at is None or began_at is None:
        return False
    return began_at < ended_at and now - ended_at < LAST_LIVE
