"""Regular expressions of streamers, run by a linear-time engine: all of them in one pass.

What a streamer writes must not be able to slow the others down: no pattern
backtracks, and the size of what it compiles to is bounded.
"""

from collections.abc import Sequence

import re2

MAX_PATTERN = 200  # characters
MAX_WRITTEN = 500  # characters of a message a pattern sees
PATTERN_BYTES = 1 << 20  # memory of one compiled pattern
SET_BYTES = 8 << 20  # memory of all of a streamer's together

_ALWAYS = b""  # matches everything: its absence from an answer tells that the set gave up


def refuse_bad(pattern: str) -> None:
    """Raises `ValueError` for what the engine does not know or what grows too large."""
    if len(pattern) > MAX_PATTERN:
        raise ValueError(f"at most {MAX_PATTERN} characters")
    try:
        _compiled(pattern)
    except re2.error as error:
        raise ValueError(f"not a regular expression we can run: {_words(error)}") from error


class RegexSet:
    """Which of several patterns are found anywhere in a text."""

    def __init__(self, patterns: Sequence[str]) -> None:
        self._single = [_compiled(pattern) for pattern in patterns]
        self._together = _together(patterns) if len(patterns) > 1 else None

    def found_in(self, text: str) -> list[int]:
        """Positions in `patterns`, ascending."""
        data = text[:MAX_WRITTEN].encode(errors="replace")
        if self._together is not None and (found := self._together.Match(data)):
            return [index - 1 for index in sorted(found) if index]
        return [index for index, pattern in enumerate(self._single) if pattern.search(data)]


def _compiled(pattern: str) -> "re2._Regexp":
    return re2.compile(pattern.encode(errors="replace"), _options(PATTERN_BYTES))


def _together(patterns: Sequence[str]) -> "re2.Set | None":
    """One automaton of all; None where that would be too large."""
    together = re2.Set.SearchSet(_options(SET_BYTES))
    try:
        for pattern in (_ALWAYS, *(pattern.encode(errors="replace") for pattern in patterns)):
            together.Add(pattern)
        together.Compile()
    except re2.error:
        return None
    return together


def _options(max_mem: int) -> "re2.Options":
    options = re2.Options()
    options.max_mem = max_mem
    options.log_errors = False  # a refused pattern is the streamer's business, not the log's
    return options


def _words(error: re2.error) -> str:
    said = error.args[0] if error.args else ""
    return said.decode(errors="replace") if isinstance(said, bytes) else str(said)
