import csv
import io
from codecs import BOM_UTF8

import pytest

from core.audit import Act
from storage.models import User
from tests.webapp.admin.conftest import BY, user_of
from tests.webapp.fakes import START


async def add_user(services, **fields) -> int:
    user = User(created_at=START, **fields)
    async with services.db.begin() as uow:
        assert await uow.accounts.add_user(user)
    return user.id


def table(text: str) -> list[list[str]]:
    return list(csv.reader(io.StringIO(text)))


# Users


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ("", ["boss", "helper", "ann"]),
        ("q=AN", ["ann"]),
        ("q=@ann", ["ann"]),
        ("q=tg:1001", ["ann"]),
        ("q=1001", ["ann"]),
        ("q=%25", []),
        ("q=nobody", []),
        ("role=admin", ["boss"]),
        ("role=support", ["helper"]),
        ("banned=true", []),
        ("banned=false", ["boss", "helper", "ann"]),
        ("limit=1&offset=1", ["helper"]),
    ],
)
async def test_accounts_are_found(ask, world, helper, query: str, found: list[str]):
    status, page = await ask(helper, "GET", f"/users?{query}")

    assert status == 200
    assert [one["id"] for one in page["users"]] == [world[name] for name in found]


async def test_a_page_says_how_many_there_are(ask, world, helper):
    _, page = await ask(helper, "GET", "/users?limit=1&offset=2")

    assert (page["success"], page["total"], page["limit"], page["offset"]) == (True, 3, 1, 2)


@pytest.mark.parametrize("query", ["limit=0", "limit=10001", "offset=-1", "role=king", "banned=perhaps"])
async def test_a_wrong_query_is_told(ask, boss, query: str):
    assert (await ask(boss, "GET", f"/users?{query}"))[0] == 400


async def test_one_account_shows_its_licenses_and_wallet(ask, world, boss, services):
    await ask(boss, "POST", f"/licenses/{world['license']}/transfer", {"user": "ann"})

    _, card = await ask(boss, "GET", f"/users/{world['ann']}")

    assert (card["user"]["username"], card["user"]["plan"]) == ("ann", "standard")
    assert [(one["status"], one["days_left"]) for one in card["licenses"]] == [("active", 30.0)]
    assert card["wallet"] == {"available": 101.5, "held": 3.5, "debt": 0.0}


async def test_support_sees_no_money_anywhere(ask, world, helper, services):
    async with services.db.begin() as uow:
        BY.note(uow, "wallet.credit", "user:1", amount=1_250)

    _, card = await ask(helper, "GET", f"/users/{world['ann']}")
    _, figures = await ask(helper, "GET", "/statistics")
    _, log = await ask(helper, "GET", "/audit")
    _, ticket = await ask(helper, "GET", f"/tickets/{world['ticket']}")

    assert card["wallet"] is None
    assert figures["money"] is None
    assert [one for one in log["entries"] if one["action"].startswith("wallet")] == []
    assert "money" not in ticket["ticket"]["snapshot"]


async def test_an_admin_sees_it(ask, world, boss, services):
    opened = await services.tickets.open(world["ann"], "payment", "more", Act(f"user:{world['ann']}", START))

    _, figures = await ask(boss, "GET", "/statistics")
    _, ticket = await ask(boss, "GET", f"/tickets/{opened.id}")

    assert (figures["money"]["wallet"], figures["money"]["stars"]) == (101.5, -5.0)
    assert ticket["ticket"]["snapshot"]["money"]["available"] == 101.5
    assert ticket["ticket"]["snapshot"]["money"]["entries"][0]["amount"] == 5.0


async def test_a_new_password_works_and_the_old_tokens_do_not(ask, world, boss, ann, client):
    _, answer = await ask(boss, "POST", f"/users/{world['ann']}/reset-password")

    body = {"username": "ann", "password": answer["password"]}
    async with client.post("/v2/auth/login", json=body) as response:
        assert response.status == 200
    assert (await ask(ann, "GET", "/users"))[0] == 401


async def test_a_banned_account_is_out_at_once(ask, world, boss, ann):
    await ask(boss, "POST", f"/users/{world['ann']}/ban")

    assert (await ask(ann, "GET", "/users"))[0] == 401


async def test_a_taken_name_is_refused(ask, world, boss):
    status, answer = await ask(boss, "POST", f"/users/{world['helper']}/rename", {"username": "Ann"})

    assert (status, answer["error"]["code"]) == (409, "conflict")


# Tables


