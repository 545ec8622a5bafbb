"""Data that is damaged or in the way: one line on stderr and exit code 1, whatever the command."""

from collections.abc import Iterator
from pathlib import Path

import pytest
import structlog

from ttboost import cli

PAGE = 4096


@pytest.fixture(autouse=True)
def _logs_as_before() -> Iterator[None]:
    """Commands point the logs at the stderr of this test, which ends with it."""
    yield
    structlog.reset_defaults()


@pytest.fixture
def data_dir(tmp_path: Path) -> Path:
    return tmp_path / "data"


@pytest.fixture
def ttboost(data_dir: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]):
    """Run one command; exit code and stderr."""
    file = tmp_path / "config.toml"
    file.write_text(f'data_dir = "{data_dir}"\n[web]\nport = 0\n')

    def run(*arguments: str) -> tuple[int, str]:
        code = cli.run([*arguments, "--config", str(file)])
        return code, capsys.readouterr().err

    return run


def overwrite_pages(database: Path, first: int, last: int) -> None:
    data = bytearray(database.read_bytes())
    data[first * PAGE : last * PAGE] = b"\x5a" * (last - first) * PAGE
    database.write_bytes(bytes(data))


@pytest.mark.parametrize(
    "arguments",
    [["serve"], ["license", "list"], ["db", "backup", "copy.tar"]],
    ids=" ".join,
)
def test_a_damaged_database_is_told_on_one_line(
    ttboost, data_dir: Path, arguments: list[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.chdir(tmp_path)
    ttboost("license", "issue", "--days", "7", "--count", "300")
    overwrite_pages(data_dir / "ttboost.db", 3, 20)

    code, told = ttboost(*arguments)

    assert (code, told) == (1, "error: the database refuses: database disk image is malformed\n")


@pytest.mark.parametrize("arguments", [["serve"], ["db", "backup", "copy.tar"]], ids=" ".join)
def test_a_file_in_place_of_the_media_is_told_on_one_line(ttboost, data_dir: Path, arguments: list[str]):
    ttboost("license", "list")
    (data_dir / "media").write_text("in the way")

    assert ttboost(*arguments) == (
        1,
        f"error: the media store refuses: cannot make {data_dir / 'media'}: File exists\n",
    )


def test_a_file_in_place_of_the_data_is_told_on_one_line(ttboost, data_dir: Path):
    data_dir.write_text("in the way")

    code, told = ttboost("serve")

    assert (code, told.count("\n")) == (1, 1)
    assert told.startswith("error: ")
