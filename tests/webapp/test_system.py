"""What operators look at, and what stands on every answer."""

import pytest
import structlog
from pydantic import SecretStr

from core.config import Config, Metrics
from tests.conftest import IS_POSTGRES
from webapp.app import build_app

FULL_DISK = [
    f"CREATE TRIGGER full_disk_{what} BEFORE {what} ON meta "
    "BEGIN SELECT RAISE(ROLLBACK, 'database or disk is full'); END"
    for what in ("INSERT", "UPDATE")
]
FULL_DISK_SERVED = [
    "CREATE FUNCTION full_disk() RETURNS trigger LANGUAGE plpgsql AS "
    "$$ BEGIN RAISE EXCEPTION 'could not extend file: No space left on device'; END $$",
    "CREATE TRIGGER full_disk BEFORE INSERT OR UPDATE ON meta EXECUTE FUNCTION full_disk()",
]


async def test_the_process_is_alive(client):
    async with client.get("/healthz") as response:
        assert (response.status, await response.json()) == (200, {"status": "ok"})


async def test_it_is_ready(client):
    async with client.get("/readyz") as response:
        assert response.status == 200


@pytest.mark.tampered
async def test_without_a_database_it_is_not_ready(client, services):
    async with services.db.engine.begin() as connection:
        await connection.exec_driver_sql("ALTER TABLE meta RENAME TO lost")

    async with client.get("/readyz") as response:
        assert (response.status, (await response.json())["service"]) == (503, "database")


@pytest.mark.tampered
async def test_where_nothing_can_be_written_it_is_not_ready(client, services, clock):
    await client.get("/readyz")
    async with services.db.engine.begin() as connection:
        for statement in FULL_DISK_SERVED if IS_POSTGRES else FULL_DISK:
            await connection.exec_driver_sql(statement)
    clock.move(5)

    async with client.get("/readyz") as response:
        assert (response.status, (await response.json())["service"]) == (503, "database")


@pytest.fixture
def config(tmp_path, limits):
    return Config(data_dir=tmp_path, limits=limits, metrics=Metrics(token=SecretStr("s3cret")))


async def test_metrics_count_by_pattern(client):
    await client.get("/media/sounds/unguessable.mp3")

    async with client.get("/metrics") as response:
        text = await response.text()

    assert 'ttboost_http_requests_total{method="GET",route="/media/{name}",status="404"}' in text
    assert "unguessable" not in text


@pytest.mark.parametrize(
    ("headers", "status"),
    [
        ({}, 200),
        ({"X-Forwarded-For": "127.0.0.1"}, 403),
        ({"X-Forwarded-For": "127.0.0.1", "Authorization": "Bearer s3cret"}, 200),
        ({"X-Forwarded-For": "127.0.0.1", "Authorization": "Bearer wrong"}, 403),
        ({"X-Forwarded-For": "127.0.0.1", "Authorization": "Bearer ключ"}, 403),
    ],
)
async def test_metrics_are_for_loopback_or_the_token(client, headers, status):
    async with client.get("/metrics", headers=headers) as response:
        assert response.status == status


@pytest.mark.parametrize("path", ["/v2/auth/me", "/healthz", "/docs", "/openapi.json", "/nothing"])
async def test_every_answer_is_guarded(client, path):
    async with client.get(path) as response:
        headers = response.headers

    assert headers["X-Content-Type-Options"] == "nosniff"
    assert headers["Referrer-Policy"] == "no-referrer"
    assert headers["Content-Security-Policy"].startswith("default-src 'none'")
    assert headers["Server"] == "ttboost"
    assert len(headers["X-Request-ID"]) == 16


async def test_answers_of_the_api_are_not_kept(client, streamer):
    async with client.get("/v2/auth/me", headers=streamer) as response:
        assert response.headers["Cache-Control"] == "no-store"


async def test_the_log_names_patterns_never_paths(aiohttp_client, services):
    client = await aiohttp_client(build_app(services))

    with structlog.testing.capture_logs() as logs:
        await client.get("/overlay/s3cret-of-the-overlay")
        await client.get("/v2/auth/me?token=s3cret-token")
        await client.get("/nothing/s3cret-path")

    assert [line["route"] for line in logs if line["event"] == "request"] == [
        "/overlay/{secret}",
        "/v2/auth/me",
        "-",
    ]
    assert "s3cret" not in str(logs)
