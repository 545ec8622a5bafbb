"""The demo LIVE: made-up viewers on a recording composed by `ttboost.demo.compose`."""

from pathlib import Path


def path() -> Path:
    """Where the composed recording lies."""
    return Path(__file__).with_name("demo.frames")
