"""Somebody who writes to the bot: can only press what is on the screen, and only pay what was asked."""

import time
from typing import Any

from tests.fake_telegram.server import FakeTelegram

PATIENCE = 30.0  # on however busy a machine


class Person:
    def __init__(
        self, telegram: FakeTelegram, telegram_id: int = 7, *, language: str = "en", name: str = "Ann"
    ) -> None:
        self._telegram = telegram
        self.id = telegram_id
        self.profile = {
            "id": telegram_id,
            "is_bot": False,
            "first_name": name,
            "username": f"person{telegram_id}",
            "language_code": language,
        }

    # What they see

    @property
    def chat(self) -> list[dict[str, Any]]:
        """What the bot wrote, as it reads now."""
        return self._telegram.chats[self.id]

    @property
    def screen(self) -> str:
        """All of it."""
        return "\n".join(message["text"] for message in self.chat)

    def buttons(self, message: dict[str, Any] | None = None) -> list[dict[str, Any]]:
        """Of one message, or of the newest that has any."""
        found = message or self._newest_with_buttons()
        rows = found.get("reply_markup", {}).get("inline_keyboard", [])
        return [button for row in rows for button in row]

    def button(self, label: str, message: dict[str, Any] | None = None) -> dict[str, Any]:
        """By a part of its label, or its whole callback data."""
        for button in self.buttons(message):
            if label in button["text"] or label == button.get("callback_data"):
                return button
        raise AssertionError(f"no button {label!r} among {[one['text'] for one in self.buttons(message)]}")

    # What they do

    async def says(self, text: str, **extra: Any) -> None:
        await self._telegram.push(message=self.message(text=text, **extra))

    async def asks(self, text: str, **extra: Any) -> str:
        """Say something and read the first answer."""
        return await self._answered(self.says(text, **extra))

    async def sends(self, kind: str, data: bytes, **about: Any) -> str:
        """An `audio`, a `voice` or a `document`; the answer to it."""
        file_id = f"file{self._telegram.next_id()}"
        self._telegram.files[file_id] = data
        described = {"file_id": file_id, "file_unique_id": file_id, "file_size": len(data), **about}
        if kind != "document":
            described.setdefault("duration", 1)
        return await self._answered(self._telegram.push(message=self.message(**{kind: described})))

    async def presses(self, label: str, message: dict[str, Any] | None = None) -> str:
        """Press a button of the screen and wait until the bot has answered; the newest text."""
        shown = message or self._newest_with_buttons()
        query_id = await self.clicks(self.button(label, shown)["callback_data"], shown)
        await self._telegram.until(lambda: self._telegram.callbacks[query_id] is not None, PATIENCE)
        return self.chat[-1]["text"]

    async def clicks(self, data: str, message: dict[str, Any]) -> str:
        """Without waiting; the callback's id."""
        assert any(data == button.get("callback_data") for button in self.buttons(message))
        query = self.press(data, message)
        await self._telegram.push(callback_query=query)
        return query["id"]

    def press(self, data: str, message: dict[str, Any]) -> dict[str, Any]:
        """As Telegram tells it; also of what no button says, as a program of somebody's own can send it."""
        query_id = f"q{self._telegram.next_id()}"
        self._telegram.callbacks[query_id] = None
        public = {name: value for name, value in message.items() if name not in {"raw", "edits"}}
        return {"id": query_id, "from": self.profile, "chat_instance": "1", "message": public, "data": data}

    async def pays(self, invoice: str) -> dict[str, Any] | None:
        """The way through Telegram: pre-checkout first. None: the bot refused it."""
        payload, amount = self._telegram.stars.invoices[invoice]
        query_id = f"c{self._telegram.next_id()}"
        query = {
            "id": query_id,
            "from": self.profile,
            "currency": "XTR",
            "total_amount": amount,
            "invoice_payload": payload,
        }
        await self._telegram.push(pre_checkout_query=query)
        await self._telegram.until(lambda: query_id in self._telegram.checkouts, PATIENCE)
        if str(self._telegram.checkouts[query_id]["ok"]).lower() != "true":
            return None
        payment = self._telegram.stars.pay(self.profile, invoice)
        await self._telegram.push(message=self.message(successful_payment=payment))
        return payment

    async def hears(self, part: str) -> str:
        """Wait for a text of the bot's that holds `part`."""

        def found() -> str | None:
            return next((one["text"] for one in reversed(self.chat) if part in one["text"]), None)

        try:
            return await self._telegram.until(found, PATIENCE)
        except TimeoutError:
            raise AssertionError(f"{part!r} was not said; the screen: {self.screen}") from None

    def message(self, **content: Any) -> dict[str, Any]:
        """As Telegram tells it."""
        text = content.get("text", "")
        if text.startswith("/"):
            word = text.split(maxsplit=1)[0]
            content["entities"] = [{"type": "bot_command", "offset": 0, "length": len(word)}]
        return {
            "message_id": self._telegram.next_id(),
            "date": int(time.time()),
            "chat": {"id": self.id, "type": "private", "first_name": self.profile["first_name"]},
            "from": self.profile,
            **content,
        }

    async def _answered(self, doing: Any) -> str:
        before = self._seen()
        await doing
        try:
            await self._telegram.until(lambda: self._seen() != before, PATIENCE)
        except TimeoutError:
            raise AssertionError(f"no answer; the screen: {self.screen}") from None
        known = {message_id for message_id, _ in before}
        return next(
            (one["text"] for one in self.chat if one["message_id"] not in known), self.chat[-1]["text"]
        )

    def _seen(self) -> list[tuple[int, int]]:
        return [(message["message_id"], message["edits"]) for message in self.chat]

    def _newest_with_buttons(self) -> dict[str, Any]:
        return next(message for message in reversed(self.chat) if "reply_markup" in message)
