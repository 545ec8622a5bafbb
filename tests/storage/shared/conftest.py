"""Two processes' ways to a real Redis, and one that can be cut."""

import pytest

from tests.reach_kit import by_wire, reaches


@pytest.fixture
async def two():
    async with reaches(2) as pair:
        yield pair


@pytest.fixture
async def wired():
    async with by_wire() as pair:
        yield pair
