"""What every part of a process's side of the cluster needs."""

from dataclasses import dataclass

from core.clock import Clock
from core.tasks import TaskPool
from storage.bus import Bus
from storage.db import Database


@dataclass(frozen=True, slots=True)
class Context:
    me: str  # this process's name on the bus and in the database; new with every start
    bus: Bus
    db: Database
    clock: Clock
    tasks: TaskPool
