"""Texts that mean harm, stored wherever somebody may write, and looked for on every page and in tables."""

import csv
import io
from html.parser import HTMLParser

import pytest
from sqlalchemy import update

from storage.models import (
    AuditEntry,
    Broadcast,
    HistoryRow,
    License,
    Live,
    LiveViewer,
    Order,
    OrderProgress,
    SignedIn,
    Sound,
    TicketMessage,
    TriggerRow,
    User,
)
from tests.security.doors import doors
from tests.security.estate import as_dict
from webapp.surfaces import PAGES

SHORT = "=<zq7 onzq7=1>"
HARM = f"{SHORT}\"'><zq7 onzq7=1>{{{{7*7}}}}&lt;\u202e\u200b\U0001f480\r\nX: 1"
VIEWS = [door for door in doors() if door.surface is PAGES]
TABLES = [
    "/api/admin/users?format=csv",
    "/api/admin/licenses?format=csv",
    "/api/admin/orders?format=csv",
    "/api/admin/audit?format=csv",
    "/api/admin/ledger/entries?format=csv",
    "/api/admin/payments?format=csv",
    "/api/admin/licenses/batches?format=csv",
    "/api/admin/fulfilment?format=csv",
    "/api/admin/tickets?format=csv",
    "/api/admin/broadcasts?format=csv",
    "/api/stats/export.csv?what=lives",
    "/api/stats/export.csv?what=gifters",
]


@pytest.fixture
async def harm(services, estate):
    """Ann's estate, with every text of it replaced."""
    who = {"nickname": HARM, "username": SHORT}
    told = {"user": who, "text": HARM, "message": HARM, "gift_name": HARM, "sent": True}
    changes = [
        update(User).values(first_name=HARM, last_name=HARM, telegram_name=SHORT),
        update(TriggerRow).values(name=HARM),
        update(Live).values(unique_id=SHORT, room_id=SHORT),
        update(SignedIn).values(device=HARM),
        update(Sound).values(filename=f"{HARM}.mp3"),
        update(License).values(note=HARM),
        update(Order).values(note=HARM),
        update(OrderProgress).values(note=HARM),
        update(TicketMessage).values(text=HARM),
        update(Broadcast).values(texts={"en": HARM}),
        update(HistoryRow).values(data=told),
        update(AuditEntry).values(details={"note": HARM}),
    ]
    gave = LiveViewer(
        live_id=estate.live_id, viewer_id=1, unique_id=SHORT, nickname=HARM, gifts=1, diamonds=5
    )
    async with services.db.begin() as uow:
        session = uow.accounts._session
        session.add(gave)
        for change in changes:
            await session.execute(change)
    return as_dict(estate)


async def test_no_page_takes_a_text_for_markup(client, harm, ann, boss):
    shown = set()
    for door in VIEWS:
        ids = {**harm, "id": harm["trigger" if door.path.startswith("/triggers") else "event"]}
        headers = boss if door.role else ann
        async with client.get(PAGES.prefix + door.path.format(**ids), headers=headers) as response:
            text = await response.text()
            assert response.status == 200, (door.name, text[:300])
        page = Page()
        page.feed(text)
        assert (page.tags & {"zq7"}, {one for one in page.attributes if "zq7" in one}) == (set(), set()), (
            door.name
        )
        shown |= {door.path} if "<zq7" in page.said else set()

    assert len(shown) > 12, shown


@pytest.mark.parametrize("path", TABLES)
async def test_no_cell_of_a_table_is_computed(path, client, harm, ann, boss):
    async with client.get(path, headers=boss if "admin" in path else ann) as response:
        assert response.status == 200
        text = (await response.read()).decode("utf-8-sig")

    _heads, *rows = csv.reader(io.StringIO(text))
    cells = [cell for row in rows for cell in row]
    assert cells or "payments" in path
    assert [cell for cell in cells if cell.lstrip().startswith(("=", "+", "@"))] == []
    assert "attachment" in response.headers["Content-Disposition"]


class Page(HTMLParser):
    """Which elements and attributes there are, and what is said to the reader."""

    def __init__(self) -> None:
        super().__init__()
        self.tags: set[str] = set()
        self.attributes: set[str] = set()
        self.said = ""

    def handle_starttag(self, tag, attrs):
        self.tags.add(tag)
        self.attributes |= {name for name, _ in attrs}
        self.said += " ".join(value or "" for _, value in attrs)

    def handle_data(self, data):
        self.said += data
