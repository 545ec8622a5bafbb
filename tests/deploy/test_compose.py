"""deploy/: what it says of the program is what the program understands."""

import configparser
import itertools
import re
import tomllib
from pathlib import Path
from typing import Any

import pytest
import yaml
from pydantic import SecretStr
from sqlalchemy import make_url
from yarl import URL

from bot.app import WEBHOOK_PATH
from core.config import Config, load
from ttboost.commands.serving import ROLES, chosen
from webapp.routes import system, telegram

ROOT = Path(__file__).parents[2]
DEPLOY = ROOT / "deploy"
FILLED = {
    "SITE": "live.example.org",
    "POSTGRES_PASSWORD": "postgres-password",
    "REDIS_PASSWORD": "redis-password",
    "S3_ACCESS_KEY": "s3-access",
    "S3_SECRET_KEY": "s3-secret",
}
STOPS_WITHIN = 10  # seconds, by the contract


def seconds(text: str) -> int:
    return int(text.removesuffix("s"))


@pytest.fixture(scope="module")
def compose() -> dict[str, Any]:
    """As compose reads it, with the variables of `.env` put in."""
    text = (DEPLOY / "compose.yaml").read_text("utf-8")
    filled = re.sub(r"(?<!\$)\$\{(\w+):\?\}", lambda found: FILLED[found[1]], text)
    return dict(yaml.safe_load(filled))


@pytest.fixture(scope="module")
def ours(compose: dict[str, Any]) -> dict[str, dict[str, Any]]:
    """The services that are this program."""
    return {name: one for name, one in compose["services"].items() if one.get("image") == "ttboost"}


@pytest.fixture(scope="module")
def env_file() -> dict[str, str]:
    lines = (DEPLOY / "env.example").read_text("utf-8").splitlines()
    return dict(line.removeprefix("#").split("=", 1) for line in lines if re.match(r"#?[A-Z0-9_]+=", line))


@pytest.fixture
def deployed(
    ours: dict[str, dict[str, Any]], env_file: dict[str, str], monkeypatch: pytest.MonkeyPatch
) -> Config:
    """What a web process of the compose file runs with; everything in env.example is filled in."""
    for name, value in (env_file | ours["web1"]["environment"]).items():
        monkeypatch.setenv(name, value)
    return load()


def test_every_variable_is_a_key_of_the_configuration(deployed: Config):
    assert deployed.web.public_url == "https://live.example.org"
    assert deployed.metrics.token == SecretStr("letters")
    assert deployed.speech.azure.region == "westeurope"


def test_an_env_file_as_it_is_given_gives_away_no_empty_secret(env_file: dict[str, str]):
    active = (DEPLOY / "env.example").read_text("utf-8").splitlines()
    empty = [line for line in active if line.startswith("TTBOOST__") and line.endswith("=")]

    assert empty == []
    assert set(FILLED) <= set(env_file)


def test_every_role_has_its_processes(ours: dict[str, dict[str, Any]]):
    commands = [one["command"] for one in ours.values() if one["command"][0] == "serve"]
    roles = sorted(itertools.chain.from_iterable(chosen(command[2]) for command in commands))

    assert {command[1] for command in commands} == {"--roles"}
    assert roles == ["bot", "jobs", "live", "live", "web", "web"]
    assert set(roles) == set(ROLES)
    assert ours["migrate"]["command"] == ["db", "upgrade"]


def test_partners_are_where_the_program_looks_for_them(compose: dict[str, Any], deployed: Config):
    services = compose["services"]
    postgres, s3 = services["postgres"]["environment"], services["s3"]["environment"]
    database, bus, endpoint = (
        make_url(deployed.database_url),
        URL(deployed.bus.url),
        URL(str(deployed.media.s3_endpoint)),
    )

    assert (database.host, database.username, database.password, database.database) == (
        "postgres",
        postgres["POSTGRES_USER"],
        postgres["POSTGRES_PASSWORD"],
        postgres["POSTGRES_DB"],
    )
    assert bus.host == "redis"
    assert bus.password == services["redis"]["environment"]["REDISCLI_AUTH"]
    assert endpoint.host == "s3"
    assert deployed.media.s3_access_key == SecretStr(s3["MINIO_ROOT_USER"])
    assert deployed.media.s3_secret_key == SecretStr(s3["MINIO_ROOT_PASSWORD"])
    bucket = URL(deployed.media_url).host
    assert f"here/{bucket}" in services["s3-bucket"]["command"][0]
    assert deployed.web.trusted_proxies == [compose["networks"]["inside"]["ipam"]["config"][0]["subnet"]]


def test_whom_a_service_waits_for_is_there_and_says_when_it_is_well(compose: dict[str, Any]):
    services = compose["services"]
    waits = [
        (name, after, how["condition"])
        for name, one in services.items()
        for after, how in one.get("depends_on", {}).items()
    ]

    assert {after for _, after, _ in waits} <= set(services)
    healthy = {after for _, after, condition in waits if condition == "service_healthy"}
    assert all("healthcheck" in services[name] or services[name]["image"] == "ttboost" for name in healthy)
    done = {after for _, after, condition in waits if condition == "service_completed_successfully"}
    assert all(services[name]["restart"] == "no" for name in done)


