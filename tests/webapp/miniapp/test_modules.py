"""Modules named at once: all that a script imports, and nothing that is not there."""

from webapp.miniapp.modules import needed_by
from webapp.miniapp.shell import HOME, MAIN
from webapp.pages import static_files


def test_whatever_a_script_imports_is_named_once():
    named = needed_by(MAIN, HOME)

    assert named[:2] == (MAIN, HOME)
    assert {"js/keep.js", "js/app/router.js", "js/app/pages/home/now.js", "js/lines.js"} <= set(named)
    assert len(set(named)) == len(named)
    assert set(named) <= set(static_files().files)


async def test_the_shell_names_them_and_those_of_the_first_page_only_there(client):
    home, other = [await (await client.get(path)).text() for path in ("/app", "/app/triggers")]

    assert 'rel="modulepreload"' in other
    assert home.count("modulepreload") > other.count("modulepreload")
