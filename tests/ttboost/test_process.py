"""How a process treats its memory: no round of the collector at the start, rare ones after it."""

import gc
from collections.abc import Iterator

import pytest

from ttboost.process import calm_collector, hold_collector


@pytest.fixture(autouse=True)
def as_before() -> Iterator[None]:
    before = gc.get_threshold()
    yield
    gc.enable()
    gc.unfreeze()
    gc.set_threshold(*before)


def test_what_was_held_for_the_start_collects_again_after_it() -> None:
    hold_collector()
    assert not gc.isenabled()

    calm_collector()

    assert gc.isenabled()
    assert gc.get_threshold()[0] >= 10_000
