"""What is kept of complete audio, and what goes first."""

from pathlib import Path

from core.speech.cache import SpeechCache
from storage.media import MediaStore
from tests.core.speech.engines import MovedClock


def cache_of(directory: Path, clock: MovedClock, capacity: int = 100) -> SpeechCache:
    return SpeechCache(MediaStore(f"file:{directory}"), clock, capacity)


def stored(directory: Path) -> set[str]:
    return {path.stem for path in directory.rglob("*.mp3")}


async def test_the_least_recently_used_goes_first(tmp_path: Path) -> None:
    cache = cache_of(tmp_path, MovedClock())
    for name in ("a", "b"):
        await cache.put(f"tts/{name}.mp3", "edge", b"x" * 40)
    cache.find("tts/a.mp3", "edge")

    await cache.put("tts/c.mp3", "edge", b"x" * 40)

    assert stored(tmp_path) == {"a", "c"}
    assert cache.find("tts/b.mp3", "edge") is None


async def test_nothing_stays_longer_than_a_day(tmp_path: Path) -> None:
    clock = MovedClock()
    cache = cache_of(tmp_path, clock)
    await cache.put("tts/a.mp3", "edge", b"x")
    clock.passed += 24 * 3600 + 1

    assert cache.find("tts/a.mp3", "edge") is None
    await cache.put("tts/b.mp3", "edge", b"x")
    assert stored(tmp_path) == {"b"}


async def test_engines_do_not_share_audio(tmp_path: Path) -> None:
    cache = cache_of(tmp_path, MovedClock())
    await cache.put("tts/a.mp3", "espeak", b"x")

    assert cache.find("tts/a.mp3", "edge") is None
    assert cache.find("tts/a.mp3", "espeak") is not None


async def test_putting_the_same_again_counts_once(tmp_path: Path) -> None:
    cache = cache_of(tmp_path, MovedClock())
    await cache.put("tts/a.mp3", "edge", b"x" * 40)
    for _ in range(10):
        await cache.put("tts/b.mp3", "edge", b"x" * 40)

    assert stored(tmp_path) == {"a", "b"}


async def test_an_earlier_runs_audio_is_found_and_counted(tmp_path: Path) -> None:
    await cache_of(tmp_path, MovedClock()).put("tts/a.mp3", "edge", b"x" * 60)
    (tmp_path / "speech" / "stray.mp3").write_bytes(b"x")
    cache = cache_of(tmp_path, MovedClock())
    await cache.load()
    assert cache.find("tts/a.mp3", "edge") is not None

    await cache.put("tts/b.mp3", "edge", b"x" * 60)

    assert stored(tmp_path) == {"b", "stray"}


async def test_of_an_earlier_run_too_much_is_deleted(tmp_path: Path) -> None:
    for name in ("a", "b", "c"):
        await cache_of(tmp_path, MovedClock()).put(f"tts/{name}.mp3", "edge", b"x" * 40)
    await cache_of(tmp_path, MovedClock()).load()

    assert len(stored(tmp_path)) == 2
