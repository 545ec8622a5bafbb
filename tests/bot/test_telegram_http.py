import pytest
from aiogram import Bot
from aiogram.client.telegram import TelegramAPIServer
from aiogram.exceptions import TelegramNetworkError

from bot.telegram_http import TelegramHttp

TOKEN = "1:" + "a" * 35


async def test_who_asks_after_the_end_opens_nothing():
    http = TelegramHttp(api=TelegramAPIServer.from_base("http://127.0.0.1:9"))
    bot = Bot(TOKEN, http)
    with pytest.raises(TelegramNetworkError, match="connect"):
        await bot.get_me()
    await http.close()

    with pytest.raises(TelegramNetworkError, match="stopping"):
        await bot.get_me()

    assert http._session.closed
