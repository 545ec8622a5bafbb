"""Who does something with power, and when: what the audit log keeps."""

import hashlib
import hmac
from datetime import datetime, timedelta

from msgspec import Struct

from storage.db import UnitOfWork
from storage.models import AuditEntry

_RETRIED_WITHIN = timedelta(days=1)


class Act(Struct, frozen=True):
    actor: str  # "cli", "tg:ID", "user:ID"
    at: datetime
    key: str | None = None  # an idempotency key: what came under it before is not done again

    def note(self, uow: UnitOfWork, action: str, subject: str, **details: object) -> None:
        if self.key is not None:
            details["key"] = _digest(self.key)
        uow.audit.add(self.actor, action, subject, self.at, **details)

    async def earlier(self, uow: UnitOfWork, action: str) -> AuditEntry | None:
        """What was done under the same key, of the last day. Lock what it changes before asking."""
        if self.key is None:
            return None
        digest = _digest(self.key)
        done = await uow.audit.list_since(self.actor, action, self.at - _RETRIED_WITHIN)
        return next((one for one in done if hmac.compare_digest(str(one.details.get("key")), digest)), None)


def _digest(key: str) -> str:
    """Keys to be sold may be made from the key itself, which is kept nowhere."""
    return hashlib.sha256(key.encode()).hexdigest()[:16]
