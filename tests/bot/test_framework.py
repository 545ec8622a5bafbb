"""What surrounds every update: polling, webhook, floods, repeats, refusals, restarts."""

import asyncio
import time
from io import BytesIO

import pytest
import structlog
from aiohttp.test_utils import TestClient
from aiohttp.web import Application

from bot.app import Robot, webhook_secret
from bot.front import Front
from core import notices
from core.config import Config
from core.notices import NoticeKind
from tests.fake_telegram.person import Person
from tests.fake_telegram.server import FakeTelegram
from webapp.app import build_app
from webapp.keys import Updates

SECRET = "X-Telegram-Bot-Api-Secret-Token"
GROUP = {"id": -100, "type": "supergroup", "title": "Group"}


async def tell(front: Front, user_id: int, kind: NoticeKind, key: str = "k", **data: object) -> None:
    async with front.services.db.begin() as uow:
        await notices.add(uow, user_id, kind, key, front.services.clock.now(), **data)


# Updates


async def test_an_update_told_twice_is_answered_once(ann: Person, telegram: FakeTelegram):
    update = {"update_id": telegram.next_id(), "message": ann.message(text="/help")}

    telegram._updates.append(update)
    await telegram.deliver(update)
    await ann.hears("What I can do")
    await ann.asks("/terms")

    assert ann.screen.count("What I can do") == 1


async def test_groups_are_met_with_silence(ann: Person, telegram: FakeTelegram):
    await telegram.push(message={**ann.message(text="/start"), "chat": GROUP})
    await ann.asks("/help")

    assert telegram.chats[-100] == []


async def test_edited_messages_and_other_bots_do_nothing(ann: Person, telegram: FakeTelegram):
    await telegram.push(edited_message=ann.message(text="/start"))
    await telegram.push(message={**ann.message(text="/start"), "from": {**ann.profile, "is_bot": True}})
    await ann.asks("/help")

    assert len(ann.chat) == 1


async def test_an_update_of_an_unknown_kind_stops_nothing(ann: Person, telegram: FakeTelegram):
    await telegram.push(message={"message_id": "no number"})
    await telegram.push(brand_new_thing={"x": 1})

    assert "What I can do" in await ann.asks("/help")


async def test_an_old_command_is_still_answered(ann: Person):
    assert "What I can do" in await ann.asks("/help", date=int(time.time()) - 86_400)


async def test_the_button_of_a_screen_gone_by_leads_to_the_menu(ann: Person, telegram: FakeTelegram):
    await ann.asks("/help")
    ann.chat[-1]["reply_markup"]["inline_keyboard"][0][0]["callback_data"] = "of another version"

    answer = await ann.presses("of another version")

    assert "out of date" in answer
    assert "license" in answer


async def test_pressing_the_same_twice_is_no_trouble(ann: Person, telegram: FakeTelegram):
    await ann.asks("/help")
    shown = ann.chat[-1]
    await ann.presses("Menu", shown)
    await ann.presses(
        "Menu", {**shown, "reply_markup": {"inline_keyboard": [[{"text": "Menu", "callback_data": "menu"}]]}}
    )

    assert "broke" not in ann.screen


async def test_somebody_who_sends_a_message_a_second_is_never_throttled(robot: Robot, ann: Person, front):
    has_turn = robot.intake._has_turn
    times = iter(range(1_000, 1_300))

    class Clock:
        def monotonic(self) -> float:
            return float(next(times))

    object.__setattr__(front.services, "clock", Clock())

    assert all(has_turn(ann.id) for _ in range(200))


async def test_a_flood_is_dropped_and_others_are_served(ann: Person, boris: Person):
    for _ in range(200):
        await ann.says("/help")

    assert "Что я умею" in await boris.asks("/help")
    assert len(ann.chat) < 60


async def test_what_nobody_foresaw_gets_an_apology_with_a_number(ann: Person, front: Front):
    async def broken(user_id: int) -> None:
        raise ZeroDivisionError

    front.shop.shelf = broken

    with structlog.testing.capture_logs() as log:
        assert "quote the number" in await ann.asks("/activate")
    assert [line["event"] for line in log if line["log_level"] == "error"] == ["update_failed"]


# Telegram's refusals


async def test_told_to_wait_it_waits_and_sends(ann: Person, telegram: FakeTelegram):
    telegram.inject("sendMessage", 429, "Too Many Requests: retry after 1", retry_after=1)
    began = time.monotonic()

    await ann.asks("/help")

    assert time.monotonic() - began >= 1
    assert len(ann.chat) == 1


async def test_a_second_poller_is_survived(ann: Person, telegram: FakeTelegram):
    telegram.inject("getUpdates", 409, "Conflict: terminated by other getUpdates request")

    assert await ann.asks("/help")
    assert "What I can do" in await ann.asks("/help")


