"""The benches of the WebApp API and its pages measure what they say."""

import pytest

from ttboost.bench import api, init_data, pages


def test_all_three_handlers_answer_the_same_call(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(api, "SECONDS", 0.05)
    monkeypatch.setattr(api, "TURNS", 1)

    rows = api.run()

    assert [row.unit for row in rows] == ["answers/s", "times", "times"]
    assert min(row.value for row in rows) > 0


def test_init_data_of_the_bench_is_good(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(init_data, "TIMES", 20)

    [row] = init_data.run()

    assert row.value > 0


def test_every_page_is_waited_for(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pages, "TIMES", 1)
    monkeypatch.setattr(pages, "ROUNDS", 1)

    rows = pages.run()

    assert [row.name for row in rows] == list(pages.NAMES)
    assert min(row.value for row in rows) > 0
