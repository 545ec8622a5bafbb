"""What overlays are told of their look and of what the LIVE adds up to."""

from typing import Any

import pytest

from core.listener import Listener, Place
from core.live.events import EventType, Fact, Followed
from core.messages import encode
from core.overlay_look import STANDARD, Look, changed
from core.scenery import totals_of
from core.settings import Settings
from core.tally import MAX_GIVERS, Giver
from storage.db import Database
from storage.models import User
from tests.studio_kit import ANN, BOB, Kit, gift, heard, likes, single_gift

COUNTING = changed(STANDARD, {"likes": {"on": True}, "gifters": {"on": True}})


@pytest.fixture
def kit() -> Kit:
    return Kit()


def dress(kit: Kit, look: Look) -> None:
    kit.equip(Settings(tiktok_username="host"), [], look)


def last_totals(listener: Listener) -> Any:
    return heard(listener, "totals")[-1]


def gifters(totals: Any) -> list[tuple[str, int]]:
    return [(one["user"], one["diamonds"]) for one in totals["gifters"]]


def test_an_overlay_learns_its_look_after_the_status(kit: Kit) -> None:
    overlay = kit.listen(Place.OVERLAY)

    status, look = heard(overlay)

    assert (status["type"], look["type"]) == ("status", "look")
    assert look["look"]["alerts"]["on"] is True


@pytest.mark.parametrize("place", [Place.PLAYER, Place.MONITOR])
def test_nobody_else_hears_of_looks_and_totals(kit: Kit, place: Place) -> None:
    listener = kit.listen(place)

    dress(kit, COUNTING)
    kit.happen(single_gift(5))
    kit.wait(1)

    assert heard(listener, "look", "totals") == []


def test_a_new_look_reaches_open_overlays_with_the_numbers_it_shows(kit: Kit) -> None:
    overlay = kit.listen(Place.OVERLAY)
    kit.happen(single_gift(5))
    heard(overlay)

    dress(kit, COUNTING)

    look, totals = heard(overlay, "look", "totals")
    assert look["look"]["likes"]["on"] is True
    assert totals["diamonds"] == 5


def test_the_same_look_is_no_news(kit: Kit) -> None:
    overlay = kit.listen(Place.OVERLAY)
    heard(overlay)

    dress(kit, STANDARD)

    assert heard(overlay) == []


def test_numbers_are_told_whole_and_only_where_they_changed(kit: Kit) -> None:
    dress(kit, COUNTING)
    overlay = kit.listen(Place.OVERLAY)
    kit.happen(likes(15, 4_000), Followed(0, 0, BOB), single_gift(30, ANN), single_gift(70, BOB))
    kit.wait(0.5)
    totals = last_totals(overlay)
    kit.wait(0.5)

    assert (totals["likes"], totals["follows"], totals["diamonds"]) == (4_000, 1, 100)
    assert gifters(totals) == [("Bob", 70), ("Ann", 30)]
    assert heard(overlay, "totals") == []


def test_numbers_nobody_shows_are_not_told(kit: Kit) -> None:
    overlay = kit.listen(Place.OVERLAY)

    kit.happen(single_gift(30))
    kit.wait(1)

    assert heard(overlay, "totals") == []


def test_an_overlay_that_comes_back_in_the_middle_of_a_streak_counts_nothing_twice(kit: Kit) -> None:
    dress(kit, COUNTING)
    first = kit.listen(Place.OVERLAY)
    kit.happen(gift(1))
    kit.happen(gift(4))  # of these three are not told as a message yet
    kit.studio.leave(first)

    back = kit.listen(Place.OVERLAY, since=0)
    assert last_totals(back)["diamonds"] == 4
    kit.happen(gift(4, over=True))
    kit.wait(1)

    assert [one["count"] for one in heard(back, "gift")] == [3]
    assert totals_of(kit.studio.stage.tally).diamonds == 4


def test_another_live_begins_at_nothing(kit: Kit) -> None:
    dress(kit, COUNTING)
    overlay = kit.listen(Place.OVERLAY)
    kit.happen(single_gift(30))

    kit.studio.began("7002", is_new=True)
    kit.wait(1)

    old, new = heard(overlay, "totals")[-2:]
    assert (old["room_id"], old["diamonds"]) == ("7001", 30)
    assert (new["room_id"], new["diamonds"], new["gifters"]) == ("7002", 0, [])


def test_without_a_live_there_are_no_numbers_of_any(kit: Kit) -> None:
    dress(kit, COUNTING)
    kit.studio.ended()

    overlay = kit.listen(Place.OVERLAY)

    assert last_totals(overlay)["room_id"] is None


def test_tests_do_not_count(kit: Kit) -> None:
    dress(kit, COUNTING)
    overlay = kit.listen(Place.OVERLAY)

    kit.studio.try_out(Fact(EventType.GIFT, ANN, diamonds=99, count=1, added=1, test=True), None)
    kit.wait(1)

    assert last_totals(overlay)["diamonds"] == 0


def test_the_smaller_half_of_too_many_givers_gives_way(kit: Kit) -> None:
    tally = kit.studio.stage.tally
    assert tally is not None
    tally.given = {-number: Giver(str(number), "", number) for number in range(MAX_GIVERS)}

    kit.happen(single_gift(1))

    assert len(tally.given) == MAX_GIVERS // 2 + 1
    assert min(one.diamonds for one in tally.given.values() if one.nickname != "Ann") >= MAX_GIVERS // 2


@pytest.fixture
async def stored_kit(db: Database) -> Kit:
    async with db.begin() as uow:
        user = User(username="host", created_at=Kit().clock.now())
        assert await uow.accounts.add_user(user)
    return Kit(user_id=user.id, db=db)


async def test_a_restarted_server_goes_on_where_it_was(stored_kit: Kit, db: Database) -> None:
    stored_kit.happen(likes(15, 4_000), single_gift(30, ANN), single_gift(20, BOB))
    await stored_kit.journal.flush()

    after = Kit(user_id=stored_kit.studio.user_id, db=db)
    after.happen(single_gift(15, BOB))
    await after.journal.flush()
    after.happen(single_gift(1, BOB))

    totals = totals_of(after.studio.stage.tally)
    assert (totals.likes, totals.diamonds) == (4_000, 66)
    assert [(one.user, one.diamonds) for one in totals.gifters] == [("Bob", 36), ("Ann", 30)]


def test_totals_of_no_live_are_nothing() -> None:
    assert encode(totals_of(None)) == (
        '{"type":"totals","room_id":null,"likes":0,"follows":0,"diamonds":0,"gifters":[]}'
    )
