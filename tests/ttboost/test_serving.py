from pathlib import Path

import pytest
import typer

from core.config import Config, DatabaseSection, Media, Telegram, Web
from core.errors import Invalid
from ttboost.commands.serving import chosen, demo_config
from ttboost.serve import check_webhook


def test_roles_are_chosen_by_name():
    assert chosen("live, web") == ("web", "live")


def test_an_unknown_role_is_refused():
    with pytest.raises(typer.BadParameter, match="cook"):
        chosen("web,cook")


def test_the_demo_touches_nothing_of_the_real_thing():
    real = Config(
        data_dir=Path("/srv/ttboost"),
        web=Web(host="192.0.2.1", port=80, public_url="https://live.example", trusted_proxies=["10.0.0.1"]),
        database=DatabaseSection(url="postgresql+asyncpg://host/name"),
        media=Media(url="s3://bucket"),
        telegram=Telegram(token="1:secret"),
    )

    demo = demo_config(real, 8081)

    assert demo.database_url == "sqlite+aiosqlite:////srv/ttboost/demo/ttboost.db"
    assert demo.media_url == "file:/srv/ttboost/demo/media"
    assert (demo.web.host, demo.web.port, demo.web.public_url) == ("127.0.0.1", 8081, None)
    assert demo.telegram.token is None
    assert demo.live.source == "replay"


def test_without_a_port_the_demo_takes_the_configured_one():
    assert demo_config(Config(web=Web(port=9000)), None).web.port == 9000


OWN = "http://127.0.0.1:8081"


@pytest.mark.parametrize(
    ("telegram", "public_url"),
    [
        (Telegram(mode="webhook"), "https://live.example"),
        (Telegram(mode="webhook", api_url=OWN), "http://127.0.0.1:8080"),
        (Telegram(), None),
    ],
)
def test_updates_come_by_the_webhook_to_an_address_that_can_be_pushed_to(telegram: Telegram, public_url):
    check_webhook(Config(telegram=telegram, web=Web(public_url=public_url)))


@pytest.mark.parametrize(
    ("telegram", "public_url"),
    [
        (Telegram(mode="webhook"), "http://live.example"),
        (Telegram(mode="webhook", api_url="https://api.telegram.org/"), "http://live.example"),
        (Telegram(mode="webhook", api_url=OWN), None),
    ],
)
def test_a_webhook_nobody_can_push_to_is_refused(telegram: Telegram, public_url):
    with pytest.raises(Invalid, match="public_url"):
        check_webhook(Config(telegram=telegram, web=Web(public_url=public_url)))
