"""The day's speech: counted, refused, and told once a day on the sockets and in the chat."""

from datetime import datetime

import pytest

from core.allowance import DAY, SpeechAllowance
from core.clock import iso
from core.config import Plan
from core.errors import PlanLimit
from core.messages import encode
from core.notices import NoticeKind
from core.plan_limits import Terms
from core.settings import Settings
from core.speech_spent import SpentSpeech
from storage.db import Database
from storage.models import User
from tests.core.people import notices_of, person
from tests.studio_kit import Kit, heard

SMALL = Plan(title="Small", speech_characters_per_day=100)
LARGE = Plan(title="Large", speech_characters_per_day=5_000, stars=10)
TERMS = Terms(SMALL, {"small": SMALL, "large": LARGE})


@pytest.fixture
async def host(db: Database) -> User:
    return await person(db, 1001)


@pytest.fixture
async def kit(db: Database, host: User) -> Kit:
    return Kit(Settings(tiktok_username="host"), user_id=host.id, db=db)


@pytest.fixture
def allowance(kit: Kit, host: User) -> SpeechAllowance:
    class Sockets:
        def tell(self, _user_id, message) -> None:
            kit.studio.channel.broadcast(encode(message))

    made = SpeechAllowance(kit.clock)
    made.set_terms(host.id, TERMS)
    made.on_spent = SpentSpeech(Sockets(), kit.live_news, kit.clock).tell
    return made


async def told(kit: Kit, host: User) -> list[dict]:
    await kit.live_news.flush()
    return [one.data for one in await notices_of(kit.db, host) if one.kind == NoticeKind.SPEECH_SPENT]


async def test_what_is_left_of_the_day_may_be_spoken(allowance, host):
    assert allowance.allow(host.id, 60)
    assert allowance.allow(host.id, 40)
    assert not allowance.allow(host.id, 1)


async def test_a_day_later_it_begins_anew(kit, allowance, host):
    allowance.allow(host.id, 100)
    kit.clock.move(DAY)

    assert allowance.allow(host.id, 100)


async def test_who_has_no_terms_yet_is_not_bounded(allowance):
    assert allowance.allow(99, 10**9)
    assert isinstance(allowance.refusal(99), PlanLimit)


async def test_it_is_told_once_a_day_in_the_chat(kit, allowance, host):
    again_at = iso(datetime.fromtimestamp(kit.clock.now().timestamp() + DAY, kit.clock.now().tzinfo))
    allowance.allow(host.id, 90)
    for _ in range(5):
        allowance.allow(host.id, 20)

    (data,) = await told(kit, host)

    assert (data["limit"], data["used"], data["plan"]) == (100, 90, "small")
    assert data["larger"] == {"plan": "large", "title": "Large", "limit": 5_000}
    assert data["again_at"] == again_at


async def test_it_is_told_again_on_the_next_day(kit, allowance, host):
    allowance.allow(host.id, 101)
    kit.clock.move(DAY)
    allowance.allow(host.id, 101)

    assert len(await told(kit, host)) == 2


async def test_it_is_told_once_on_the_sockets(kit, allowance, host):
    listener = kit.listen()
    heard(listener)
    allowance.allow(host.id, 101)
    allowance.allow(host.id, 101)

    (message,) = heard(listener)

    assert (message["type"], message["code"]) == ("error", "speech_quota")
    assert "Small allows 100 characters of speech a day" in message["message"]
    assert "Large allows 5,000" in message["message"]


async def test_who_has_spoken_nothing_is_told_nothing(kit, allowance, host):
    allowance.allow(host.id, 100)

    assert await told(kit, host) == []
