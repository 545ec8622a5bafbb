"""A real Redis for tests: the one of this machine, unless `REDIS_URL` names another."""

import os
import socket
from urllib.parse import urlsplit

import pytest


def redis_url(number: int = 9) -> str:
    """`number`: of the database there."""
    given = os.environ.get("REDIS_URL", "redis://127.0.0.1:6379")
    return f"{given.rstrip('/')}/{number}" if urlsplit(given).path in {"", "/"} else given


def _answers() -> bool:
    parts = urlsplit(redis_url())
    try:
        with socket.create_connection((parts.hostname or "127.0.0.1", parts.port or 6379), 1):
            return True
    except OSError:
        return False


IS_DEMANDED = os.environ.get("CI") == "true"

needs_redis = pytest.mark.skipif(
    not IS_DEMANDED and not _answers(), reason="no Redis answers; REDIS_URL names one"
)
"""Where `CI` demands it a missing Redis fails the tests instead of skipping them."""
