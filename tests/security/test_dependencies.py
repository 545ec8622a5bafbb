"""What we depend on is what was tried: every version is pinned, and the pinned ones are those installed."""

import re
import tomllib
from importlib.metadata import version
from pathlib import Path

PROJECT = tomllib.loads((Path(__file__).parents[2] / "pyproject.toml").read_text("utf-8"))
NAMED = [
    *PROJECT["project"]["dependencies"],
    *PROJECT["project"]["optional-dependencies"]["dev"],
    *PROJECT["build-system"]["requires"],
]
PINNED = re.compile(r"([A-Za-z0-9._-]+)(?:\[\w+\])?==([0-9][A-Za-z0-9.]*)")


def test_every_dependency_is_pinned_exactly():
    assert [one for one in NAMED if not PINNED.fullmatch(one)] == []


def test_the_suite_runs_on_the_pinned_versions():
    wanted = dict(
        PINNED.fullmatch(one).groups() for one in NAMED if one not in PROJECT["build-system"]["requires"]
    )

    assert {name: version(name) for name in wanted} == wanted
