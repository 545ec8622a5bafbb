"""Style sheets: a page's own is on for that page alone, so it can lean on no other's."""

import re
from pathlib import Path

import pytest

from webapp.miniapp.shell import STYLES

ROOT = Path(__file__).parents[3]
SHEETS = ROOT / "static" / "app"
SHARED = ("app.css", "parts.css", "../base.css")
PAGES = [path for path in (ROOT / "templates" / "app").rglob("*.html") if "data-style=" in path.read_text()]


def styled(sheet: str) -> set[str]:
    """The classes a sheet speaks of."""
    return set(re.findall(r"\.([a-z][\w-]*)", (SHEETS / sheet).read_text()))


def used(template: str) -> set[str]:
    names = re.findall(r'class="([^"]*)"', re.sub(r"{[{%].*?[%}]}", " ", template))
    return {name for one in names for name in one.split()}


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.stem)
def test_a_page_wears_no_class_of_another_pages_sheet(page: Path) -> None:
    template = page.read_text()
    own = re.findall(r'data-style="(\w+)"', template)
    at_hand = set().union(*(styled(sheet) for sheet in (*SHARED, *(f"{name}.css" for name in own))))
    elsewhere = set().union(*(styled(f"{name}.css") for name in STYLES))

    assert used(template) & elsewhere - at_hand == set()
