"""How pages speak: words of one language, numbers, money and times as its readers write them."""

import json
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta, tzinfo
from functools import cache
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from babel import Locale
from babel.dates import format_date, format_time, format_timedelta
from babel.numbers import format_currency, format_decimal, format_percent

from core.money import amounts

FOLDER = Path(__file__).parent.parent.parent / "templates" / "texts" / "app"
_UNITS = ((1_000_000, "MB"), (1_000, "KB"), (1, "B"))
_CYRILLIC_UNITS = {"MB": "МБ", "KB": "КБ", "B": "Б"}

Words = dict[str, Any]


@cache
def catalogue(language: str, name: str) -> Words:
    """Every word of one page."""
    found: Words = json.loads((FOLDER / language / f"{name}.json").read_text("utf-8"))
    return found


def zone_of(name: str) -> tzinfo:
    """The zone the browser says it is in; UTC where it says nothing we know."""
    try:
        return ZoneInfo(name) if name else UTC
    except (ZoneInfoNotFoundError, ValueError, OSError):
        return UTC


class Say:
    """For templates. What it returns is plain text, escaped by the template like any other."""

    def __init__(self, language: str, zone: tzinfo, now: datetime, currency: str) -> None:
        self.language = language
        self._locale = Locale.parse(language)
        self._zone = zone
        self._now = now.astimezone(zone)
        self._currency = currency
        plain = self._locale.percent_formats[None].pattern
        self._signed = f"+{plain};-{plain}"

    def fill(self, text: str, **values: object) -> str:
        return text.format_map(values)

    def many(self, forms: Mapping[str, str], count: float, **values: object) -> str:
        """The form of the language's own rule of plurals (`one`, `few`, `many`, `other`), with `{count}`."""
        form = forms.get(self._locale.plural_form(count)) or forms["other"]
        return form.format_map({"count": self.number(count), **values})

    def number(self, value: float) -> str:
        return format_decimal(value, locale=self._locale)

    def percent(self, share: float) -> str:
        """`share`: 1 is all."""
        return format_percent(share, locale=self._locale)

    def money(self, minor: int) -> str:
        """Of minor units."""
        return format_currency(amounts.number(minor), self._currency, locale=self._locale)

    def when(self, moment: datetime) -> str:
        """The time where it is of today, else the day too."""
        local, time = moment.astimezone(self._zone), self.hour(moment)
        if local.date() == self._now.date():
            return time
        day = self.short_day(moment) if local.year == self._now.year else self.day(moment)
        return f"{day}, {time}"

    def clock(self, moment: datetime) -> str:
        """To the second: rows of one LIVE stand close together."""
        return format_time(moment.astimezone(self._zone), "medium", locale=self._locale)

    def day(self, moment: datetime) -> str:
        return format_date(moment.astimezone(self._zone).date(), "medium", locale=self._locale)

    def short_day(self, moment: datetime) -> str:
        """Without the year."""
        pattern = "d MMM" if self.language != "en" else "MMM d"
        return format_date(moment.astimezone(self._zone).date(), pattern, locale=self._locale)

    def hour(self, moment: datetime) -> str:
        """To the minute."""
        return format_time(moment.astimezone(self._zone), "short", locale=self._locale)

    def signed(self, share: float) -> str:
        """`+12%`: how much more or less than before. `share`: 1 is twice as much."""
        return format_percent(share, self._signed, locale=self._locale)

    def local(self, moment: datetime) -> datetime:
        return moment.astimezone(self._zone)

    def ago(self, moment: datetime) -> str:
        return format_timedelta(moment - self._now, add_direction=True, locale=self._locale)

    def lasting(self, seconds: float) -> str:
        """`1:02:03`, or `4.5` seconds of a sound as `0:05`."""
        whole = timedelta(seconds=round(seconds))
        hours, rest = divmod(int(whole.total_seconds()), 3600)
        minutes, left = divmod(rest, 60)
        return f"{hours}:{minutes:02}:{left:02}" if hours else f"{minutes}:{left:02}"

    def sound(self, seconds: float) -> str:
        """How long it is: what can be heard is never `0:00`."""
        return self.lasting(max(seconds, 1))

    def span(self, seconds: float) -> str:
        """`1 hr 20 min`, or `12 min`: of what lasts long."""
        hours, minutes = divmod(round(seconds / 60), 60)
        # In our words: the short hour of CLDR is wrong in Spanish, `1 horas`.
        words = catalogue(self.language, "ui")["span"]
        parts = [self.fill(words["hours"], count=hours)] if hours else []
        if minutes or not hours:
            parts.append(self.fill(words["minutes"], count=minutes))
        return " ".join(parts)

    def tongue(self, tag: str) -> str:
        """The name of a language, such as `ru`, with its country where `tag` says one: `es-MX`."""
        name = Locale.parse(tag, sep="-").get_display_name(self._locale) or tag
        return name[:1].upper() + name[1:]

    def size(self, count: int) -> str:
        """Of bytes."""
        size, name = next((one for one in _UNITS if count >= one[0]), _UNITS[-1])
        said = _CYRILLIC_UNITS[name] if self.language == "ru" else name
        return f"{format_decimal(round(count / size, 1), locale=self._locale)} {said}"
