"""The server: one bot, its chats, its updates, its Stars."""

import asyncio
import itertools
import json
import re
import time
from collections import defaultdict, deque
from collections.abc import Awaitable, Callable
from contextlib import asynccontextmanager
from typing import Any

from aiohttp import ClientSession, web

from tests.fake_telegram import rules
from tests.fake_telegram.methods import BY_FOLDED_NAME, METHODS
from tests.fake_telegram.rules import Refused
from tests.fake_telegram.stars import Stars

TOKEN = "42:TEST"
ME = {"id": 42, "is_bot": True, "first_name": "TTBoost", "username": "TTBoostTestBot"}

Answer = Callable[[dict[str, Any]], Any]


class Call:
    """One request of the bot's."""

    def __init__(self, method: str, parameters: dict[str, Any]) -> None:
        self.method = method
        self.parameters = parameters
        self.at = time.monotonic()


class FakeTelegram:
    """Keeps Telegram's promises and refusals. `inject` makes it fail once, `blocked` are gone for good."""

    def __init__(self) -> None:
        self.calls: list[Call] = []
        self.chats: dict[int, list[dict[str, Any]]] = defaultdict(list)
        self.blocked: set[int] = set()
        self.slowness: dict[str, float] = {}  # seconds until a method is answered
        self.files: dict[str, bytes] = {}
        self.webhook: dict[str, Any] | None = None
        self.stars = Stars()
        self.commands: dict[str, list[dict[str, str]]] = {}
        self.menu_button: dict[str, Any] | None = None
        self.callbacks: dict[str, dict[str, Any] | None] = {}  # id -> how it was answered
        self.checkouts: dict[str, dict[str, Any]] = {}
        self.changed = asyncio.Condition()
        self.url = ""
        self._updates: deque[dict[str, Any]] = deque()
        self._ids = itertools.count(100)
        self._polling = 0
        self.refusals: list[tuple[str, str]] = []  # method, and why
        self._failures: dict[str, deque[Refused]] = defaultdict(deque)
        self._answers: dict[str, Answer] = {
            name: getattr(self, _snake(name)) for name in METHODS if hasattr(self, _snake(name))
        }

    @asynccontextmanager
    async def running(self, port: int = 0):
        app = web.Application(client_max_size=60 * 2**20)
        app.router.add_route("*", "/bot{token}/{method}", self._handle)
        app.router.add_get("/file/bot{token}/{path:.+}", self._download)
        runner = web.AppRunner(app, shutdown_timeout=0.1)
        await runner.setup()
        site = web.TCPSite(runner, "127.0.0.1", port)
        await site.start()
        host, taken = runner.addresses[0][:2]
        self.url = f"http://{host}:{taken}"
        try:
            yield self
        finally:
            await runner.cleanup()

    # What a test does

    def next_id(self) -> int:
        return next(self._ids)

    def inject(self, method: str, code: int, description: str, **parameters: int) -> None:
        """The next call of `method` is refused like this; without a description by some proxy's page."""
        self._failures[method].append(Refused(code, description, **parameters))

    def relent(self) -> None:
        """What was injected and met no call is forgotten."""
        self._failures.clear()

    async def push(self, **update: Any) -> int | None:
        """Deliver an update; the webhook's status where there is one."""
        return await self.deliver({"update_id": self.next_id(), **update})

    async def deliver(self, update: dict[str, Any]) -> int | None:
        if self.webhook:
            headers = {"X-Telegram-Bot-Api-Secret-Token": self.webhook.get("secret_token", "")}
            async with (
                ClientSession() as http,
                http.post(self.webhook["url"], json=update, headers=headers) as response,
            ):
                return response.status
        self._updates.append(update)
        await self._tell()
        return None

    @property
    def pending(self) -> int:
        """Updates the bot has not confirmed."""
        return len(self._updates)

    def sent(self, method: str) -> list[dict[str, Any]]:
        return [call.parameters for call in self.calls if call.method == method]

    async def until(self, is_so: Callable[[], Any], seconds: float = 30.0) -> Any:
        """Wait for something the bot does."""
        async with asyncio.timeout(seconds):
            while not (found := is_so()):
                await asyncio.sleep(0.005)
            return found

    # What the bot asks

    async def _handle(self, request: web.Request) -> web.Response:
        method = BY_FOLDED_NAME.get(request.match_info["method"].lower(), "")
        try:
            _check_address(request.match_info["token"], method)
            parameters = await _parameters(request)
            self.calls.append(Call(method, parameters))
            if self._failures[method]:
                raise self._failures[method].popleft()
            _check_parameters(method, parameters)
            await asyncio.sleep(self.slowness.get(method, 0))
            result = await self._answer(method, parameters)
        except Refused as refused:
            self.refusals.append((method, refused.description))
            await self._tell()
            if not refused.description:
                return web.Response(
                    status=refused.code, text="<h1>Bad Gateway</h1>", content_type="text/html"
                )
            body = {"ok": False, "error_code": refused.code, "description": refused.description}
            if refused.parameters:
                body["parameters"] = refused.parameters
            return web.json_response(body, status=refused.code)
        await self._tell()
        return web.json_response({"ok": True, "result": result})

    async def _answer(self, method: str, parameters: dict[str, Any]) -> Any:
        if "chat_id" in parameters and int(parameters["chat_id"]) in self.blocked:
            raise Refused(403, "Forbidden: bot was blocked by the user")
        rules.check_keyboard(parameters.get("reply_markup"))
        answer = self._answers.get(method)
        result = answer(parameters) if answer else True
        return await result if isinstance(result, Awaitable) else result

    async def _tell(self) -> None:
        async with self.changed:
            self.changed.notify_all()

    async def _get_updates(self, asked: dict[str, Any]) -> list[dict[str, Any]]:
        if self.webhook:
            raise Refused(409, "Conflict: can't use getUpdates method while webhook is active")
        if self._polling:
            raise Refused(409, "Conflict: terminated by other getUpdates request")
        self._polling += 1
        try:
            offset = int(asked.get("offset") or 0)
            while self._updates and self._updates[0]["update_id"] < offset:
                self._updates.popleft()
            try:
                async with asyncio.timeout(float(asked.get("timeout") or 0)), self.changed:
                    await self.changed.wait_for(lambda: self._updates)
            except TimeoutError:
                pass
            return list(self._updates)[: int(asked.get("limit") or 100)]
        finally:
            self._polling -= 1

    def _get_me(self, _: dict[str, Any]) -> dict[str, Any]:
        return ME

    def _set_webhook(self, asked: dict[str, Any]) -> bool:
        self.webhook = asked if asked["url"] else None
        return True

    def _delete_webhook(self, _: dict[str, Any]) -> bool:
        self.webhook = None
        return True

    def _get_webhook_info(self, _: dict[str, Any]) -> dict[str, Any]:
        url = self.webhook["url"] if self.webhook else ""
        return {"url": url, "has_custom_certificate": False, "pending_update_count": self.pending}

    def _set_my_commands(self, asked: dict[str, Any]) -> bool:
        self.commands[asked.get("language_code", "")] = asked["commands"]
        return True

    def _set_chat_menu_button(self, asked: dict[str, Any]) -> bool:
        button = asked.get("menu_button") or {}
        if button.get("type") == "web_app" and not button["web_app"]["url"].startswith("https://"):
            raise Refused(
                400, "Bad Request: menu button Web App URL is invalid: Only HTTPS links are allowed"
            )
        self.menu_button = button
        return True

    def _send_message(self, asked: dict[str, Any]) -> dict[str, Any]:
        return _public(self._post(asked, text=rules.visible(asked["text"], asked.get("parse_mode"))))

    def _send_document(self, asked: dict[str, Any]) -> dict[str, Any]:
        return _public(self._post(asked, text=asked.get("caption", "")))

    def _send_invoice(self, asked: dict[str, Any]) -> dict[str, Any]:
        amount = rules.check_invoice(asked)
        message = self._post(asked, text="")
        message["invoice"] = {
            "title": asked["title"],
            "description": asked["description"],
            "start_parameter": "",
            "currency": "XTR",
            "total_amount": amount,
        }
        self.stars.invoices[f"message:{message['message_id']}"] = (asked["payload"], amount)
        return _public(message)

    def _create_invoice_link(self, asked: dict[str, Any]) -> str:
        amount = rules.check_invoice(asked)
        link = f"https://t.me/$fake{self.next_id()}"
        self.stars.invoices[link] = (asked["payload"], amount)
        return link

    def _edit_message_text(self, asked: dict[str, Any]) -> dict[str, Any]:
        message = self._find(asked)
        text = rules.visible(asked["text"], asked.get("parse_mode"))
        if (message["raw"], message.get("reply_markup")) == (asked["text"], asked.get("reply_markup")):
            raise Refused(
                400,
                "Bad Request: message is not modified: specified new message content and reply "
                "markup are exactly the same as a current content and reply markup",
            )
        message |= {"text": text, "raw": asked["text"], "edits": message["edits"] + 1}
        self._set_markup(message, asked.get("reply_markup"))
        return _public(message)

    def _edit_message_reply_markup(self, asked: dict[str, Any]) -> dict[str, Any]:
        message = self._find(asked)
        self._set_markup(message, asked.get("reply_markup"))
        return _public(message)

    def _delete_message(self, asked: dict[str, Any]) -> bool:
        self.chats[int(asked["chat_id"])].remove(self._find(asked))
        return True

    def _answer_callback_query(self, asked: dict[str, Any]) -> bool:
        if self.callbacks.get(asked["callback_query_id"], asked) is not None:
            raise Refused(
                400, "Bad Request: query is too old and response timeout expired or query ID is invalid"
            )
        self.callbacks[asked["callback_query_id"]] = asked
        return True

    def _answer_pre_checkout_query(self, asked: dict[str, Any]) -> bool:
        self.checkouts[asked["pre_checkout_query_id"]] = asked
        return True

    def _refund_star_payment(self, asked: dict[str, Any]) -> bool:
        self.stars.refund(int(asked["user_id"]), asked["telegram_payment_charge_id"])
        return True

    def _get_star_transactions(self, asked: dict[str, Any]) -> dict[str, Any]:
        offset, limit = int(asked.get("offset") or 0), int(asked.get("limit") or 100)
        return {"transactions": self.stars.transactions[offset : offset + limit]}

    def _get_file(self, asked: dict[str, Any]) -> dict[str, Any]:
        data = self.files.get(asked["file_id"])
        if data is None:
            raise Refused(400, "Bad Request: wrong file_id or the file is temporarily unavailable")
        if len(data) > 20_000_000:
            raise Refused(400, "Bad Request: file is too big")
        return {
            "file_id": asked["file_id"],
            "file_unique_id": asked["file_id"],
            "file_size": len(data),
            "file_path": f"music/{asked['file_id']}",
        }

    async def _download(self, request: web.Request) -> web.Response:
        data = self.files.get(request.match_info["path"].removeprefix("music/"))
        return web.Response(body=data) if data is not None else web.Response(status=404)

    def _post(self, asked: dict[str, Any], **content: Any) -> dict[str, Any]:
        chat_id = int(asked["chat_id"])
        message = {
            "message_id": self.next_id(),
            "date": int(time.time()),
            "chat": {"id": chat_id, "type": "private", "first_name": "Person"},
            "from": ME,
            "raw": asked.get("text", ""),
            "edits": 0,
            **content,
        }
        self._set_markup(message, asked.get("reply_markup"))
        self.chats[chat_id].append(message)
        return message

    def _set_markup(self, message: dict[str, Any], markup: Any) -> None:
        message.pop("reply_markup", None)
        if isinstance(markup, dict) and "inline_keyboard" in markup:
            message["reply_markup"] = markup

    def _find(self, asked: dict[str, Any]) -> dict[str, Any]:
        for message in self.chats[int(asked["chat_id"])]:
            if message["message_id"] == int(asked["message_id"]):
                return message
        raise Refused(400, "Bad Request: message to edit not found")


