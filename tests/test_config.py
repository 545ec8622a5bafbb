import tomllib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from pydantic import BaseModel

from core import config
from core.config import Config, Plan, Tier
from core.errors import Invalid

EXAMPLE = Path(__file__).parent.parent / "config.example.toml"


@pytest.fixture
def write(tmp_path: Path):
    def write(text: str) -> Path:
        file = tmp_path / "config.toml"
        file.write_text(text)
        return file

    return write


def test_without_a_file_the_defaults_hold():
    found = config.load()

    assert found.database_url == "sqlite+aiosqlite:///data/ttboost.db"
    assert found.media_url == "file:data/media"
    assert (found.web.host, found.web.port) == ("127.0.0.1", 8080)
    assert list(found.plans) == ["standard"]


def test_data_dir_moves_database_and_media(write):
    found = config.load(write('data_dir = "/srv/ttboost"'))

    assert found.database_url == "sqlite+aiosqlite:////srv/ttboost/ttboost.db"
    assert found.media_url == "file:/srv/ttboost/media"


@pytest.mark.parametrize(
    ("text", "key"),
    [
        ("tokne = 1", "tokne"),
        ("[webb]\nport = 1", "webb"),
        ("[web]\nprot = 1", "web.prot"),
        ("[web]\nport = 70000", "web.port"),
        ('[web]\npublic_url = "nowhere"', "web.public_url"),
        ('[live]\nsource = "radio"', "live.source"),
        ('[live.tiktok]\nsign_ur = "https://x.example"', "live.tiktok.sign_ur"),
        ('[limits]\nauth = "often"', "limits.auth"),
        ("[plans.pro]\ndays = 3", "plans.pro.title"),
        ('[plans.pro]\ntitle = "Pro"\ndays = 0', "plans.pro.days"),
        ("speech.engines = []", "speech.engines"),
        ('database.url = "mysql://x"', "database.url"),
    ],
)
def test_an_unknown_key_or_a_wrong_value_is_named(write, text: str, key: str):
    with pytest.raises(Invalid) as refused:
        config.load(write(text))

    assert refused.value.details["field"] == key
    assert key in refused.value.detail
    assert "\n" not in refused.value.detail


def test_standard_written_in_part_keeps_what_it_has(write):
    found = config.load(write("[plans.standard]\nstars = 500")).plans["standard"]

    assert (found.title, found.trial_days, found.stars) == ("Standard", 3, 500)


def test_a_trial_is_taken_away_by_saying_so(write):
    text = '[plans.standard]\ntitle = "Basic"\ntrial_days = 0\n[plans.pro]\ntitle = "Pro"'
    found = config.load(write(text)).plans

    assert (found["standard"].title, found["standard"].trial_days) == ("Basic", 0)
    assert found["pro"].trial_days == 0


def test_where_only_others_are_written_there_is_no_standard(write):
    assert list(config.load(write('[plans.pro]\ntitle = "Pro"')).plans) == ["pro"]


def test_the_environment_changes_one_key_of_standard(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setenv("TTBOOST__PLANS__STANDARD__STARS", "700")

    assert (config.load().plans["standard"].stars, config.load().plans["standard"].trial_days) == (700, 3)


def test_a_file_that_is_no_toml_is_told(write):
    with pytest.raises(Invalid, match="cannot read"):
        config.load(write("web = ["))


def test_a_missing_file_is_told(tmp_path: Path):
    with pytest.raises(Invalid, match=r"cannot read .*nothing\.toml"):
        config.load(tmp_path / "nothing.toml")


def test_the_environment_wins_over_the_file(write, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setenv("TTBOOST__WEB__PORT", "9000")

    found = config.load(write('[web]\nport = 8081\nhost = "localhost"'))

    assert (found.web.host, found.web.port) == ("localhost", 9000)


def test_lists_and_tables_are_json_in_the_environment(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setenv("TTBOOST__SPEECH__ENGINES", '["espeak"]')
    monkeypatch.setenv("TTBOOST__PLANS", '{"pro": {"title": "Pro", "days": 90}}')

    found = config.load()

    assert found.speech.engines == ["espeak"]
    assert found.plans["pro"].days == 90


def test_deep_keys_are_reached_by_the_environment(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setenv("TTBOOST__LIVE__TIKTOK__SIGN_URL", "http://127.0.0.1:9/")

    assert config.load().live.tiktok.sign_url == "http://127.0.0.1:9"


@pytest.mark.parametrize(
    ("name", "value", "named"),
    [
        ("TTBOOST__WEBB__PORT", "1", "TTBOOST__WEBB__PORT"),
        ("TTBOOST__WEB__PROT", "1", "web.prot"),
        ("TTBOOST__WEB__PORT", "many", "web.port"),
        ("TTBOOST__SPEECH__ENGINES", "edge", "speech"),
        ("TTBOOST__LIVE__REPLAY__SPEEED", "1", "live.replay.speeed"),
    ],
)
def test_a_wrong_variable_is_named(monkeypatch: pytest.MonkeyPatch, name: str, value: str, named: str):
    monkeypatch.setenv(name, value)

    with pytest.raises(Invalid) as refused:
        config.load()

    assert named in refused.value.detail
    assert "\n" not in refused.value.detail


def test_secrets_are_not_shown(write):
    found = config.load(write('[telegram]\ntoken = "123:abc"'))

    assert "abc" not in repr(found)


def test_the_example_loads_and_holds_the_defaults():
    assert config.load(EXAMPLE) == config.load()


def test_the_example_mentions_every_key():
    text = EXAMPLE.read_text("utf-8")
    told = mentioned(text)

    assert sorted(set(keys_of(Config)) - told) == []


def test_commented_values_of_the_example_are_accepted(write):
    lines = EXAMPLE.read_text("utf-8").splitlines()
    uncommented = "\n".join(line.removeprefix("#: ") for line in lines)

    found = config.load(write(uncommented))

    assert found.telegram.token is not None
    assert found.orders.tiers


def keys_of(model: type[BaseModel], prefix: str = "") -> Iterator[str]:
    for name, field in model.model_fields.items():
        if name == "plans":
            yield from keys_of(Plan, "plans.standard.")
        elif name == "tiers":
            yield from keys_of(Tier, "orders.tiers.")
        elif isinstance(field.annotation, type) and issubclass(field.annotation, BaseModel):
            yield from keys_of(field.annotation, f"{prefix}{name}.")
        else:
            yield prefix + name


def mentioned(text: str) -> set[str]:
    uncommented = "\n".join(line.removeprefix("#: ") for line in text.splitlines())
    return set(flat(tomllib.loads(uncommented)))


def flat(table: dict[str, Any], prefix: str = "") -> Iterator[str]:
    for name, value in table.items():
        inner = value[0] if isinstance(value, list) and value and isinstance(value[0], dict) else value
        if isinstance(inner, dict):
            yield from flat(inner, f"{prefix}{name}.")
        else:
            yield prefix + name
