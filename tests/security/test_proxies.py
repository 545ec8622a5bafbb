"""A proxy named in the environment would be asked instead, and connect to whatever it likes."""

import pytest

from core.config import OperatorFulfilment
from core.errors import ShortLinkUnanswered
from core.fulfilment.operator import Operator
from core.fulfilment.provider import Unreachable
from core.orders.short_links import ShortLinks
from core.tasks import TaskPool
from tests.core.fulfilment.test_operator import JOB, SECRET
from tests.core.triggers.receiver import Post, Receiver
from tests.fakes import MovedClock


@pytest.fixture
async def proxy(monkeypatch):
    """One that takes everything, named in every way."""
    receiver = Receiver()
    async with receiver.server:
        url = f"http://127.0.0.1:{receiver.server.port}"
        for name in ("http_proxy", "https_proxy", "all_proxy", "HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY"):
            monkeypatch.setenv(name, url)
        yield receiver


async def test_no_proxy_of_the_environment_is_asked(proxy):
    async with TaskPool() as tasks:
        assert await Post(tasks, allow_private=True).send("http://none.invalid/") is False
    config = OperatorFulfilment(
        url="http://none.invalid/", secret=SECRET, timeout_seconds=2, allow_private=True
    )
    with pytest.raises(Unreachable):
        await Operator(config, MovedClock()).submit(JOB)
    with pytest.raises(ShortLinkUnanswered):
        await ShortLinks(via="http://none.invalid").resolve("https://vm.tiktok.com/x/")

    assert proxy.got == []
