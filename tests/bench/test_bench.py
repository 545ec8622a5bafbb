"""The frame of the benchmarks, without running one."""

import json

import pytest

from core.errors import Invalid
from ttboost import bench
from ttboost.bench import BENCHES, Machine, Report, Row, medians, table

REPORT = Report(
    Machine(2, "3.11.7", "Linux x86_64"),
    {"decode": [Row("decoding", 54321.0, "messages/s", ">= 0.7", is_reached=False, baseline="limit 90,000")]},
)


def test_medians_measures_in_turn() -> None:
    order: list[str] = []
    first, second = iter([3.0, 1.0, 2.0]), iter([30.0, 10.0, 20.0])

    result = medians(
        {"a": lambda: order.append("a") or next(first), "b": lambda: order.append("b") or next(second)},
        rounds=3,
    )

    assert result == {"a": 2.0, "b": 20.0}
    assert order == ["a", "b", "a", "b", "a", "b"]


def test_table_says_what_was_promised_and_missed() -> None:
    text = table(REPORT)

    assert "2 CPUs, Python 3.11.7" in text
    assert "54,321 messages/s  reach >= 0.7  NOT REACHED  (limit 90,000)" in text


def test_unknown_bench_is_refused() -> None:
    with pytest.raises(Invalid, match="no such bench: nope"):
        bench.run(["nope"])


@pytest.fixture
def tiny_bench(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(BENCHES, "tiny", "tests.bench.tiny")


def test_main_prints_and_writes_json(tiny_bench: None, tmp_path, capsys) -> None:
    kept = bench.main(["tiny"], tmp_path / "out.json")

    assert not kept
    assert "tiny" in capsys.readouterr().out
    rows = json.loads((tmp_path / "out.json").read_bytes())["benches"]["tiny"]
    assert rows[0]["name"] == "one"
    assert rows[0]["is_reached"] is False
