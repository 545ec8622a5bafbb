"""The engines of the configuration, in its order."""

import structlog

from core.clock import Clock
from core.config import Config
from core.config import Speech as SpeechConfig
from core.speech.espeak import Espeak
from core.speech.model import Synthesizer
from core.speech.service import Speech
from core.tasks import TaskPool
from storage.media import MediaStore

log = structlog.get_logger(__name__)


def build(config: Config, media: MediaStore, media_key: bytes, clock: Clock, tasks: TaskPool) -> Speech:
    """Call `start()` of the answer once the loop runs, and `close()` at the end."""
    return Speech(
        synthesizers(config.speech, tasks),
        media,
        media_key=media_key,
        clock=clock,
        tasks=tasks,
        hedge_after=config.speech.hedge_after_seconds,
        cache_bytes=config.speech.cache_bytes,
    )


def synthesizers(config: SpeechConfig, tasks: TaskPool) -> list[Synthesizer]:
    engines = [_engine(name, config, tasks) for name in dict.fromkeys(config.engines)]
    return [engine for engine in engines if engine]


def _engine(name: str, config: SpeechConfig, tasks: TaskPool) -> Synthesizer | None:
    match name:
        case "espeak":
            return Espeak(tasks, workers=config.workers)
        case "edge":
            from core.speech.edge import EdgeSpeech

            return EdgeSpeech(config.edge.url)
        case _:
            from core.speech.azure import AzureSpeech

            azure = config.azure
            if azure.key is None or not (azure.region or azure.url):
                log.warning("azure_without_key", cure="set speech.azure.key and region or url")
                return None
            return AzureSpeech(azure.key.get_secret_value(), region=azure.region, url=azure.url)
