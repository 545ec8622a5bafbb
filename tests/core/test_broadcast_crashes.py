"""Whatever moment the program dies at, nobody gets a broadcast twice."""

from pathlib import Path

import pytest

from core.broadcasts import CLAIM, Broadcasts, Draft
from storage.db import Database
from storage.models import Delivery
from tests import crash_kit
from tests.core.people import AT, act, person
from tests.fakes import MovedClock

BATCH = 2
COMMITS = 9  # three batches and the end, each person noted


async def send(db: Database, chats: str, later: float) -> None:
    """As the bot does; `chats` is the file in which Telegram shows what arrived."""
    clock = MovedClock()
    clock.move(later)
    broadcasts = Broadcasts(db, clock)
    while batch := await broadcasts.next_batch(BATCH):
        for message in batch:
            with Path(chats).open("a") as file:
                file.write(f"{message.telegram_id}\n")
            await broadcasts.note_sent(message, Delivery.SENT)


@pytest.fixture
async def broadcast_id(db: Database) -> int:
    """To five people."""
    people = [await person(db, 100 + number) for number in range(5)]
    broadcasts = Broadcasts(db, MovedClock())
    made = await broadcasts.create(Draft({"en": "hello"}), act(people[0], AT))
    await broadcasts.start(made.id, act(people[0], AT))
    return made.id


async def test_no_commit_is_left_out(broadcast_id, database_url, tmp_path):
    done = await crash_kit.run(send, database_url, str(tmp_path / "chats"), 0.0)

    assert done.commits == COMMITS


@pytest.mark.parametrize("point", crash_kit.points(5), ids=str)
async def test_a_kill_doubles_nothing_and_loses_at_most_a_batch(
    broadcast_id, db, database_url, tmp_path, point
):
    chats = tmp_path / "chats"
    assert (await crash_kit.run(send, database_url, str(chats), 0.0, kill=point)).was_killed

    await send(db, str(chats), CLAIM.total_seconds() + 1)

    got = chats.read_text().split()
    assert len(got) == len(set(got))
    assert len(got) >= 5 - BATCH
    progress = (await Broadcasts(db, MovedClock()).get(broadcast_id)).progress
    assert (progress.left, progress.sent + progress.unsure) == (0, 5)
