"""The house rules a machine can check; the arrows between packages are import-linter's (`make check`)."""

import ast
import re
from collections.abc import Iterator
from pathlib import Path
from statistics import median

import pytest

from core.errors import AppError
from webapp.errors import status_of

ROOT = Path(__file__).parent.parent
PACKAGES = ("bot", "webapp", "core", "storage", "ttboost")
SOURCES = [
    path
    for package in PACKAGES
    for path in sorted((ROOT / package).rglob("*.py"))
    if "migrations/versions" not in path.as_posix()
]
Function = ast.FunctionDef | ast.AsyncFunctionDef

BROAD_EXCEPT = {
    "core/fulfilment/service.py",  # one order's trouble must not stop the others' errands
    "core/journal.py",  # a refused batch is put back, whatever refused it, and the error goes on
    "core/gift_catalogue.py",  # the same
    "core/live/supervisor.py",  # one connection's bug must not leave a streamer deaf
    "core/sounds/service.py",  # the audio of a row that was not written is thrown away
    "core/payments/service.py",  # one payment's bug must not keep the others waiting
    "webapp/errors.py",  # the edge: what nobody foresaw becomes a 500
}


def parsed(path: Path) -> ast.Module:
    return ast.parse(path.read_text("utf-8"))


def functions(path: Path) -> Iterator[Function]:
    return (node for node in ast.walk(parsed(path)) if isinstance(node, Function))


def length(function: Function) -> int:
    return (function.end_lineno or function.lineno) - function.lineno + 1


def depth(node: ast.AST, level: int = 0) -> int:
    """How deep blocks stand in blocks; an `elif` is no deeper than its `if`."""
    deeper = (ast.If, ast.For, ast.While, ast.With, ast.Try, ast.AsyncFor, ast.AsyncWith, ast.Match)
    found = [level]
    for child in ast.iter_child_nodes(node):
        is_elif = isinstance(node, ast.If) and isinstance(child, ast.If) and child in node.orelse
        found.append(depth(child, level + (isinstance(child, deeper) and not is_elif)))
    return max(found)


def name_of(path: Path) -> str:
    return path.relative_to(ROOT).as_posix()


@pytest.mark.parametrize("path", SOURCES, ids=name_of)
def test_a_file_fits_in_the_head(path):
    assert len(path.read_text("utf-8").splitlines()) <= 320
    assert [one.name for one in functions(path) if length(one) > 60] == []
    assert [one.name for one in functions(path) if depth(one) > 4] == []


def test_functions_are_short():
    lengths = sorted(length(one) for path in SOURCES for one in functions(path))

    assert median(lengths) <= 8
    assert lengths[int(len(lengths) * 0.95)] <= 30


def test_everything_is_caught_only_where_agreed():
    broad = {
        name_of(path)
        for path in SOURCES
        for node in ast.walk(parsed(path))
        if isinstance(node, ast.ExceptHandler)
        and (node.type is None or ast.unparse(node.type) in {"Exception", "BaseException"})
    }

    assert broad - BROAD_EXCEPT == set()


def test_no_file_is_named_after_nothing():
    assert [path for path in SOURCES if path.stem in {"utils", "helpers", "common", "misc"}] == []


def test_nothing_waits_for_a_better_day():
    marks = re.compile(r"\b(TO" + r"DO|FIX" + r"ME|XXX)\b|NotImplemented" + r"Error")

    assert [name_of(path) for path in SOURCES if marks.search(path.read_text("utf-8"))] == []


def every_refusal(kind: type[AppError] = AppError) -> Iterator[type[AppError]]:
    for one in kind.__subclasses__():
        yield one
        yield from every_refusal(one)


@pytest.mark.parametrize("kind", list(every_refusal()), ids=lambda kind: kind.__name__)
def test_every_refusal_has_a_code_a_text_and_a_status(kind):
    assert re.fullmatch(r"[a-z][a-z_]*", kind.code)
    assert kind.text
    assert 400 <= status_of(kind) < 600
