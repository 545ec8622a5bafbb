import asyncio
from datetime import timedelta

import pytest

from core.broadcasts import CLAIM, Broadcasts, Draft
from core.errors import BroadcastState, Invalid, NotFound
from storage.db import Database
from storage.models import Delivery, License, LicenseStatus, User, UserRole
from tests.core.people import act, audited, notices_of, person
from tests.fakes import MovedClock

HELLO = Draft({"en": "hello", "ru": "привет"})
DAY = 86_400.0


@pytest.fixture
def broadcasts(db: Database, clock: MovedClock) -> Broadcasts:
    return Broadcasts(db, clock)


@pytest.fixture
async def admin(db: Database) -> User:
    return await person(db, 1, role=UserRole.ADMIN)


async def crowd(db: Database, count: int) -> None:
    for number in range(count):
        await person(db, 1_000 + number)


async def started(broadcasts: Broadcasts, admin: User, draft: Draft = HELLO) -> int:
    made = await broadcasts.create(draft, act(admin))
    await broadcasts.start(made.id, act(admin))
    return made.id


async def send_all(broadcasts: Broadcasts, got: list[int], limit: int = 3) -> None:
    """As a worker does."""
    while batch := await broadcasts.next_batch(limit):
        for message in batch:
            got.append(message.telegram_id)
            await asyncio.sleep(0)
            await broadcasts.note_sent(message, Delivery.SENT)


async def licensed(db: Database, telegram_id: int, clock: MovedClock, *, days_ago: float) -> User:
    """With one day of license that began so long ago."""
    began = clock.now() - timedelta(days=days_ago)
    user = await person(db, telegram_id, license_clock_at=began)
    async with db.begin() as uow:
        row = License(
            key_mac=str(telegram_id),
            key_tail="AAAAAA",
            plan="standard",
            days=1,
            status=LicenseStatus.ACTIVE,
            user_id=user.id,
            remaining_seconds=DAY,
            created_at=began,
        )
        await uow.licenses.add(row)
    return user


async def test_everybody_who_can_be_reached_gets_it_once(broadcasts, db, admin):
    await crowd(db, 7)
    await person(db, None)
    await person(db, 50, is_banned=True)
    await person(db, 51, is_reachable=False)
    await person(db, 52, muted=["broadcast"])
    broadcast_id = await started(broadcasts, admin)

    got: list[int] = []
    await send_all(broadcasts, got)

    assert sorted(got) == [1, *range(1_000, 1_007)]
    done = await broadcasts.get(broadcast_id)
    assert done.status == "done"
    assert done.ended_at is not None
    assert (done.progress.total, done.progress.sent, done.progress.left) == (8, 8, 0)


async def test_each_gets_it_in_their_language(broadcasts, db, admin):
    await person(db, 10, settings={"language": "ru"})
    await person(db, 11, settings={"language": "es"})
    await started(broadcasts, admin)

    texts = {one.telegram_id: one.text for one in await broadcasts.next_batch(10)}

    assert texts == {1: "hello", 10: "привет", 11: "hello"}


async def test_the_audience_is_chosen_by_license_and_language(broadcasts, db, admin, clock):
    await licensed(db, 10, clock, days_ago=0.5)
    await licensed(db, 11, clock, days_ago=1.5)
    await person(db, 12, settings={"language": "ru", "silence_text": '"language":"es"'})

    async def reached(**chosen: str) -> int:
        made = await broadcasts.create(Draft({"en": "hello"}, **chosen), act(admin))
        return await broadcasts.dry_run(made.id, act(admin))

    assert await reached() == 4
    assert await reached(audience="licensed") == 1
    assert await reached(audience="expired") == 1
    assert await reached(language="ru") == 1
    assert await reached(language="es") == 0
    assert await reached(language="en") == 3


async def test_a_dry_run_goes_to_oneself_alone(broadcasts, db, admin):
    await crowd(db, 2)
    made = await broadcasts.create(HELLO, act(admin))

    assert await broadcasts.dry_run(made.id, act(admin)) == 3

    previews = [(one.kind, one.data) for one in await notices_of(db, admin)]
    assert previews == [("broadcast_preview", {"text": "hello"}), ("broadcast_preview", {"text": "привет"})]
    assert await broadcasts.next_batch(10) == []
    assert (await broadcasts.get(made.id)).status == "draft"


async def test_a_pause_holds_and_a_resume_goes_on(broadcasts, db, admin):
    await crowd(db, 5)
    broadcast_id = await started(broadcasts, admin)
    first = await broadcasts.next_batch(2)
    await broadcasts.pause(broadcast_id, act(admin))

    assert await broadcasts.next_batch(10) == []
    await broadcasts.note_sent(first[0], Delivery.SENT)
    await broadcasts.note_sent(first[1], Delivery.LATER)
    await broadcasts.resume(broadcast_id, act(admin))

    got = [first[0].telegram_id]
    await send_all(broadcasts, got)
    assert sorted(got) == [1, *range(1_000, 1_005)]


async def test_a_stopped_one_goes_no_further(broadcasts, db, admin):
    await crowd(db, 5)
    broadcast_id = await started(broadcasts, admin)
    await broadcasts.next_batch(2)

    stopped = await broadcasts.stop(broadcast_id, act(admin))

    assert (stopped.status, stopped.progress.left) == ("stopped", 6)
    assert await broadcasts.next_batch(10) == []
    with pytest.raises(BroadcastState):
        await broadcasts.resume(broadcast_id, act(admin))


