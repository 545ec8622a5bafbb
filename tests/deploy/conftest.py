"""The web's own server, to ask it what it exposes."""

from tests.webapp.conftest import (  # noqa: F401 - fixtures
    client,
    clock,
    config,
    limits,
    live,
    services,
    till,
    voice,
)
