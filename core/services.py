"""Everything an edge may use, built once by the wiring."""

from dataclasses import dataclass, field

from core.access import Access
from core.accounts import Accounts
from core.admin.desk import Admin
from core.allowance import SpeechAllowance
from core.broadcasts import Broadcasts
from core.changes import ChangeFeed
from core.clock import Clock
from core.config import Config
from core.counting import Counts
from core.devices import Devices
from core.door import Door
from core.export import Export
from core.fulfilment.service import Fulfilment
from core.identity import Identity
from core.journal import Journal
from core.leaving import Leaving
from core.live.budgets import Budgets
from core.orders.service import Orders
from core.passwords import Passwords
from core.payments.service import Payments
from core.plans_for_sale import Shop
from core.referrals import Referrals
from core.secrets import Secrets
from core.seen import LastSeen
from core.sounds.service import Sounds
from core.speech.service import Speech
from core.studios import Studios
from core.tasks import TaskPool
from core.tickets import Tickets
from core.triggers.service import Checks
from core.user_views import UserViews
from storage.db import Database
from storage.media import MediaStore
from storage.shared.reach import Reach


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
    devices: Devices
    leaving: Leaving
    export: Export
    identity: Identity
    user_views: UserViews
    last_seen: LastSeen
    access: Access
    changes: ChangeFeed
    speech: Speech
    allowance: SpeechAllowance
    sounds: Sounds
    studios: Door
    local: Studios | None  # those that run in this process; None: it runs none
    journal: Journal
    trigger_checks: Checks
    payments: Payments
    shop: Shop
    referrals: Referrals
    orders: Orders
    fulfilment: Fulfilment
    tickets: Tickets
    broadcasts: Broadcasts
    admin: Admin
    counts: Counts = field(default_factory=Counts)
    budgets: Budgets | None = None  # of the way into LIVEs
    reach: Reach | None = None  # to what all processes share; None: this one is alone
