"""Who does something with power, and when: what the audit log keeps."""

from datetime import datetime

from msgspec import Struct

from storage.db import UnitOfWork


class Act(Struct, frozen=True):
    actor: str  # "cli", "tg:ID", "user:ID"
    at: datetime

    def note(self, uow: UnitOfWork, action: str, subject: str, **details: object) -> None:
        uow.audit.add(self.actor, action, subject, self.at, **details)
