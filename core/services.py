"""Everything an edge may use, built once by the wiring."""

from dataclasses import dataclass

from core.access import Access
from core.accounts import Accounts
from core.changes import ChangeFeed
from core.clock import Clock
from core.config import Config
from core.journal import Journal
from core.passwords import Passwords
from core.secrets import Secrets
from core.sounds.service import Sounds
from core.speech.service import Speech
from core.studios import Studios
from core.tasks import TaskPool
from core.triggers.service import Checks
from storage.db import Database
from storage.media import MediaStore


@dataclass(frozen=True, slots=True, kw_only=True)
class Services:
    config: Config
    clock: Clock
    db: Database
    media: MediaStore
    tasks: TaskPool
    secrets: Secrets
    passwords: Passwords
    accounts: Accounts
    access: Access
    changes: ChangeFeed
    speech: Speech
    sounds: Sounds
    studios: Studios
    journal: Journal
    trigger_checks: Checks
