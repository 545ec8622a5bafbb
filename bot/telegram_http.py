"""The connection to Telegram: closed, it stays closed; failing, it raises `TelegramAPIError` alone."""

from typing import Any

from aiogram import Bot
from aiogram.client.session.aiohttp import AiohttpSession
from aiogram.exceptions import ClientDecodeError, TelegramNetworkError, TelegramServerError
from aiogram.methods import TelegramMethod
from aiogram.methods.base import TelegramType


class TelegramHttp(AiohttpSession):
    """aiogram's opens itself again for whoever still asks while the program stops, and nobody closes that."""

    def __init__(self, **options: Any) -> None:
        super().__init__(**options)
        self._is_over = False
        self._should_reset_connector = False  # there is none yet; or the first request would call `close`

    async def make_request(
        self, bot: Bot, method: TelegramMethod[TelegramType], timeout: int | None = None
    ) -> TelegramType:
        if self._is_over:
            raise TelegramNetworkError(method=method, message="the program is stopping")
        try:
            answer: TelegramType = await super().make_request(bot, method, timeout)
        except ClientDecodeError as error:  # a proxy's page; no `TelegramAPIError`, so nobody waits for it
            raise TelegramServerError(method=method, message="the answer cannot be read") from error
        return answer

    async def close(self) -> None:
        self._is_over = True
        await super().close()
