"""Who works here: the role an account has right now, and what a role reaches."""

from core.config import Config
from storage.models import User, UserRole

_RANK = {UserRole.USER: 0, UserRole.SUPPORT: 1, UserRole.ADMIN: 2}


def role_of(user: User, config: Config) -> UserRole:
    """As the database has it; whoever the configuration names by Telegram id is an admin anyway."""
    return UserRole.ADMIN if is_configured(user, config) else user.role


def is_configured(user: User, config: Config) -> bool:
    """Whether the configuration makes them an admin."""
    return user.telegram_id is not None and user.telegram_id in config.telegram.admin_ids


def reaches(role: str, needed: str) -> bool:
    """An admin may do all that support may."""
    return rank(role) >= rank(needed)


def rank(role: str) -> int:
    return _RANK[UserRole(role)]