def test_processes_are_kept_small_and_stop_in_peace(compose: dict[str, Any], ours: dict[str, dict[str, Any]]):
    for one in ours.values():
        assert one["read_only"]
        assert one["cap_drop"] == ["ALL"]
        assert seconds(one["stop_grace_period"]) > STOPS_WITHIN
    assert all(":" in one["image"] for one in compose["services"].values() if one["image"] != "ttboost")
    assert not any("ports" in one for name, one in compose["services"].items() if name != "proxy")


def test_volumes_that_are_used_are_declared(compose: dict[str, Any]):
    mounts = [mount for one in compose["services"].values() for mount in one.get("volumes", [])]
    named = {mount.partition(":")[0] for mount in mounts} - {"./Caddyfile"}

    assert named == set(compose["volumes"])


# The proxy


@pytest.fixture(scope="module")
def caddy() -> str:
    return (DEPLOY / "Caddyfile").read_text("utf-8")


def test_the_proxy_hands_everything_to_whoever_serves_it(caddy: str, ours: dict[str, dict[str, Any]]):
    upstreams = {line: re.findall(r"(\w+):8080", line) for line in re.findall(r"reverse_proxy .*", caddy)}
    by_role = {tuple(ours[name]["command"][2] for name in names) for names in upstreams.values()}
    handled = re.findall(r"^\thandle (?:(\S+) )?\{$", caddy, re.MULTILINE)

    assert by_role == {("bot",), ("web", "web")}
    assert next(iter(telegram.routes)).path == WEBHOOK_PATH
    # The last one, without a path, takes every other family of routes.
    assert handled == ["/metrics", "/readyz", WEBHOOK_PATH, ""]


def test_the_proxy_asks_for_what_there_is_and_hides_what_operators_see(caddy: str):
    paths = {route.path for route in system.routes}
    [asked] = re.findall(r"health_uri (\S+)", caddy)
    hidden = re.findall(r"handle (\S+) \{\n\t\trespond 404", caddy)

    assert asked in paths
    assert set(hidden) == {"/metrics", "/readyz"} < paths


def test_the_proxy_lets_uploads_through_and_passes_speech_on_at_once(caddy: str):
    [most] = re.findall(r"max_size (\d+)MB", caddy)

    assert int(most) * 1_000_000 >= Config().sounds.max_bytes + 64 * 1024
    assert "flush_interval -1" in caddy
    assert caddy.count("{") == caddy.count("}")


# The image


@pytest.fixture(scope="module")
def dockerfile() -> str:
    return (DEPLOY / "Dockerfile").read_text("utf-8")


def test_the_image_is_pinned_small_and_runs_as_nobody_in_particular(dockerfile: str):
    bases = re.findall(r"^FROM (\S+)", dockerfile, re.MULTILINE)

    assert len(bases) == 2
    assert all(re.fullmatch(r"python:3\.\d+-slim-\w+", base) for base in bases)
    assert re.findall(r"^USER (\w+)", dockerfile, re.MULTILINE) == ["ttboost"]
    port = Config().web.port
    assert f"EXPOSE {port}" in dockerfile
    assert f"TTBOOST__WEB__PORT={port}" in dockerfile
    # On whatever port the process was told to listen.
    [asked] = re.findall(r"127.0.0.1:%s(/\w+)' % os.environ\['TTBOOST__WEB__PORT'\]", dockerfile)
    assert asked in {route.path for route in system.routes}


def test_the_image_is_made_of_the_packages_there_are():
    wanted = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["tool"]["setuptools"]["packages"]
    packages = {name.removesuffix("*") for name in wanted["find"]["include"]}
    lines = (DEPLOY / "Dockerfile.dockerignore").read_text("utf-8").splitlines()
    kept = {line.removeprefix("!") for line in lines if line.startswith("!")}

    assert kept == packages | {"LICENSE", "README.md", "pyproject.toml"}


# systemd


@pytest.mark.parametrize("name", ["ttboost@.service", "ttboost-migrate.service"])
def test_units_run_what_there_is_without_rights(name: str):
    unit = configparser.RawConfigParser(strict=False)
    unit.optionxform = str  # type: ignore[assignment,method-assign]
    unit.read(DEPLOY / "systemd" / name)
    service = unit["Service"]
    command = service["ExecStart"].split()

    assert command[0] == "/opt/ttboost/bin/ttboost"
    assert command[1:3] in (["serve", "--config"], ["db", "upgrade"])
    assert service["User"] == "ttboost"
    assert (service["NoNewPrivileges"], service["ProtectSystem"]) == ("yes", "strict")
    assert int(service.get("TimeoutStopSec", "90")) > STOPS_WITHIN
