"""Texts in the person's language: gettext catalogues, read once, with every value escaped for HTML.

`message("...")` marks a text that is looked up later; `Words` looks up and fills in. What stands in the code
is the English text, so a text without a translation is shown in English.
"""

import gettext
import html
from functools import cache
from io import BytesIO
from pathlib import Path
from typing import Any

from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po

LOCALES = Path(__file__).parent.parent / "templates" / "locales"
DOMAIN = "ttboost"
LANGUAGES = ("en", "ru", "es")
DEFAULT = "en"


class Html(str):
    """Already escaped."""

    __slots__ = ()


def message(text: str) -> str:
    """`text` as it is: says to whoever collects texts that it will be translated."""
    return text


def language_of(chosen: str | None, code: str | None = None) -> str:
    """What the person chose, else what their program speaks (`ru`, `pt-br`), else English."""
    for wanted in (chosen, (code or "").partition("-")[0].lower()):
        if wanted in LANGUAGES:
            return wanted
    return DEFAULT


class Words:
    """One language. Values are escaped unless they are `Html`; a text itself may hold Telegram's tags."""

    def __init__(self, language: str, catalogue: gettext.NullTranslations) -> None:
        self.language = language
        self._catalogue = catalogue

    def __call__(self, text: str, /, **values: Any) -> Html:
        return _filled(self._catalogue.gettext(text), values)

    def many(self, one: str, several: str, count: int, /, **values: Any) -> Html:
        """By the language's own rule of plurals; `{count}` is filled in."""
        return _filled(self._catalogue.ngettext(one, several, count), {"count": count, **values})


@cache
def words(language: str) -> Words:
    return Words(language, _catalogue(language))


def _catalogue(language: str) -> gettext.NullTranslations:
    file = LOCALES / language / "LC_MESSAGES" / f"{DOMAIN}.po"
    with file.open("rb") as source:
        read = read_po(source, locale=language)
    compiled = BytesIO()
    write_mo(compiled, read)
    compiled.seek(0)
    return gettext.GNUTranslations(compiled)


def _filled(text: str, values: dict[str, Any]) -> Html:
    return Html(text.format_map({name: _escaped(value) for name, value in values.items()}))


def _escaped(value: Any) -> str:
    return value if isinstance(value, Html) else html.escape(str(value), quote=False)
