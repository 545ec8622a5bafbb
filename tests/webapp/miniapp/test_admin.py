"""The operators' desk: every page for whom it is for, and for nobody else."""

import re

import pytest

from core.audit import Act
from storage.models import ChangeKind, HistoryRow, UserRole
from tests.webapp.admin.conftest import ann, ask, boss, helper, world
from webapp.miniapp.admin import keys, overview, people, talk, trade
from webapp.miniapp.admin.tables import LIMIT

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
    assert 'data-download="/admin/users?role=support&amp;format=csv"' in text
    async with client.get("/api/admin/users?role=support&format=csv", headers=boss) as answer:
        assert answer.status == 200
        assert len((await answer.text()).splitlines()) == 2


async def test_nothing_found_is_said_with_what_to_do(client, boss):
    _, text = await page(client, "/admin/users?q=nobody-of-this-name", boss)

    assert "Nothing fits. Change the filters." in text


async def test_every_table_is_offered_as_a_file(client, boss, world):
    offered = 0
    for view in (*OPEN, *MONEY):
        _, text = await page(client, view.path, boss) if "{" not in view.path else (0, "")
        if 'class="filters"' not in text:
            continue
        path = re.search(r'data-download="([^"]+)"', text)[1].replace("&amp;", "&")
        async with client.get(f"/api{path}", headers=boss) as answer:
            assert (answer.status, answer.content_type) == (200, "text/csv"), path
        offered += 1

    assert offered == 11


async def test_a_batch_stays_chosen_and_can_be_taken_off(client, boss, world):
    _, text = await page(client, f"/admin/licenses?batch={world['batch']}&status=new", boss)

    assert f'<input type="hidden" name="batch" value="{world["batch"]}">' in text
    assert f"Batch: <strong>{world['batch']}</strong>" in text
    assert 'href="/app/admin/licenses?status=new">Show all again</a>' in text


@pytest.mark.parametrize(
    ("query", "found"),
    [("actor=user:{boss}", True), ("actor=user:{ann}", False), ("subject=ticket:{ticket}", True)],
)
async def test_the_log_is_searched_by_who_and_about_what(client, boss, world, ask, query, found):
    await ask(boss, "POST", f"/tickets/{world['ticket']}/close")

    _, text = await page(client, f"/admin/audit?{query.format(**world)}", boss)

    assert ("ticket.close" in text) is found
    name, _, value = query.format(**world).partition("=")
    assert f'name="{name}" value="{value}"' in text


async def test_the_log_tells_money_as_money(client, boss, world, ask):
    await ask(boss, "POST", f"/users/{world['ann']}/credit", {"amount": 10, "reason": "a transfer"})

    _, text = await page(client, "/admin/audit?action=wallet", boss)
    _, listed = await ask(boss, "GET", "/audit?action=wallet")

    assert "amount: $10.00 · reason: a transfer" in text
    assert listed["entries"][0]["details"]["amount"] == 10


async def test_lives_come_by_pages_and_the_last_message_to_the_second(client, boss, services, enter):
    for number in range(LIMIT + 1):
        await enter(5_000 + number, UserRole.USER, username=f"live{number:02}")
        async with services.db.read() as uow:
            user = await uow.accounts.get_by_telegram_id(5_000 + number)
        await services.accounts.update_settings(user.id, {"tiktok_username": f"live{number:02}"})
        (await services.studios.open(user.id)).start_live()

    _, first = await page(client, "/admin/live", boss)
    _, second = await page(client, f"/admin/live?offset={LIMIT}", boss)
    _, one = await page(client, "/admin/live?q=live07&state=connecting", boss)
    _, none = await page(client, "/admin/live?q=live07&state=failed", boss)

    assert [text.count("<tr data-key=") for text in (first, second, one, none)] == [LIMIT, 1, 1, 0]
    assert "Nothing fits. Change the filters." in none


async def test_no_more_can_be_looked_for_than_is_taken(client, boss):
    _, text = await page(client, "/admin/users", boss)
    longest = int(re.search(r'type="search"[^>]+maxlength="(\d+)"', text)[1])

    assert (await page(client, f"/admin/users?q={'x' * longest}", boss))[0] == 200
    assert (await page(client, f"/admin/users?q={'x' * (longest + 1)}", boss))[0] == 400


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


async def test_a_draft_is_offered_to_oneself_first_only_where_it_can_arrive(client, boss, world, services):
    path = f"/admin/broadcasts/{world['draft']}"
    assert "/dry-run" in (await page(client, path, boss))[1]
    async with services.db.begin() as uow:
        admin = await uow.accounts.get_user(world["boss"])
        admin.telegram_id = None
        uow.accounts.note_change(admin.id, ChangeKind.ACCESS, services.clock.now())

    _, text = await page(client, path, boss)

    assert "/dry-run" not in text
    assert "this account has no Telegram linked" in text
