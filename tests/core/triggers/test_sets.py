"""Ready-made sets: whole in every language, and nothing in them the rules would refuse."""

from pathlib import Path

import pytest

from core import settings as account_settings
from core.i18n import LANGUAGES
from core.sounds.builtin import SECONDS
from core.triggers import bulk
from core.triggers.intake import Allowed, parse
from core.triggers.model import PlaySound, ShowAlert
from core.triggers.sets import SETS, bodies

ALERTS = Path(__file__).parents[3] / "static" / "alerts"
ALLOWED = Allowed(has_voice=lambda _: False, has_image=lambda _: True, has_webhooks=False)
EACH = [(name, language) for name in SETS for language in LANGUAGES]


@pytest.mark.parametrize(("name", "language"), EACH)
def test_every_trigger_of_a_set_is_taken(name: str, language: str) -> None:
    made = [parse(one, ALLOWED) for one in bodies(name, language)]

    assert all(one.name and one.enabled for one in made)
    assert len({bulk.occasion(one) for one in made}) == len(made)  # none is left out as another's double
    sounds = {one.params.sound_filename for one in made if isinstance(one.params, PlaySound)}
    assert sounds <= SECONDS.keys()


@pytest.mark.parametrize("name", SETS)
def test_it_speaks_the_language_of_the_account(name: str) -> None:
    names = [{one.name for one in bodies(name, language)} for language in LANGUAGES]

    assert not set.intersection(*names)


@pytest.mark.parametrize("name", SETS)
def test_its_pictures_are_there(name: str) -> None:
    made = [parse(one, ALLOWED).params for one in bodies(name, "en")]
    images = {one.image for one in made if isinstance(one, ShowAlert) and one.image}

    assert all((ALERTS / f"{image}.svg").is_file() for image in images)


@pytest.mark.parametrize("name", SETS)
def test_its_settings_are_settings(name: str) -> None:
    assert SETS[name].settings.keys() <= set(account_settings.Settings.__struct_fields__)
