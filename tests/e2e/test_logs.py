"""What the logs and the error answers of a real server hold: ids to follow, and never a secret.

Secrets are planted everywhere one can come in, and everything that can fail with them in hand does fail.
"""

import asyncio
import json
import re
from pathlib import Path
from typing import Any

import aiohttp
import pytest

from tests.e2e.kit import TTBOOST, Phone, Server, environment, running, tiktok_settings
from tests.fake_tiktok import FakeTikTok
from tests.init_data_kit import init_data
from tests.tones import tone

NOBODY = "http://127.0.0.1:9"
PLANTED = "pl4nted"  # in each of them

SECRETS: dict[str, Any] = {
    "telegram__token": f"42:{PLANTED}-bot-token",
    "telegram__api_url": NOBODY,
    "telegram__mode": "webhook",
    "telegram__webhook_secret": f"{PLANTED}-webhook-secret",
    "web__public_url": "https://live.example.org",
    "live__tiktok__sign_api_keys": [f"{PLANTED}-sign-key"],
    "media__url": "s3://bucket/media",
    "media__s3_endpoint": NOBODY,
    "media__s3_access_key": f"{PLANTED}-s3-access",
    "media__s3_secret_key": f"{PLANTED}-s3-secret",
    "speech__engines": ["azure", "espeak"],
    "speech__azure__key": f"{PLANTED}-azure-key",
    "speech__azure__url": NOBODY,
    "orders__provider": "operator",
    "fulfilment__operator__url": f"{NOBODY}/orders",
    "fulfilment__operator__secret": "whsec_" + f"{PLANTED}operatorsecretoftests".replace("-", ""),
    "fulfilment__operator__allow_private": True,
    "metrics__token": f"{PLANTED}-metrics-token",
}
PASSWORD = f"Secure-{PLANTED}-123!"


class Witness:
    """Asks as clients do, and keeps every answer that is a refusal."""

    def __init__(self, http: aiohttp.ClientSession, server: Server) -> None:
        self.refusals: list[str] = []
        self._http = http
        self._server = server

    async def ask(self, method: str, path: str, **options: Any) -> int:
        async with self._http.request(method, self._server.url + path, **options) as answer:
            if answer.status >= 400:
                self.refusals.append(f"{answer.headers} {await answer.text()}")
            return answer.status

    async def listen(self, path: str, **query: str) -> None:
        async with self._http.ws_connect(self._server.url + path, params=query) as socket:
            message = await socket.receive()
            self.refusals.append(str(message.extra))


async def wrong_doors(witness: Witness) -> None:
    """Every door, with a secret that does not open it or in a form that cannot be read."""
    body = {"username": "planter", "password": f"{PLANTED}-wrong", "license_key": f"TTB-{PLANTED}"}
    cut = json.dumps(body)[:-1]
    as_json = {"Content-Type": "application/json"}
    for path in ("/v2/auth/login", "/v2/auth/redeem-license", "/api/auth/login", "/v2/auth/reset/confirm"):
        await witness.ask("POST", path, json=body)
        await witness.ask("POST", path, data=cut, headers=as_json)
        await witness.ask("POST", path, json=body | {"password": [f"{PLANTED}-in-a-list"]})
    await witness.ask("POST", "/api/auth/telegram", json={"initData": f"hash={PLANTED}-hash"})
    await witness.ask("POST", "/api/auth/ticket", json={"ticket": f"{PLANTED}-ticket"})
    await witness.ask("GET", "/v2/auth/me", headers={"Authorization": f"Bearer {PLANTED}-token"})
    await witness.ask("GET", f"/v2/auth/me?token={PLANTED}-token")
    await witness.ask("GET", f"/overlay/{PLANTED}-overlay")
    await witness.ask("GET", f"/media/{PLANTED}-media.mp3")
    await witness.ask("GET", f"/{PLANTED}-nowhere")
    hook = {"X-Telegram-Bot-Api-Secret-Token": f"{PLANTED}-wrong-webhook-secret"}
    await witness.ask("POST", "/telegram/webhook", json={"update_id": 1}, headers=hook)
    hook = {"X-Telegram-Bot-Api-Secret-Token": str(SECRETS["telegram__webhook_secret"])}
    await witness.ask("POST", "/telegram/webhook", data=f'{{"{PLANTED}-update', headers=hook | as_json)
    await witness.ask("POST", "/telegram/webhook", json={"update_id": f"{PLANTED}-update"}, headers=hook)
    signed = {"webhook-id": "1", "webhook-timestamp": "1", "webhook-signature": f"v1,{PLANTED}-signature"}
    await witness.ask("POST", "/api/fulfilment/callback", json={"order_id": "ORD-1"}, headers=signed)
    await witness.ask(
        "GET", "/metrics", headers={"Authorization": f"Bearer {PLANTED}", "X-Forwarded-For": "::1"}
    )
    await witness.listen("/v2/ws", token=f"{PLANTED}-token")
    await witness.listen("/v2/ws", ticket=f"{PLANTED}-ticket")
    await witness.listen(f"/overlay/{PLANTED}-overlay/ws")


