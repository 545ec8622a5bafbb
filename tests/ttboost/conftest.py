from collections.abc import Iterator
from pathlib import Path

import pytest
import structlog

from ttboost import cli


@pytest.fixture(autouse=True)
def _logs_as_before() -> Iterator[None]:
    """Commands point the logs at the stderr of this test, which ends with it."""
    yield
    structlog.reset_defaults()


@pytest.fixture
def config_file(tmp_path: Path) -> Path:
    file = tmp_path / "config.toml"
    file.write_text(f'data_dir = "{tmp_path / "data"}"\n[plans.studio]\ntitle = "Studio"\n')
    return file


@pytest.fixture
def ttboost(config_file: Path, capsys: pytest.CaptureFixture[str]):
    """Run one command; exit code, stdout and stderr."""

    def run(*arguments: str) -> tuple[int, str, str]:
        code = cli.run([*arguments, "--config", str(config_file)])
        told = capsys.readouterr()
        return code, told.out.rstrip("\n"), told.err.rstrip("\n")

    return run