async def test_a_spreadsheet_computes_nothing(ask, world, boss, services):
    await add_user(services, telegram_id=5, first_name='=HYPERLINK("http://x")', telegram_name="@x")

    _, text = await ask(boss, "GET", "/users?format=csv&q=tg:5")

    header, row = table(text)
    assert header[0] == "id"
    assert row[header.index("name")] == '\'=HYPERLINK("http://x")'
    assert row[header.index("telegram_name")] == "'@x"


async def test_a_file_has_every_row_whatever_page_is_shown(ask, world, boss, services):
    async with services.db.begin() as uow:
        for count in range(1_200):
            BY.note(uow, "ticket.answer", f"ticket:{count}")

    _, text = await ask(boss, "GET", "/audit?format=csv&action=ticket.answer&limit=25&offset=25")

    header, *rows = table(text)
    assert [row[header.index("subject")] for row in rows] == [f"ticket:{n}" for n in range(1_199, -1, -1)]


async def test_a_file_says_in_what_letters_it_is(boss, world, client):
    """Else spreadsheet programs guess, and names become garbage."""
    async with client.get("/api/admin/users?format=csv", headers=boss) as response:
        assert (await response.read()).startswith(BOM_UTF8)


# Licenses


@pytest.mark.parametrize(
    ("query", "count"),
    [("", 2), ("status=new", 1), ("status=suspended", 1), ("q=resell", 2), ("q=nothing", 0), ("q=ann", 0)],
)
async def test_licenses_are_found(ask, world, helper, query: str, count: int):
    _, page = await ask(helper, "GET", f"/licenses?{query}")

    assert (len(page["licenses"]), page["total"]) == (count, count)


async def test_a_license_is_found_by_its_end_batch_and_owner(ask, world, boss):
    _, moved = await ask(boss, "POST", f"/licenses/{world['license']}/transfer", {"user": "ann"})
    tail = moved["license"]["key"]

    for query in (f"q={tail}", f"q={tail[2:].lower()}", "q=ann", f"user_id={world['ann']}", "status=active"):
        _, page = await ask(boss, "GET", f"/licenses?{query}")
        assert [one["id"] for one in page["licenses"]] == [world["license"]]
    _, page = await ask(boss, "GET", f"/licenses?batch={world['batch']}")
    assert page["total"] == 2


async def test_keys_are_shown_once_and_sold_by_the_batch(ask, boss, client):
    _, issued = await ask(boss, "POST", "/licenses", {"days": 30, "count": 3, "note": "shop"})
    keys = [one["key"] for one in issued["keys"]]
    body = {"username": "buyer", "password": "SecurePass123!", "license_key": keys[0]}
    async with client.post("/v2/auth/redeem-license", json=body) as response:
        assert response.status == 200

    _, page = await ask(boss, "GET", "/licenses/batches")
    _, listed = await ask(boss, "GET", "/licenses?q=shop")

    _, whole = await ask(boss, "GET", f"/licenses?q={keys[1].lower()}")
    assert [one["key"] for one in whole["licenses"]] == [keys[1].replace("-", "")[-6:]]

    (batch,) = page["batches"]
    counts = {name: batch[name] for name in ("issued", "redeemed", "suspended", "revoked")}
    assert counts == {"issued": 3, "redeemed": 1, "suspended": 0, "revoked": 0}
    assert batch["note"] == "shop"
    assert not any(key in str(listed) for key in keys)


async def test_keys_come_as_a_file(ask, boss):
    _, text = await ask(boss, "POST", "/licenses", {"days": 30, "count": 3, "format": "csv"})

    header, *rows = table(text)
    assert header == ["key", "plan", "days"]
    assert len(rows) == 3
    assert all(row[0].startswith("TTB-") for row in rows)


@pytest.mark.parametrize("body", [{"days": 0}, {"days": 30, "count": 0}, {"days": 30, "plan": "nope"}])
async def test_a_wrong_batch_is_told(ask, boss, body):
    assert (await ask(boss, "POST", "/licenses", body))[0] == 400


async def test_a_rotated_key_replaces_the_old_one(ask, world, boss, services):
    status, answer = await ask(boss, "POST", f"/licenses/{world['license']}/rotate")

    assert (status, answer["key"][:4]) == (200, "TTB-")
    _, old = await ask(boss, "GET", f"/licenses/{world['license']}")
    assert old["license"]["status"] == "revoked"


# What goes on


async def test_figures_count_everything(ask, world, boss):
    _, figures = await ask(boss, "GET", "/statistics")

    assert (figures["users"]["total"], figures["users"]["reachable"]) == (3, 3)
    assert (figures["licenses"]["new"], figures["licenses"]["suspended"]) == (1, 1)


