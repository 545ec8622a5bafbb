"""Every admin call there is, tried by everybody: a new one cannot be forgotten."""

import pytest

from tests.webapp.admin.conftest import Headers
from webapp.api import Call
from webapp.app import build_app
from webapp.routes.admin import SUBJECTS

CALLS = [call for subject in SUBJECTS for call in subject.calls.all]

# What an admin sends to get something done, by handler; {names} are ids of the `world`.
ACTS = {
    "admin_rename_user": ("/users/{ann}/rename", {"username": "newname"}),
    "admin_ban_user": ("/users/{ann}/ban", None),
    "admin_unban_user": ("/users/{ann}/unban", None),
    "admin_set_role": ("/users/{ann}/role", {"role": "support"}),
    "admin_reset_password": ("/users/{ann}/reset-password", None),
    "admin_issue_licenses": ("/licenses", {"days": 30, "count": 2}),
    "admin_extend_license": ("/licenses/{license}/extend", {"days": 7}),
    "admin_suspend_license": ("/licenses/{license}/suspend", None),
    "admin_resume_license": ("/licenses/{suspended}/resume", None),
    "admin_revoke_license": ("/licenses/{license}/revoke", None),
    "admin_transfer_license": ("/licenses/{license}/transfer", {"user": "ann"}),
    "admin_rotate_license": ("/licenses/{license}/rotate", None),
    "admin_cancel_order": ("/orders/{order}/cancel", {"note": "asked by the user"}),
    "admin_take_order": ("/fulfilment/{order}/take", None),
    "admin_report_order": ("/fulfilment/{order}/report", {"sent": 10, "delivered": 5}),
    "admin_fail_order": ("/fulfilment/{order}/fail", {}),
    "admin_credit_user": ("/users/{ann}/credit", {"amount": 5, "reason": "sorry"}),
    "admin_debit_user": ("/users/{ann}/debit", {"amount": 5, "reason": "too much"}),
    "admin_verify_ledger": ("/ledger/verify", None),
    "admin_refund_payment": ("/payments/{charge}/refund", {"reason": "asked"}),
    "admin_answer_ticket": ("/tickets/{ticket}/say", {"text": "hello"}),
    "admin_close_ticket": ("/tickets/{ticket}/close", None),
    "admin_create_broadcast": ("/broadcasts", {"texts": {"en": "hello"}}),
    "admin_try_broadcast": ("/broadcasts/{draft}/dry-run", None),
    "admin_start_broadcast": ("/broadcasts/{draft}/start", None),
    "admin_pause_broadcast": ("/broadcasts/{running}/pause", None),
    "admin_resume_broadcast": ("/broadcasts/{paused}/resume", None),
    "admin_stop_broadcast": ("/broadcasts/{running}/stop", None),
}
UNCHANGED = {"admin_unban_user"}  # nobody is banned, so nothing is done


def name(call: Call) -> str:
    return call.handler.__name__


def path_of(call: Call) -> str:
    """With numbers that are nobody's."""
    return call.path.removeprefix("/admin").replace("{", "").replace("}", "").replace("user_id", "999")


def test_every_call_below_admin_is_one_of_them(services):
    routes = {
        (route.method, route.resource.canonical.removeprefix("/api"))
        for route in build_app(services).router.routes()
        if route.resource and route.resource.canonical.startswith("/api/admin")
    }

    declared = {(call.method, call.path) for call in CALLS}
    assert {one for one in routes if one[0] != "HEAD"} == declared


def test_every_call_names_a_role_and_no_rate_of_its_own():
    assert {call.role for call in CALLS} == {"admin", "support"}
    assert [name(call) for call in CALLS if call.rate or not call.signed_in] == []


def test_every_act_is_tried():
    assert {name(call) for call in CALLS if call.method != "GET"} == set(ACTS)


async def test_a_call_is_for_its_role_alone(ask, boss, helper, ann):
    async def let_in(who: Headers) -> set[str]:
        answers = {name(call): await ask(who, call.method, path_of(call)) for call in CALLS}
        return {called for called, (status, _) in answers.items() if status not in (401, 403)}

    assert await let_in({}) == set()
    assert await let_in(ann) == set()
    assert await let_in(helper) == {name(call) for call in CALLS if call.role == "support"}
    assert await let_in(boss) == {name(call) for call in CALLS}


@pytest.mark.parametrize("act", sorted(ACTS))
async def test_an_act_is_in_the_audit_log(act: str, ask, world, boss, services):
    path, body = ACTS[act]
    before = await _audited(services, world["boss"])

    status, answer = await ask(boss, "POST", path.format(**world), body)

    assert status in (200, 201), answer
    added = len(await _audited(services, world["boss"])) - len(before)
    assert (added > 0) is (act not in UNCHANGED)


async def _audited(services, user_id: int):
    async with services.db.read() as uow:
        rows, _ = await uow.admin.audit(
            actor=f"user:{user_id}", action="", subject="", without=(), limit=100, offset=0
        )
    return rows


async def test_a_role_that_was_taken_is_gone_at_once(ask, world, boss, helper):
    assert (await ask(helper, "GET", "/users"))[0] == 200

    await ask(boss, "POST", f"/users/{world['helper']}/role", {"role": "user"})

    assert (await ask(helper, "GET", "/users"))[0] == 403


async def test_nobody_takes_their_own_role_or_bans_themselves(ask, world, boss):
    for path, body in (("role", {"role": "user"}), ("ban", None)):
        status, answer = await ask(boss, "POST", f"/users/{world['boss']}/{path}", body)

        assert (status, answer["error"]["code"]) == (409, "not_oneself")


@pytest.mark.parametrize("number", ["0", "x", "99999999999", "%D9%A1", "2147483648"])
async def test_what_is_no_number_is_not_found(ask, boss, number: str):
    assert (await ask(boss, "GET", f"/users/{number}"))[0] == 404
    assert (await ask(boss, "GET", f"/licenses/{number}"))[0] == 404
