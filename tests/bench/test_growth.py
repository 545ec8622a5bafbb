"""The chart of `bench cluster`, drawn by the program a person calls."""

import re
import subprocess
import sys
from pathlib import Path

import msgspec

from ttboost.bench import Machine, Report, Row


def cluster(*rows: Row) -> bytes:
    return msgspec.json.encode(Report(Machine(2, "3.11.7", "Linux x86_64"), {"cluster": list(rows)}))


def test_a_cost_is_told_for_a_room_and_against_the_first_size(tmp_path: Path) -> None:
    measured = tmp_path / "cluster.json"
    measured.write_bytes(
        cluster(
            Row("100 rooms over 2: cores, both workers", 0.1, ""),
            Row("200 rooms over 2: cores, both workers", 0.3, ""),
            Row("100 rooms over 2: memory of a room", 80.0, "KB"),
            Row("200 rooms over 2: memory of a room", 60.0, "KB"),
            Row("5000 idle sockets on one web: memory of a socket", 20.0, "KB"),
        )
    )

    command = [sys.executable, "-m", "ttboost.bench.growth", str(measured), str(tmp_path / "chart.svg")]
    subprocess.run(command, check=True, timeout=60)

    svg = (tmp_path / "chart.svg").read_text("utf-8")
    values = re.findall(r'<desc class="value">(?:\w+: )?([\d.]+)</desc>', svg)
    assert values == ["1", "1.5", "1", "0.75"]
