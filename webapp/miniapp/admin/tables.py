"""A list as operators see all of them: filters, columns, rows, pages, and the same as a file."""

from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta
from typing import Annotated, ClassVar
from urllib.parse import urlencode

from msgspec import Meta, Struct, structs

from core.team import Person
from webapp.miniapp.views import Scene
from webapp.miniapp.wording import catalogue

LIMIT = 25
LONGEST = 100  # letters looked for

Text = Annotated[str, Meta(max_length=LONGEST)]
RECENT = timedelta(hours=12)
Offset = Annotated[int, Meta(ge=0, le=1_000_000)]
Words = dict[str, str]

_GOOD = ("active", "booked", "completed", "done", "live", "processing", "running")
_WAITS = ("partial", "paused", "pending", "refund_requested", "staff", "suspended", "waiting")
_BAD = ("failed", "revoked")
TONES = dict.fromkeys(_GOOD, "is-good") | dict.fromkeys(_WAITS, "is-warn") | dict.fromkeys(_BAD, "is-bad")


class Cell(Struct, frozen=True):
    text: str
    small: str = ""  # below it
    href: str = ""
    tone: str | None = None  # a pill's; None: plain text
    is_number: bool = False


class Row(Struct, frozen=True):
    key: str
    cells: list[Cell]


class Choice(Struct, frozen=True):
    """A filter of few values. `options`: (value, words); the empty one is all."""

    name: str
    label: str
    value: str
    options: list[tuple[str, str]]


class Pin(Struct, frozen=True):
    """A filter that has no field of its own: a link brought it, and it can be taken off."""

    name: str
    label: str
    value: str


class Table(Struct, frozen=True):
    limit: ClassVar[int] = LIMIT
    longest: ClassVar[int] = LONGEST

    title: str
    columns: list[tuple[str, bool]]  # words, whether they are numbers
    rows: list[Row]
    total: int
    offset: int
    path: str  # of the page
    query: dict[str, str]  # what is filtered by
    searches: list[tuple[str, str]] = []  # fields to write into: name, what it is for
    choices: list[Choice] = []
    pins: list[Pin] = []
    csv: str = ""  # path of the API's file; empty: none

    @property
    def url(self) -> str:
        """Of the page with its filters, without an offset."""
        return self.without("")

    def without(self, filter_name: str) -> str:
        """The same with one filter fewer."""
        given = {name: value for name, value in self.query.items() if value and name != filter_name}
        return f"{self.path}?{urlencode(given)}" if given else self.path

    @property
    def csv_url(self) -> str:
        given = {name: value for name, value in self.query.items() if value}
        return f"{self.csv}?{urlencode({**given, 'format': 'csv'})}"


def query_of(query: Struct) -> dict[str, str]:
    """The filters of a page as its address has them."""
    return {
        name: str(value)
        for name, value in structs.asdict(query).items()
        if name != "offset" and value not in ("", None)
    }


def named(person: Person | None) -> str:
    if person is None:
        return "–"
    handle = f"@{person.telegram_name}" if person.telegram_name else ""
    return person.username or handle or person.name or f"tg:{person.telegram_id}"


def person_cell(person: Person | None) -> Cell:
    return Cell(named(person), href=f"/app/admin/users/{person.id}" if person else "")


def status_cell(status: str, words: Words) -> Cell:
    return Cell(words.get(status, status), tone=TONES.get(status, ""))


def number_cell(scene: Scene, value: float) -> Cell:
    return Cell(scene.say.number(value), is_number=True)


def money_cell(scene: Scene, minor: int) -> Cell:
    return Cell(scene.say.money(minor), is_number=True)


def time_cell(scene: Scene, moment: str | datetime | None) -> Cell:
    if moment is None:
        return Cell("–")
    return Cell(scene.say.when(datetime.fromisoformat(moment) if isinstance(moment, str) else moment))


def clock_cell(scene: Scene, moment: str | None) -> Cell:
    """To the second: what came last came a moment ago."""
    if moment is None:
        return Cell("–")
    came_at = datetime.fromisoformat(moment)
    is_recent = scene.services.clock.now() - came_at < RECENT
    return Cell(scene.say.clock(came_at) if is_recent else scene.say.when(came_at))


def choice(scene: Scene, column: str, chosen: str, words: Words, values: Iterable[str]) -> Choice:
    """A filter by what a column says. `words`: of its values."""
    label = catalogue(scene.say.language, "admin")["columns"][column]
    everything = ("", catalogue(scene.say.language, "ui")["all"])
    options = [everything, *((value, words.get(value, value)) for value in values)]
    return Choice(column, label, chosen, options)


def columns(words: Words, names: Sequence[str], numbers: Iterable[str] = ()) -> list[tuple[str, bool]]:
    are_numbers = set(numbers)
    return [(words[name], name in are_numbers) for name in names]
