"""Logs go to stderr, one line an event; stdout carries only answers."""

import logging
import re
import sys
from collections.abc import MutableMapping
from typing import Any, TextIO

import structlog

FIRST = ("timestamp", "level", "event")
_SPECIAL, _QUOTED = re.compile(r'[ ="\n]'), re.compile(r'[ ="]')
MAX_SAID = 500  # characters of what a library says


def configure(to: TextIO | None = None) -> None:
    structlog.configure(
        processors=[
            structlog.contextvars.merge_contextvars,
            structlog.processors.add_log_level,
            structlog.processors.TimeStamper(fmt="iso", utc=True),
            structlog.processors.format_exc_info,
            logfmt,
        ],
        wrapper_class=structlog.make_filtering_bound_logger("info"),
        logger_factory=structlog.WriteLoggerFactory(to or sys.stderr),
    )
    root = logging.getLogger()
    if not any(isinstance(handler, _Libraries) for handler in root.handlers):
        root.addHandler(_Libraries(logging.WARNING))


def logfmt(_logger: object, _method: str, line: MutableMapping[str, Any]) -> str:
    """As structlog's own renderer, which looks at each letter of each name: every request passes here."""
    first = [(name, line.pop(name)) for name in FIRST if name in line]
    return " ".join([_said(name, value) for name, value in (*first, *line.items())])


def _said(name: str, value: object) -> str:
    if value is None:
        return f"{name}="
    if isinstance(value, bool):
        return name if value else f"{name}=false"
    text = str(value)
    if not _SPECIAL.search(text):
        return f"{name}={text}"
    if not _QUOTED.search(text):
        return f"{name}=" + text.replace("\n", "\\n")
    escaped = text.replace("\\", "\\\\").replace('"', '\\"').replace("\n", "\\n")
    return f'{name}="{escaped}"'


class _Libraries(logging.Handler):
    """What libraries have to say, in the same form: warnings and worse."""

    def emit(self, record: logging.LogRecord) -> None:
        log = structlog.get_logger(record.name)
        say = log.error if record.levelno >= logging.ERROR else log.warning
        say("library", logger=record.name, said=record.getMessage()[:MAX_SAID], exc_info=record.exc_info)
