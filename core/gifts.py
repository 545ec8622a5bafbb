"""TikTok's gifts. One name may stand for several ids (regions, seasons), and then means all of them."""

from collections.abc import Iterable

from msgspec import Struct, structs

from core.clock import Clock
from storage.db import UnitOfWork

MAX_NAME = 200


class GiftInfo(Struct, frozen=True):
    gift_id: int
    name: str
    diamond_count: int
    image: str = ""  # address of the picture, as TikTok gave it; empty: not seen yet


class GiftPage(Struct, frozen=True):
    gifts: list[GiftInfo]
    total: int


async def list_page(uow: UnitOfWork, *, text: str = "", limit: int = 100, offset: int = 0) -> GiftPage:
    """Those whose name contains `text`, without regard to case, cheapest first."""
    wanted = text.strip().casefold()
    # Compared here: SQLite folds ASCII alone.
    found = [row for row in await uow.gifts.list_all() if wanted in row.name.casefold()]
    page = [
        GiftInfo(row.gift_id, row.name, row.diamond_count, row.image)
        for row in found[offset : offset + limit]
    ]
    return GiftPage(page, len(found))


async def ids_of(uow: UnitOfWork, name: str) -> frozenset[int]:
    """All gifts of that name."""
    wanted = name.strip().casefold()
    return frozenset(row.gift_id for row in await uow.gifts.list_all() if row.name.casefold() == wanted)


async def learn(uow: UnitOfWork, gifts: Iterable[GiftInfo], clock: Clock) -> None:
    """Keep what a LIVE or TikTok's list told. The last word on an id wins."""
    known = {gift.gift_id: structs.replace(gift, name=gift.name[:MAX_NAME]) for gift in gifts if gift.gift_id}
    await uow.gifts.save([structs.asdict(gift) for gift in known.values()], clock.now())
