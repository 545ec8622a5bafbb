"""TikTok's gifts: learned, looked up by name."""

import pytest

from core import gifts
from core.gifts import GiftInfo
from tests.fakes import MovedClock

ROSE = GiftInfo(5655, "Rose", 1, "https://example.com/rose.png")
LION = GiftInfo(6369, "Lion", 29_999)
ANOTHER_ROSE = GiftInfo(8913, "rose", 10)
BIRD = GiftInfo(77, "Жар-птица", 500)


@pytest.fixture
def learn(db):
    async def add(*found):
        async with db.begin() as uow:
            await gifts.learn(uow, found, MovedClock())

    return add


async def test_cheapest_first(db, learn):
    await learn(LION, BIRD, ANOTHER_ROSE, ROSE)

    async with db.read() as uow:
        page = await gifts.list_page(uow)

    assert (page.gifts, page.total) == ([ROSE, ANOTHER_ROSE, BIRD, LION], 4)


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("ros", [ROSE, ANOTHER_ROSE]),
        (" LION ", [LION]),
        ("ЖАР", [BIRD]),
        ("%", []),
        ("", [ROSE, ANOTHER_ROSE, BIRD, LION]),
    ],
)
async def test_search_is_by_part_of_the_name_without_case(db, learn, text, found):
    await learn(ROSE, LION, ANOTHER_ROSE, BIRD)

    async with db.read() as uow:
        assert (await gifts.list_page(uow, text=text)).gifts == found


async def test_pages(db, learn):
    await learn(ROSE, LION, ANOTHER_ROSE, BIRD)

    async with db.read() as uow:
        page = await gifts.list_page(uow, limit=2, offset=1)

    assert (page.gifts, page.total) == ([ANOTHER_ROSE, BIRD], 4)


async def test_a_name_means_all_of_its_ids(db, learn):
    await learn(ROSE, LION, ANOTHER_ROSE)

    async with db.read() as uow:
        assert await gifts.ids_of(uow, "ROSE ") == {5655, 8913}
        assert await gifts.ids_of(uow, "Nothing") == frozenset()


async def test_the_last_word_wins_but_a_known_image_stays(db, learn):
    await learn(ROSE)
    await learn(GiftInfo(5655, "Red rose", 2), GiftInfo(5655, "Red Rose", 3))

    async with db.read() as uow:
        page = await gifts.list_page(uow)

    assert page.gifts == [GiftInfo(5655, "Red Rose", 3, ROSE.image)]


async def test_a_gift_without_an_id_is_none(db, learn):
    await learn(GiftInfo(0, "Nothing", 1))

    async with db.read() as uow:
        assert (await gifts.list_page(uow)).total == 0