async def test_figures_are_counted_now_and_then(ask, world, boss, services, clock):
    await ask(boss, "GET", "/statistics")
    await add_user(services, telegram_id=5)

    _, soon = await ask(boss, "GET", "/statistics")
    clock.move(31)
    _, later = await ask(boss, "GET", "/statistics")

    assert (soon["users"]["total"], later["users"]["total"]) == (3, 4)


async def test_who_is_listened_to_is_seen(ask, world, boss, services):
    user = await user_of(services, world["ann"])
    await services.accounts.update_settings(user.id, {"tiktok_username": "annlive"})
    studio = await services.studios.open(user.id)
    studio.start_live()

    _, answer = await ask(boss, "GET", "/live")

    (live,) = answer["lives"]
    assert (live["user"]["username"], live["tiktok_username"]) == ("ann", "annlive")
    assert (live["state"], live["cuts"]) == ("connecting", 0)
    assert live["listeners"] == {"player": 0, "overlay": 0, "monitor": 0}


async def test_the_audit_log_is_searched(ask, world, boss):
    await ask(boss, "POST", f"/licenses/{world['license']}/extend", {"days": 7})

    for query in (f"actor=user:{world['boss']}", "action=license.ext"):
        _, page = await ask(boss, "GET", f"/audit?{query}")
        assert [(one["action"], one["details"]) for one in page["entries"]] == [
            ("license.extend", {"days": 7})
        ]
    _, page = await ask(boss, "GET", "/audit?subject=license:none")
    assert page["total"] == 0


async def test_health_counts_what_waits(ask, world, boss):
    _, answer = await ask(boss, "GET", "/health")

    health = answer["health"]
    assert (health["tickets_waiting"], health["history_lost"]) == (1, 0)
    assert health["notices_waiting"] > 0


# Tickets and broadcasts


@pytest.mark.parametrize(
    ("query", "found"), [("ann", 1), ("HEL", 1), ("%23{ticket}", 1), ("%239999", 0), ("x", 0)]
)
async def test_tickets_are_found_by_number_name_and_words(ask, world, helper, query: str, found: int):
    _, page = await ask(helper, "GET", f"/tickets?q={query.format(**world)}")

    assert page["total"] == found


async def test_broadcasts_batches_and_the_queue_are_filtered(ask, world, boss):
    totals = {}
    for query in (
        "/broadcasts?status=paused",
        "/licenses/batches?q=resell",
        "/licenses/batches?q=nothing",
        f"/fulfilment?q={world['order']}",
        "/fulfilment?status=processing",
    ):
        _, page = await ask(boss, "GET", query)
        totals[query] = page["total"]

    assert list(totals.values()) == [1, 1, 0, 1, 0], totals


async def test_a_ticket_is_answered_over_http(ask, world, helper):
    _, waiting = await ask(helper, "GET", "/tickets?waiting_for=staff&status=open")
    assert [one["id"] for one in waiting["tickets"]] == [world["ticket"]]

    _, said = await ask(helper, "POST", f"/tickets/{world['ticket']}/say", {"text": "on it"})
    _, closed = await ask(helper, "POST", f"/tickets/{world['ticket']}/close")
    status, again = await ask(helper, "POST", f"/tickets/{world['ticket']}/say", {"text": "more"})

    assert [one["text"] for one in said["ticket"]["messages"]] == ["help", "on it"]
    assert closed["ticket"]["status"] == "closed"
    assert (status, again["error"]["code"]) == (409, "ticket_closed")


async def test_a_broadcast_is_written_tried_and_sent(ask, world, boss):
    _, made = await ask(boss, "POST", "/broadcasts", {"texts": {"en": "hi", "ru": "привет"}})
    broadcast_id = made["broadcast"]["id"]

    _, tried = await ask(boss, "POST", f"/broadcasts/{broadcast_id}/dry-run")
    _, sent = await ask(boss, "POST", f"/broadcasts/{broadcast_id}/start")
    status, again = await ask(boss, "POST", f"/broadcasts/{broadcast_id}/start")
    _, listed = await ask(boss, "GET", "/broadcasts?limit=1")

    assert tried["recipients"] == 3
    assert (sent["broadcast"]["status"], sent["broadcast"]["progress"]["total"]) == ("running", 3)
    assert (status, again["error"]["details"]) == (409, {"status": "running"})
    assert (listed["broadcasts"][0]["id"], listed["total"]) == (broadcast_id, 4)