async def test_trouble_of_telegrams_own_is_survived(ann: Person, telegram: FakeTelegram):
    telegram.inject("getUpdates", 502, "Bad Gateway")
    await ann.asks("/terms")

    assert "What I can do" in await ann.asks("/help")


async def test_an_answer_nobody_can_read_ends_nothing(ann: Person, telegram: FakeTelegram, front, user_id):
    await ann.asks("/start")
    me = await user_id(ann)
    telegram.inject("sendMessage", 502, "")
    await tell(front, me, NoticeKind.CREDENTIALS_SET, "one", username="111")
    await telegram.until(lambda: len(telegram.sent("sendMessage")) == 2)

    await tell(front, me, NoticeKind.CREDENTIALS_SET, "two", username="222")

    await ann.hears("222")


@pytest.mark.parametrize("method", ["deleteWebhook", "setMyCommands", "getUpdates"])
async def test_it_starts_whatever_page_answers_first(telegram: FakeTelegram, front: Front, method: str):
    telegram.inject(method, 502, "")
    async with Robot(front):
        assert "What I can do" in await Person(telegram).asks("/help")


async def test_who_blocks_the_bot_is_noted_and_not_written_to(ann: Person, telegram, front, user_id):
    await ann.asks("/start")
    me = await user_id(ann)
    telegram.blocked.add(ann.id)

    await tell(front, me, NoticeKind.CREDENTIALS_SET, "one", username="111")
    await telegram.until(lambda: len(telegram.sent("sendMessage")) == 2)
    await tell(front, me, NoticeKind.CREDENTIALS_SET, "two", username="222")
    await asyncio.sleep(1.5)

    assert len(telegram.sent("sendMessage")) == 2
    async with front.services.db.read() as uow:
        assert not (await uow.accounts.get_user(me)).is_reachable


async def test_who_comes_back_is_written_to_again(ann: Person, telegram, front, user_id):
    await ann.asks("/start")
    telegram.blocked.add(ann.id)
    await ann.says("/help")
    await telegram.until(lambda: len(telegram.sent("sendMessage")) == 2)
    telegram.blocked.clear()

    await ann.asks("/help")
    await tell(front, await user_id(ann), NoticeKind.CREDENTIALS_SET, username="333")

    assert await ann.hears("333")


# Notices


async def test_a_notice_is_told_once_in_the_persons_language(boris: Person, telegram, front, user_id):
    await boris.asks("/start")

    await tell(front, await user_id(boris), NoticeKind.LICENSE_ENDING, days=3, expires_at="2026-01-04")
    await boris.hears("через 3 дня")
    await asyncio.sleep(1.5)

    assert boris.screen.count("через 3 дня") == 1


async def test_a_muted_kind_is_not_told(ann: Person, front: Front, user_id):
    await ann.asks("/settings")
    await ann.presses("Notifications")
    await ann.presses("LIVE began")
    me = await user_id(ann)

    await tell(front, me, NoticeKind.LIVE_BEGAN, "live", tiktok_username="ann")
    await tell(front, me, NoticeKind.CREDENTIALS_SET, "code", username="444")
    await ann.hears("444")

    assert "You are LIVE" not in ann.screen


async def test_a_notice_nobody_has_words_for_does_not_stop_the_others(ann: Person, front: Front, user_id):
    await ann.asks("/start")
    me = await user_id(ann)

    await tell(front, me, NoticeKind.CREDENTIALS_SET, "broken")
    await tell(front, me, NoticeKind.CREDENTIALS_SET, "good", username="555")

    assert await ann.hears("555")


async def test_two_postmen_tell_a_notice_once(ann: Person, robot: Robot, front: Front, user_id):
    await ann.asks("/start")
    me = await user_id(ann)
    for number in range(5):
        await tell(front, me, NoticeKind.CREDENTIALS_SET, f"n{number}", username=f"code-{number}")

    await asyncio.gather(*[robot.postman.carry() for _ in range(4)])
    await asyncio.sleep(1.0)

    assert [ann.screen.count(f"code-{number}") for number in range(5)] == [1] * 5


async def test_a_chat_that_has_to_wait_keeps_no_other_waiting(
    ann: Person, boris: Person, telegram, front: Front, user_id
):
    await ann.asks("/start")
    await boris.asks("/start")
    telegram.inject("sendMessage", 429, "Too Many Requests: retry after 60", retry_after=60)

    await tell(front, await user_id(ann), NoticeKind.CREDENTIALS_SET, "one", username="777")
    await telegram.until(lambda: telegram.refusals)
    await tell(front, await user_id(boris), NoticeKind.CREDENTIALS_SET, "two", username="888")

    assert await boris.hears("888")
    assert "777" not in ann.screen


