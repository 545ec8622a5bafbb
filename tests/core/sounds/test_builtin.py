import numpy as np
import pytest

from core.sounds import builtin, synthesis
from core.sounds.loudness import CEILING, RATE, TARGET, loudness
from core.sounds.workshop import SoundWorkshop
from storage.media import MediaStore
from tests.core.sounds.files import decoded


@pytest.fixture
def media(tmp_path):
    return MediaStore(f"file:{tmp_path / 'media'}")


@pytest.mark.parametrize("name", list(synthesis.SOUNDS))
def test_each_is_as_long_as_told_and_as_loud_as_uploads(name):
    signal = synthesis.SOUNDS[name]()

    assert len(signal) / RATE == pytest.approx(builtin.SECONDS[name], abs=0.001)
    assert loudness(signal) == pytest.approx(TARGET, abs=1.0)
    assert np.abs(signal).max() <= CEILING + 1e-9
    assert abs(signal[0]) < 0.001
    assert abs(signal[-1]) < 0.001


def test_the_chime_fades_like_a_bell():
    signal = np.abs(synthesis.chime())

    assert signal[: RATE // 2].max() > 8 * signal[-RATE // 2 :].max()


def test_they_are_computed_the_same_every_time():
    assert np.array_equal(synthesis.chime(), synthesis.chime())


async def test_installing_puts_all_into_the_media_store(media):
    await builtin.install(media, SoundWorkshop())

    stored = {info.name for info in await media.list("builtin")}
    assert stored == {ref.media_name for ref in builtin.BUILTIN.values()}
    chime = await media.get(builtin.BUILTIN["chime"].media_name)
    assert len(decoded(chime)) / RATE == pytest.approx(2.0, abs=0.1)


async def test_installing_again_makes_nothing_but_what_is_missing(media):
    await builtin.install(media, SoundWorkshop())
    before = await media.head(builtin.BUILTIN["bell"].media_name)
    await builtin.install(media, SoundWorkshop())
    await media.delete(builtin.BUILTIN["chime"].media_name)

    assert await media.head(builtin.BUILTIN["bell"].media_name) == before
    await builtin.install(media, SoundWorkshop())
    assert await media.head(builtin.BUILTIN["chime"].media_name)


def test_names_are_found_without_regard_to_case():
    assert builtin.get_builtin("Chime") == builtin.BUILTIN["chime"]
    assert builtin.get_builtin("chimes") is None