def _snake(method: str) -> str:
    return "_" + re.sub("([A-Z])", lambda found: f"_{found[1].lower()}", method)


def _check_address(token: str, method: str) -> None:
    if token != TOKEN:
        raise Refused(401, "Unauthorized")
    if not method:
        raise Refused(404, "Not Found")


def _public(message: dict[str, Any]) -> dict[str, Any]:
    """As it goes to the bot."""
    return {name: value for name, value in message.items() if name not in {"raw", "edits"}}


def _check_parameters(method: str, given: dict[str, Any]) -> None:
    expected = METHODS[method]
    if unknown := set(given) - expected.known:
        raise Refused(400, f"Bad Request: unknown parameter {sorted(unknown)} of {method}")
    if missing := expected.needed - set(given):
        raise Refused(400, f'Bad Request: parameter "{min(missing)}" is required')


async def _parameters(request: web.Request) -> dict[str, Any]:
    given: dict[str, Any] = dict(request.query)
    if request.content_type == "application/json":
        given |= await request.json()
    elif request.method == "POST":
        given |= dict(await request.post())
    return {name: _value(value) for name, value in given.items()}


def _value(value: Any) -> Any:
    if isinstance(value, str) and value[:1] in {"[", "{"}:
        try:
            return json.loads(value)
        except ValueError:
            return value
    return value
