"""The process that touches uploads: it has no way out but its pipe.

Run as `python -m core.sounds.worker`; `core.sounds.workshop` speaks to it. The
file is its standard input. The answer on standard output is one line of JSON,
then the bytes of each part it names, in order.
"""

import importlib
import json
import os
import pkgutil
import resource
import sys
from collections.abc import Callable
from types import ModuleType
from typing import Any, BinaryIO

import av
import av.logging

from core.sounds import synthesis
from core.sounds.decoding import Refused, encode, measure, prepare

Done = tuple[dict[str, Any], list[bytes]]
Work = Callable[[BinaryIO, str, float], Done]


def main(arguments: list[str]) -> None:
    command, *given = arguments
    av.logging.set_level(av.logging.PANIC)
    _import_all(av)
    answer: dict[str, Any]
    parts: list[bytes] = []
    with os.fdopen(0, "rb", closefd=False) as source:
        _confine(cpu_seconds=int(given[-1]), memory=int(given[-2]))
        if command in _FILE_WORK:
            answer, parts = _tried(_FILE_WORK[command], source, given[0], float(given[1]))
        else:
            made = {name: encode(make()) for name, make in synthesis.SOUNDS.items()}
            answer, parts = {"names": list(made)}, list(made.values())
    _answer(answer | {"sizes": [len(part) for part in parts]}, parts)


def _tried(work: Work, source: BinaryIO, container: str, max_seconds: float) -> Done:
    try:
        return work(source, container, max_seconds)
    except Refused as refusal:
        return {"refused": str(refusal), "why": refusal.why}, []


def _prepared(source: BinaryIO, container: str, max_seconds: float) -> Done:
    made = prepare(source, container, max_seconds)
    return {"duration": made.duration, "peaks": made.peaks}, [made.mp3]


def _measured(source: BinaryIO, container: str, max_seconds: float) -> Done:
    return {"peaks": measure(source, container, max_seconds)}, []


_FILE_WORK: dict[str, Work] = {"prepare": _prepared, "measure": _measured}


def _import_all(package: ModuleType) -> None:
    """It loads its parts when a file first needs them, which is too late once nothing can be opened."""
    for module in pkgutil.walk_packages(package.__path__, f"{package.__name__}."):
        if not module.name.endswith("__main__"):
            importlib.import_module(module.name)


def _confine(*, cpu_seconds: int, memory: int) -> None:
    """No file, socket or pipe can be opened after this, nothing written to disk, and time and memory end."""
    for limit, value in (
        (resource.RLIMIT_AS, memory),
        (resource.RLIMIT_CORE, 0),
        (resource.RLIMIT_CPU, cpu_seconds),
        (resource.RLIMIT_FSIZE, 0),
        (resource.RLIMIT_NOFILE, 3),
    ):
        resource.setrlimit(limit, (value, value))


def _answer(answer: dict[str, Any], parts: list[bytes]) -> None:
    out = sys.stdout.buffer
    out.write(json.dumps(answer).encode() + b"\n")
    out.writelines(parts)
    out.flush()


if __name__ == "__main__":
    main(sys.argv[1:])
