import stat
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from core import secrets
from core.errors import Invalid


def test_secrets_are_made_once(tmp_path: Path):
    first = secrets.load_or_create(tmp_path / "data")

    assert secrets.load_or_create(tmp_path / "data") == first


def test_only_the_owner_can_read_them(tmp_path: Path):
    secrets.load_or_create(tmp_path)

    assert stat.S_IMODE((tmp_path / "secrets.toml").stat().st_mode) == 0o600


def test_processes_that_start_together_agree(tmp_path: Path):
    with ThreadPoolExecutor(16) as pool:
        found = set(pool.map(lambda _: secrets.load_or_create(tmp_path).fingerprint, range(64)))

    assert len(found) == 1
    assert [file.name for file in tmp_path.iterdir()] == ["secrets.toml"]


def test_each_purpose_has_its_own_key(tmp_path: Path):
    made = secrets.load_or_create(tmp_path)

    keys = {made.license_pepper, made.media_key, made.overlay_key, made.webhook_key, made.reset_key}

    assert len(keys) == 5
    assert made.master not in keys
    assert {len(key) for key in keys} == {32}


def test_the_token_key_is_long_enough(tmp_path: Path):
    made = secrets.load_or_create(tmp_path)

    assert len(made.jwt_keys[made.jwt_active]) == 32


def test_an_added_token_key_is_read(tmp_path: Path):
    made = secrets.load_or_create(tmp_path)
    file = tmp_path / "secrets.toml"
    file.write_text(file.read_text().replace('active = "1"', 'active = "2"') + f'2 = "{"ab" * 32}"\n')

    changed = secrets.load_or_create(tmp_path)

    assert changed.jwt_active == "2"
    assert changed.jwt_keys == {"1": made.jwt_keys["1"], "2": b"\xab" * 32}
    assert changed.license_pepper == made.license_pepper


@pytest.mark.parametrize(
    ("change", "named"),
    [
        (("master", "mister"), "master is missing"),
        (('active = "1"', 'active = "9"'), "jwt.active"),
        (('1 = "', '1 = "zz'), "jwt.keys.1"),
        (("[jwt.keys]", "[jwt.keys"), "cannot read"),
    ],
)
def test_a_damaged_file_is_told(tmp_path: Path, change: tuple[str, str], named: str):
    secrets.load_or_create(tmp_path)
    file = tmp_path / "secrets.toml"
    file.write_text(file.read_text().replace(*change))

    with pytest.raises(Invalid, match=named):
        secrets.load_or_create(tmp_path)


def test_a_short_key_is_refused(tmp_path: Path):
    (tmp_path / "secrets.toml").write_text(
        f'master = "{"ab" * 32}"\n[jwt]\nactive = "1"\n[jwt.keys]\n1 = "abcd"\n'
    )

    with pytest.raises(Invalid, match="shorter"):
        secrets.load_or_create(tmp_path)
