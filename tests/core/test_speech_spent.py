"""The day's speech: counted, refused, and told once a day on the sockets and in the chat."""

from datetime import datetime

import pytest

from core.allowance import DAY, SpeechAllowance
from core.clock import iso
from core.config import Plan
from core.errors import PlanLimit
from core.listener import Place
from core.live.events import Followed
from core.messages import encode
from core.notices import NoticeKind
from core.plan_limits import Terms
from core.settings import Settings
from core.speech_spent import SpentSpeech
from core.triggers.model import EventType as Event
from storage.db import Database
from storage.models import User
from tests.core.people import notices_of, person
from tests.studio_kit import ANN, BOB, Kit, chat, heard, speak

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


async def test_a_larger_plan_is_told_anew_when_it_is_used_up_too(kit, allowance, host):
    allowance.allow(host.id, 101)
    allowance.set_terms(host.id, Terms(LARGE, TERMS.plans))
    assert allowance.spent(host.id) is None

    allowance.allow(host.id, 5_001)

    assert [one["limit"] for one in await told(kit, host)] == [100, 5_000]


class TestInALive:
    """The day has room for one short line."""

    @pytest.fixture
    def spent(self, kit: Kit, host: User) -> Kit:
        allowance = kit.crew.allowance
        allowance.set_terms(host.id, TERMS)
        kit.speech.allow = allowance.allow
        listener = kit.listen()
        kit.happen(chat("the quick brown fox jumps over the lazy dog and then goes to sleep"))
        kit.happen(chat("what a nice evening it is, everybody, is it not", BOB))
        heard(listener)
        kit.studio.leave(listener)
        return kit

    @pytest.mark.parametrize("place", list(Place))
    async def test_who_connects_later_is_told_too(self, spent: Kit, place: Place):
        messages = heard(spent.listen(place), "status", "error")

        assert [one["type"] for one in messages] == ["status", "error"]
        assert messages[1]["code"] == "speech_quota"

    async def test_on_the_next_day_nobody_is_told(self, spent: Kit):
        spent.clock.move(DAY)

        assert heard(spent.listen(), "error") == []

    async def test_history_names_the_plans_limit(self, spent: Kit, host: User):
        triggers = [
            speak(1, Event.FOLLOW, "thank you so very much for following me and for being here tonight")
        ]
        spent.equip(Settings(tiktok_username="host"), triggers)
        spent.listen()
        spent.happen(Followed(0, 0, ANN))
        await spent.journal.flush()

        async with spent.db.read() as uow:
            rows = await uow.history.list_latest(host.id, 10)

        first, second = [row.data["speech"] for row in rows if row.type == "chat"]
        [follow] = [row.data["fired"][0] for row in rows if row.type == "follow"]
        assert first["skipped_by"] is None
        assert second["skipped_by"] == follow["silent_by"] == "speech_characters_per_day"

    async def test_history_tells_speech_that_nobody_hears_from_speech_that_is_used_up(
        self, kit: Kit, host: User
    ):
        kit.equip(Settings(tiktok_username="host"), [speak(1, Event.FOLLOW, "thank you")])
        kit.happen(Followed(0, 0, ANN))
        await kit.journal.flush()

        async with kit.db.read() as uow:
            [follow] = await uow.history.list_latest(host.id, 10)

        assert follow.data["fired"][0]["silent_by"] == "nobody_hears"
