"""Who reads the database, a log or the files beside them finds no secret that opens anything."""

import stat
from urllib.parse import urlsplit

from core.identity import Identity
from core.secrets import FILE, load_or_create
from tests.security.estate import dump
from tests.webapp.conftest import PASSWORD


async def test_no_secret_is_in_the_database_or_the_log(client, services, issue, capsys):
    key = await issue()
    body = {"username": "streamer123", "password": PASSWORD, "license_key": key}
    async with client.post("/v2/auth/redeem-license", json=body) as response:
        token = (await response.json())["access_token"]
    headers = {"Authorization": f"Bearer {token}"}
    async with client.get("/v2/overlay", headers=headers) as response:
        pages = await response.json()
    async with client.post("/v2/ws/ticket", headers=headers) as response:
        ticket = (await response.json())["ticket"]
    async with client.get("/v2/webhooks/secret", headers=headers) as response:
        webhook = (await response.json())["secret"]
    of_pages = [urlsplit(pages[name]).path.rpartition("/")[2] for name in ("url", "player_url")]
    for secret, kind in zip(of_pages, ("overlay", "player"), strict=True):
        async with client.get(f"/{kind}/{secret}") as response:
            assert response.status == 200
    async with client.ws_connect(f"/v2/ws?token={token}"), client.ws_connect(f"/v2/ws?ticket={ticket}"):
        pass
    by_bot = await _ticket_of_the_bot(services.identity, services)

    kept, logged = repr(await dump(services.db)), capsys.readouterr()

    for secret in (PASSWORD, key, key.replace("-", ""), token, ticket, webhook, by_bot, *of_pages):
        assert secret not in kept, secret
        assert secret not in logged.out + logged.err, secret


async def _ticket_of_the_bot(identity: Identity, services) -> str:
    async with services.db.read() as uow:
        user = await uow.accounts.get_by_username("streamer123")
    return await identity.ticket_for(user.id)


def test_secrets_are_for_their_owner_alone(tmp_path):
    load_or_create(tmp_path / "data")

    for path, mode in ((tmp_path / "data", 0o700), (tmp_path / "data" / FILE, 0o600)):
        assert stat.S_IMODE(path.stat().st_mode) == mode
