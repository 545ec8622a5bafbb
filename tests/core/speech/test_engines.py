"""The engines of the configuration."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from core.clock import Clock
from core.config import Config, load
from core.speech import engines
from core.tasks import TaskPool
from storage.media import MediaStore


@pytest.fixture
async def tasks() -> AsyncIterator[TaskPool]:
    async with TaskPool() as pool:
        yield pool


def configured(directory: Path, toml: str) -> Config:
    file = directory / "config.toml"
    file.write_text(toml)
    return load(file)


def names(config: Config, tasks: TaskPool) -> list[str]:
    return [engine.name for engine in engines.synthesizers(config.speech, tasks)]


def test_edge_speaks_first_and_espeak_stands_in(tasks: TaskPool) -> None:
    assert names(load(), tasks) == ["edge", "espeak"]


def test_engines_come_in_the_order_of_the_configuration(tmp_path: Path, tasks: TaskPool) -> None:
    config = configured(
        tmp_path,
        '[speech]\nengines = ["espeak", "azure", "edge", "espeak"]\n'
        '[speech.azure]\nkey = "k"\nregion = "westeurope"\n',
    )

    assert names(config, tasks) == ["espeak", "azure", "edge"]


def test_azure_without_a_key_is_left_out(tmp_path: Path, tasks: TaskPool) -> None:
    config = configured(tmp_path, '[speech]\nengines = ["azure", "espeak"]\n')

    assert names(config, tasks) == ["espeak"]


async def test_speech_is_built_of_them(tmp_path: Path, tasks: TaskPool) -> None:
    speech = engines.build(load(), MediaStore(f"file:{tmp_path}"), b"key", Clock(), tasks)

    assert speech.speaking_engine == "edge"
    await speech.close()