async def test_what_telegram_cannot_take_now_is_tried_again(ann: Person, telegram, front: Front, user_id):
    await ann.asks("/start")
    me = await user_id(ann)
    telegram.inject("sendMessage", 500, "Internal Server Error")

    await tell(front, me, NoticeKind.CREDENTIALS_SET, username="666")
    await telegram.until(lambda: len(telegram.sent("sendMessage")) == 2)
    await asyncio.sleep(0.3)

    async with front.services.db.read() as uow:
        [notice] = await uow.notices.due(front.services.clock.now().replace(year=2100), 10)
    assert (notice.attempts, notice.done_at) == (1, None)


# Restarts


async def test_a_dialog_goes_on_after_a_restart(telegram: FakeTelegram, front: Front):
    ann = Person(telegram)
    async with Robot(front):
        await ann.asks("/support")

    async with Robot(front):
        await ann.asks("It is too quiet")

    assert front.tickets.opened[0].text == "It is too quiet"


async def test_stopping_lets_a_handler_end(telegram: FakeTelegram, front: Front):
    ann = Person(telegram)
    shelf = front.shop.shelf

    begun = asyncio.Event()

    async def slow(user_id: int):
        begun.set()
        await asyncio.sleep(0.5)
        return await shelf(user_id)

    front.shop.shelf = slow
    robot = Robot(front)
    async with robot:
        await ann.asks("/start")
        await ann.says("/activate")
        await begun.wait()

    assert "Have a key?" in ann.screen
    assert robot.bot.session._session.closed


# Webhook


@pytest.fixture
async def web(aiohttp_client, front: Front, robot: Robot) -> TestClient:
    services = front.services
    secret = webhook_secret(services.config, services.secrets).encode()
    app: Application = build_app(services, Updates(secret, robot.receive))
    return await aiohttp_client(app)


@pytest.fixture
def key(front: Front) -> dict[str, str]:
    return {SECRET: webhook_secret(front.services.config, front.services.secrets)}


async def test_an_update_comes_by_webhook_too_and_once(web: TestClient, key, ann: Person, robot: Robot):
    update = {"update_id": 5_000, "message": ann.message(text="/help")}

    first = await web.post("/telegram/webhook", json=update, headers=key)
    await robot.intake.drain()
    again = await web.post("/telegram/webhook", json=update, headers=key)
    await robot.intake.drain()

    assert (first.status, again.status) == (200, 200)
    assert ann.screen.count("What I can do") == 1


@pytest.mark.parametrize("secret", ["", "wrong", "не то", "\udcff"])
async def test_who_does_not_know_the_secret_is_refused(web: TestClient, secret: str):
    answer = await web.post("/telegram/webhook", json={"update_id": 1}, headers={SECRET: secret})

    assert answer.status == 401


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"{",
        b"[]",
        b"null",
        b'{"a": 1}',
        b'{"update_id": "x"}',
        b'{"update_id": -1}',
        b'{"update_id": 100000000000000000000}',
        b"\xff",
        b'{"update_id": 1, "message": {}}',
        b"[" * 100_000,
    ],
)
async def test_what_is_no_update_is_refused(web: TestClient, key, body: bytes):
    headers = {**key, "Content-Type": "application/json"}

    assert (await web.post("/telegram/webhook", data=body, headers=headers)).status == 400


async def test_a_body_without_end_is_refused(web: TestClient, key):
    headers = {**key, "Content-Type": "application/json"}

    answer = await web.post("/telegram/webhook", data=BytesIO(b"a" * 2_000_000), headers=headers)

    assert answer.status == 413


async def test_without_a_bot_there_is_no_webhook(aiohttp_client, front: Front):
    client = await aiohttp_client(build_app(front.services))

    assert (await client.post("/telegram/webhook", json={})).status == 404


class TestByWebhook:
    @pytest.fixture
    def config(self, tmp_path, telegram: FakeTelegram) -> Config:
        return Config(
            data_dir=tmp_path,
            web={"public_url": "https://live.example.org"},
            telegram={"token": "42:TEST", "api_url": telegram.url, "mode": "webhook"},
        )

    async def test_the_webhook_is_set_with_the_secret(self, robot: Robot, telegram: FakeTelegram, key):
        await telegram.until(lambda: telegram.webhook)

        assert telegram.webhook["url"] == "https://live.example.org/telegram/webhook"
        assert telegram.webhook["secret_token"] == key[SECRET]
        assert telegram.sent("getUpdates") == []


class TestWithoutHttps:
    @pytest.fixture
    def public_url(self) -> str:
        return "http://192.0.2.1:8080"

    async def test_plain_links_are_sent(self, ann: Person):
        await ann.asks("/start")

        assert ann.button("Open TTBoost")["url"] == "http://192.0.2.1:8080/app"


class TestOnThisMachine:
    @pytest.fixture
    def public_url(self) -> str:
        return "http://localhost:8080"

    async def test_an_address_no_button_may_have_is_written_out(self, ann: Person):
        await ann.asks("/start login")

        assert "http://localhost:8080/app#ticket=" in ann.screen
