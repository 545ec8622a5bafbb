"""Engines that tests of several processes need: where `CI` demands them, a missing one fails."""

import os
import socket

import pytest
from sqlalchemy import make_url

DEMANDED = os.environ.get("CI") == "true"


def postgres_url() -> str:
    given = os.environ.get("DATABASE_URL", "")
    return given if given.startswith("postgresql") else "postgresql+asyncpg://postgres@127.0.0.1/postgres"


def answers(host: str | None, port: int) -> bool:
    try:
        with socket.create_connection((host or "127.0.0.1", port), 1):
            return True
    except OSError:
        return False


def has_postgres() -> bool:
    url = make_url(postgres_url())
    return answers(url.host, url.port or 5432)


needs_postgres = pytest.mark.skipif(
    not DEMANDED and not has_postgres(), reason="no Postgres answers; DATABASE_URL names one"
)
