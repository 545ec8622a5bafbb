"""The project's own benchmarks: medians of five, each baseline measured in the same run."""

import os
import platform
from collections.abc import Callable, Mapping
from importlib import import_module
from pathlib import Path
from statistics import median

import msgspec
from msgspec import Struct

from core.errors import Invalid

ROUNDS = 5

BENCHES = {
    "decode": "ttboost.bench.decode",
    "pipeline": "ttboost.bench.pipeline",
    "match": "ttboost.bench.match",
    "rooms": "ttboost.bench.rooms",
    "speech": "ttboost.bench.speech",
    "api": "ttboost.bench.api",
    "pages": "ttboost.bench.pages",
    "init_data": "ttboost.bench.init_data",
    "orders": "ttboost.bench.orders",
    "cluster": "ttboost.bench.cluster",
    "soak": "ttboost.bench.soak",
}
"""Name on the command line to module; each module exposes `run() -> list[Row]`."""

NAMED_ONLY = frozenset({"cluster", "soak"})
"""These need engines that a plain machine has not."""


class Row(Struct, frozen=True):
    """One measured number. `is_reached` stays None where nothing is promised."""

    name: str
    value: float
    unit: str
    reach: str | None = None  # what is promised, in words: ">= 0.7 of the limit"
    is_reached: bool | None = None
    baseline: str | None = None  # what it is compared with, in words and numbers


class Machine(Struct, frozen=True):
    cpus: int
    python: str
    platform: str


class Report(Struct, frozen=True):
    machine: Machine
    benches: dict[str, list[Row]]


def medians(measures: Mapping[str, Callable[[], float]], rounds: int = ROUNDS) -> dict[str, float]:
    """Measure all of them in turn, `rounds` times, so that a noisy minute of the machine hits each alike."""
    seen: dict[str, list[float]] = {name: [] for name in measures}
    for _ in range(rounds):
        for name, measure in measures.items():
            seen[name].append(measure())
    return {name: median(values) for name, values in seen.items()}


def median_of(measure: Callable[[], float], rounds: int = ROUNDS) -> float:
    return medians({"": measure}, rounds)[""]


def machine() -> Machine:
    return Machine(
        os.cpu_count() or 1, platform.python_version(), f"{platform.system()} {platform.machine()}"
    )


def run(names: list[str]) -> Report:
    """Run the named benches; where none is named, all that need nothing but this machine."""
    for name in names:
        if name not in BENCHES:
            raise Invalid(f"no such bench: {name} (known: {', '.join(BENCHES)})", field="name")
    modules = {
        name: import_module(BENCHES[name])
        for name in names or [one for one in BENCHES if one not in NAMED_ONLY]
    }
    return Report(machine(), {name: module.run() for name, module in modules.items()})


def table(report: Report) -> str:
    """The report as lines a person reads."""
    about = report.machine
    lines = [f"{about.cpus} CPUs, Python {about.python}, {about.platform}; medians of {ROUNDS}"]
    for bench, rows in report.benches.items():
        lines += ["", bench, *(_line(row) for row in rows)]
    return "\n".join(lines)


def _line(row: Row) -> str:
    verdict = {None: "", True: "  ok", False: "  NOT REACHED"}[row.is_reached]
    promised = f"  reach {row.reach}" if row.reach else ""
    compared = f"  ({row.baseline})" if row.baseline else ""
    return f"  {row.name:<44} {_number(row.value):>12} {row.unit}{promised}{verdict}{compared}"


def _number(value: float) -> str:
    return f"{value:,.0f}" if abs(value) >= 1000 else f"{value:.3g}"


def main(names: list[str], json_file: Path | None = None) -> bool:
    """`ttboost bench`: print the table, write the JSON; False where a promise was not kept."""
    report = run(names)
    print(table(report))
    if json_file:
        json_file.write_bytes(msgspec.json.format(msgspec.json.encode(report), indent=2) + b"\n")
    return all(row.is_reached is not False for rows in report.benches.values() for row in rows)
