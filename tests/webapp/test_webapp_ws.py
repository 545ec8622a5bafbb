"""The socket of the WebApp API: the same socket, its own tokens and tickets."""

import pytest

from core.listener import Close

LOGIN = {"username": "streamer123", "password": "SecurePass123!"}


@pytest.fixture
async def webapp(client, streamer):
    """The same streamer in the Mini App."""
    async with client.post("/api/auth/login", json=LOGIN) as answer:
        return {"Authorization": f"Bearer {(await answer.json())['token']}"}


async def first_word(client, path, **how):
    """The type of the first message, or the code the socket closes with."""
    async with client.ws_connect(path, **how) as socket:
        message = await socket.receive(timeout=30)
        return message.json()["type"] if message.data and isinstance(message.data, str) else socket.close_code


async def test_each_token_opens_its_own_socket(client, streamer, webapp):
    monitor = {"role": "monitor"}

    assert await first_word(client, "/api/ws", headers=webapp, params=monitor) == "status"
    assert await first_word(client, "/v2/ws", headers=streamer, params=monitor) == "status"
    assert await first_word(client, "/api/ws", headers=streamer) == Close.INVALID_TOKEN
    assert await first_word(client, "/v2/ws", headers=webapp) == Close.INVALID_TOKEN


@pytest.mark.parametrize(("asked", "used"), [("/api", "/api"), ("/api", "/v2"), ("/v2", "/api")])
async def test_a_ticket_opens_the_socket_of_the_api_it_came_from_once(client, streamer, webapp, asked, used):
    headers = webapp if asked == "/api" else streamer
    async with client.post(f"{asked}/ws/ticket", headers=headers) as answer:
        how = {"ticket": (await answer.json())["ticket"], "role": "monitor"}

    expected = "status" if asked == used else Close.INVALID_TOKEN
    assert await first_word(client, f"{used}/ws", params=how) == expected
    assert await first_word(client, f"{used}/ws", params=how) == Close.INVALID_TOKEN
