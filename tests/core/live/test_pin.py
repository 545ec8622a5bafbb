"""Which TikTokLive this project may use.

6.6.5 is the newest stable release under the MIT licence. 6.6.6 and all later ones are under a modified AGPL
whose section 19 forbids hosted services that do not publish their whole source. Raising the pin is a
decision about the licence of a streamer's server, never an upgrade.
"""

import tomllib
from importlib.metadata import version
from pathlib import Path

ROOT = Path(__file__).parents[3]


def test_tiktoklive_is_pinned_to_the_newest_stable_release_under_mit() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]

    assert "TikTokLive==6.6.5" in project["dependencies"]
    assert version("TikTokLive") == "6.6.5"


def test_only_the_lookup_imports_tiktoklive() -> None:
    packages = ("bot", "core", "storage", "ttboost", "webapp")
    files = [file for package in packages for file in (ROOT / package).rglob("*.py")]

    importers = {file.name for file in files if "TikTokLive." in file.read_text("utf-8")}

    assert importers <= {"tiktok_lookup.py", "decode.py"}  # decode.py: the benchmark's baseline