async def test_two_workers_share_it(broadcasts, db, admin, clock):
    await crowd(db, 30)
    await started(broadcasts, admin)

    got: list[int] = []
    workers = [send_all(Broadcasts(db, clock), got, limit) for limit in (1, 2, 5)]
    await asyncio.gather(*workers)

    assert sorted(got) == [1, *range(1_000, 1_030)]


async def test_what_was_handed_out_before_a_crash_is_not_sent_again(broadcasts, db, admin, clock):
    await crowd(db, 5)
    broadcast_id = await started(broadcasts, admin)
    lost = await broadcasts.next_batch(2)  # and the process dies

    got: list[int] = []
    clock.move(CLAIM.total_seconds() + 1)
    await send_all(Broadcasts(db, clock), got)

    assert not {one.telegram_id for one in lost} & set(got)
    assert len(got) == 4
    done = await broadcasts.get(broadcast_id)
    assert (done.status, done.progress.sent, done.progress.unsure) == ("done", 4, 2)


async def test_it_is_not_done_while_somebody_still_sends(broadcasts, admin):
    broadcast_id = await started(broadcasts, admin)
    (message,) = await broadcasts.next_batch(5)

    assert await broadcasts.next_batch(5) == []
    assert (await broadcasts.get(broadcast_id)).status == "running"
    await broadcasts.note_sent(message, Delivery.SENT)
    assert await broadcasts.next_batch(5) == []
    assert (await broadcasts.get(broadcast_id)).status == "done"


async def test_a_late_word_is_believed(broadcasts, admin, clock):
    broadcast_id = await started(broadcasts, admin)
    (message,) = await broadcasts.next_batch(5)
    clock.move(CLAIM.total_seconds() + 1)
    await broadcasts.next_batch(5)

    await broadcasts.note_sent(message, Delivery.SENT)
    await broadcasts.note_sent(message, Delivery.FAILED)

    progress = (await broadcasts.get(broadcast_id)).progress
    assert (progress.sent, progress.failed, progress.unsure) == (1, 0, 0)


async def test_who_blocks_the_bot_is_not_written_to_again(broadcasts, db, admin):
    ann = await person(db, 10)
    broadcast_id = await started(broadcasts, admin)
    for message in await broadcasts.next_batch(5):
        await broadcasts.note_sent(message, Delivery.BLOCKED if message.user_id == ann.id else Delivery.SENT)

    async with db.read() as uow:
        assert not (await uow.accounts.get_user(ann.id)).is_reachable
    assert (await broadcasts.get(broadcast_id)).progress.blocked == 1
    second = await started(broadcasts, admin)
    assert (await broadcasts.get(second)).progress.total == 1


async def test_who_became_unreachable_meanwhile_is_left_out(broadcasts, db, admin):
    ann = await person(db, 10)
    broadcast_id = await started(broadcasts, admin)
    async with db.begin() as uow:
        (await uow.accounts.get_user(ann.id)).is_reachable = False

    assert [one.telegram_id for one in await broadcasts.next_batch(5)] == [1]
    assert (await broadcasts.get(broadcast_id)).progress.blocked == 1


async def test_two_are_sent_one_after_the_other(broadcasts, db, admin):
    await started(broadcasts, admin, Draft({"en": "first"}))
    await started(broadcasts, admin, Draft({"en": "second"}))

    texts = []
    for _ in range(4):
        for message in await broadcasts.next_batch(1):
            texts.append(message.text)
            await broadcasts.note_sent(message, Delivery.SENT)

    assert texts == ["first", "second"]


@pytest.mark.parametrize(
    ("draft", "field"),
    [
        (Draft({}), "texts"),
        (Draft({"de": "hallo"}), "texts"),
        (Draft({"en": " "}), "texts"),
        (Draft({"en": "x" * 3_501}), "texts"),
        (Draft({"en": "hello"}, audience="cats"), "audience"),
        (Draft({"en": "hello"}, language="de"), "language"),
    ],
)
async def test_a_wrong_draft_is_told(broadcasts, admin, draft: Draft, field: str):
    with pytest.raises(Invalid) as refused:
        await broadcasts.create(draft, act(admin))

    assert refused.value.details["field"] == field


async def test_only_a_draft_starts_and_once(broadcasts, admin):
    broadcast_id = await started(broadcasts, admin)

    with pytest.raises(BroadcastState):
        await broadcasts.start(broadcast_id, act(admin))
    with pytest.raises(NotFound):
        await broadcasts.start(99, act(admin))


async def test_every_step_is_in_the_audit_log(broadcasts, db, admin):
    made = await broadcasts.create(HELLO, act(admin))
    await broadcasts.dry_run(made.id, act(admin))
    await broadcasts.start(made.id, act(admin))
    await broadcasts.pause(made.id, act(admin))
    await broadcasts.resume(made.id, act(admin))
    await broadcasts.stop(made.id, act(admin))

    actions = [action.partition(".")[2] for _, action, _ in await audited(db)]
    assert actions == ["create", "dry_run", "start", "pause", "resume", "stop"]