async def an_evening(phone: Phone, witness: Witness, key: str) -> list[str]:
    """What a streamer does with secrets that do open; those that were made meanwhile."""
    await phone.redeem("planter", PASSWORD, key)
    bearer = {"Authorization": f"Bearer {phone.token}"}
    pages = await phone.get("/v2/overlay")
    overlay, player = (str(pages[name]).rpartition("/")[2] for name in ("url", "player_url"))
    await witness.ask("GET", f"/overlay/{overlay}")
    ticket = (await phone.post("/v2/ws/ticket", {}))["ticket"]
    await witness.listen("/v2/ws", ticket=ticket)
    await witness.listen("/v2/ws", ticket=ticket)
    await witness.listen(f"/player/{player}/ws")
    form = aiohttp.FormData()
    form.add_field("file", tone(), filename="tone.mp3")
    await witness.ask("POST", "/v2/sounds/upload", data=form, headers=bearer)
    said = {"text": "hello", "voice_id": "en-US-AriaNeural"}
    await witness.ask("POST", "/v2/voices/preview", json=said, headers=bearer)
    init = init_data(1_700_000_000, token=str(SECRETS["telegram__token"]))
    await witness.ask("POST", "/api/auth/telegram", json={"initData": init})
    async with phone.socket() as ears:
        await ears.hear("status")
        await phone.post("/v2/live/start", {})
        await asyncio.sleep(1)
    change = {"current_password": PASSWORD, "new_password": f"{PASSWORD}-new"}
    await witness.ask("POST", "/v2/auth/password", json=change, headers=bearer)
    await witness.ask("GET", "/v2/auth/me", headers=bearer)
    return [key, phone.token, overlay, player, ticket, init.rpartition("hash=")[2]]


async def test_no_secret_is_in_the_log_or_in_a_refusal_and_every_line_can_be_followed(tmp_path: Path):
    async with (
        FakeTikTok() as fake,
        aiohttp.ClientSession() as http,
        running(tmp_path / "data", **tiktok_settings(fake) | SECRETS) as server,
    ):
        witness = Witness(http, server)
        await wrong_doors(witness)
        made = await an_evening(Phone(http, server), witness, await server.license_key())
    log, refusals = server.log(), "\n".join(witness.refusals)

    assert len(witness.refusals) > 30
    for secret in (PLANTED, *made):
        assert secret not in log, lines_with(secret, log)
        assert secret not in refusals, lines_with(secret, refusals)
    requests = [line for line in log.splitlines() if " event=request " in line]
    assert all(re.search(r" request_id=[0-9a-f]{16}( |$)", line) for line in requests)
    assert all(" user_id=" in line for line in requests if "route=/v2/overlay " in line)
    # A connection goes on to somebody else's request: what was known of the one before is forgotten.
    assert not [line for line in requests if "status=401" in line and "user_id=" in line]
    assert all(" user_id=" in line for line in requests if "redeem-license status=200" in line)
    assert all(" user_id=" in line for line in log.splitlines() if "event=live_state" in line)
    assert all(line.startswith("timestamp=") for line in log.splitlines())


@pytest.mark.parametrize("command", [["serve"], ["doctor"], ["db", "upgrade"], ["license", "list"]])
async def test_a_partner_that_is_away_is_named_without_its_password(tmp_path: Path, command: list[str]):
    settings = {
        "data_dir": str(tmp_path / "data"),
        "database.url": f"postgresql+asyncpg://ttboost:{PLANTED}-database@127.0.0.1:9/ttboost",
        "bus.url": f"redis://:{PLANTED}-redis@127.0.0.1:9/0",
        "web.port": 0,
    } | {name.replace("__", "."): value for name, value in SECRETS.items()}
    process = await asyncio.create_subprocess_exec(
        str(TTBOOST),
        *command,
        env=environment(settings),
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.STDOUT,
    )
    told = (await asyncio.wait_for(process.communicate(), 60))[0].decode()

    assert process.returncode == 1
    assert "database" in told
    assert PLANTED not in told, told


def lines_with(secret: str, text: str) -> list[str]:
    return [line for line in text.splitlines() if secret in line]
