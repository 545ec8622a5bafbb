"""The operators' desk: every page for whom it is for, and for nobody else."""

import pytest

from core.audit import Act
from storage.models import HistoryRow, UserRole
from tests.webapp.admin.conftest import ann, ask, boss, helper, world
from webapp.miniapp.admin import keys, overview, people, talk, trade

__all__ = ["ann", "ask", "boss", "helper", "world"]

OPEN = [view for group in (overview, people, keys, trade, talk) for view in group.views.all]
MONEY = trade.money.all


@pytest.fixture
def paths(world):
    """Every page of the desk with ids there is something behind."""

    def filled(view):
        return view.path.format(
            user_id=world["ann"],
            license_id=world["license"],
            order_id=world["order"],
            ticket_id=world["ticket"],
            broadcast_id=world["draft"],
        )

    return {view: filled(view) for view in (*OPEN, *MONEY)}


async def page(client, path, who):
    async with client.get(f"/app/view{path}", headers=who) as answer:
        return answer.status, await answer.text()


async def test_an_admin_sees_every_page(client, boss, paths):
    for path in paths.values():
        status, text = await page(client, path, boss)

        assert status == 200, (path, text[:2000])
        assert "data-title=" in text


async def test_support_sees_all_but_money(client, helper, paths):
    for view, path in paths.items():
        status, text = await page(client, path, helper)

        assert status == (403 if view in MONEY else 200), path
        assert "/credit" not in text
        assert 'data-call="/admin/licenses' not in text


async def test_a_streamer_sees_none_of_it(client, ann, paths):
    for path in paths.values():
        assert (await page(client, path, ann))[0] == 403, path


async def test_what_people_call_themselves_is_only_text(client, boss, enter):
    await enter(77, UserRole.USER, first_name="<img src=x onerror=alert(1)>")

    _, text = await page(client, "/admin/users", boss)

    assert "<img" not in text
    assert "&lt;img" in text


async def test_a_list_is_filtered_and_offers_the_same_as_a_file(client, boss, ann, helper):
    _, text = await page(client, "/admin/users?role=support", boss)

    assert text.count("<tr data-key=") == 1
    assert 'data-download="/admin/users?role=support&amp;format=csv&amp;limit=10000"' in text
    async with client.get("/api/admin/users?role=support&format=csv&limit=10000", headers=boss) as answer:
        assert answer.status == 200
        assert len((await answer.text()).splitlines()) == 2


async def test_nothing_found_is_said_with_what_to_do(client, boss):
    _, text = await page(client, "/admin/users?q=nobody-of-this-name", boss)

    assert "Nobody fits. Change the filters." in text


@pytest.mark.parametrize("path", ["/admin/users?offset=-1", "/admin/orders?status=lost", "/admin/users/x"])
async def test_an_address_that_was_made_up_is_refused(client, boss, path):
    assert (await page(client, path, boss))[0] in (400, 404)


async def test_a_ticket_shows_what_its_account_last_heard(client, boss, world, services):
    at = services.clock.now()
    async with services.db.begin() as uow:
        row = HistoryRow(
            user_id=world["ann"], message_id="m1", seq=1, at=at, type="gift", data={"fired": [1]}
        )
        uow.history._session.add(row)
    ticket = await services.tickets.open(world["ann"], "support", "So quiet", Act("tg:1", at))

    _, text = await page(client, f"/admin/tickets/{ticket.id}", boss)

    assert "LIVE: off" in text
    assert "Gifts · nobody listened" in text
