"""How a streamer's overlay looks: which widgets it draws, where, and in which colours.

A place is two percentages, the way backgrounds are placed: 0 puts a widget's left (upper) edge at the
overlay's, 100 its right (lower) edge, 50 its middle. So one place fits every shape of screen, and no widget
can leave it.
"""

from collections.abc import Mapping
from typing import Annotated, Any, Literal

import msgspec
from msgspec import Meta, Struct, structs

from core.errors import Invalid

MOST_ROWS = 10

Percent = Annotated[int, Meta(ge=0, le=100)]
Size = Annotated[int, Meta(ge=50, le=200)]
Colour = Annotated[str, Meta(pattern="^#[0-9a-fA-F]{6}$", max_length=7)]
Title = Annotated[str, Meta(max_length=60)]
Target = Annotated[int, Meta(ge=1, le=1_000_000_000)]
Rows = Annotated[int, Meta(ge=1, le=MOST_ROWS)]
Font = Literal["plain", "round", "heavy", "serif", "typewriter"]


class Widget(Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    on: bool = False
    x: Percent = 50
    y: Percent = 0
    size: Size = 100  # percent of what fits the screen
    text: Colour = "#ffffff"
    ground: Colour = "#111319"
    opacity: Percent = 86  # of the ground
    accent: Colour = "#3fd0c3"
    font: Font = "plain"


class Alerts(Widget, frozen=True, forbid_unknown_fields=True, kw_only=True):
    on: bool = True
    accent: Colour = "#ffffff"


class Feed(Widget, frozen=True, forbid_unknown_fields=True, kw_only=True):
    x: Percent = 0
    y: Percent = 100
    opacity: Percent = 60
    rows: Rows = 6
    chat: bool = True  # what viewers write, too


class Goal(Widget, frozen=True, forbid_unknown_fields=True, kw_only=True):
    title: Title = ""  # empty: the page's own word
    target: Target = 1_000


class Gifters(Widget, frozen=True, forbid_unknown_fields=True, kw_only=True):
    x: Percent = 100
    y: Percent = 50
    title: Title = ""
    rows: Rows = 5


class Look(Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """Alone alerts are on until somebody says otherwise."""

    alerts: Alerts = Alerts()
    feed: Feed = Feed()
    likes: Goal = Goal(x=0, y=20, accent="#ff5d7c", target=10_000)
    follows: Goal = Goal(x=0, y=32, accent="#3fd0c3", target=50)
    diamonds: Goal = Goal(x=0, y=44, accent="#f3b15f", target=1_000)
    gifters: Gifters = Gifters(accent="#f3b15f")

    @property
    def counts(self) -> bool:
        """Whether it shows what the LIVE adds up to."""
        return any(widget.on for widget in (self.likes, self.follows, self.diamonds, self.gifters))


STANDARD = Look()


def changed(look: Look, changes: Mapping[str, Mapping[str, Any]]) -> Look:
    after: dict[str, Widget] = {}
    for name, values in changes.items():
        if name not in Look.__struct_fields__:
            raise Invalid(f"{name}: unknown widget", field=name)
        try:
            after[name] = _changed(getattr(look, name), values)
        except msgspec.ValidationError as error:
            raise _invalid(name, str(error)) from error
    return structs.replace(look, **after)


def restored(saved: Mapping[str, Any]) -> Look:
    """What was stored. What a newer program stored and this one does not know is left out."""
    found: dict[str, Any] = {}
    for name in Look.__struct_fields__:
        standard = getattr(STANDARD, name)
        known = {
            key: value for key, value in saved.get(name, {}).items() if key in standard.__struct_fields__
        }
        try:
            found[name] = _changed(standard, known)
        except msgspec.ValidationError:
            found[name] = standard
    return Look(**found)


def stored(look: Look) -> dict[str, Any]:
    """What differs from the standard, so that a better standard reaches those who never chose."""
    standard = msgspec.to_builtins(STANDARD)
    differing = {
        name: {key: value for key, value in values.items() if value != standard[name][key]}
        for name, values in msgspec.to_builtins(look).items()
    }
    return {name: values for name, values in differing.items() if values}


def _changed(widget: Widget, values: Mapping[str, Any]) -> Widget:
    return msgspec.convert({**msgspec.to_builtins(widget), **values}, type(widget))


def _invalid(widget: str, message: str) -> Invalid:
    reason, _, path = message.partition(" - at `$.")
    field = f"{widget}.{path.rstrip('`')}" if path else widget
    return Invalid(f"{field}: {reason}", field=field)
