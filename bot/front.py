"""What the handlers may use: the services, and in whose name an update speaks."""

from dataclasses import dataclass

from msgspec import Struct

from bot.needs import Identity, Orders, Payments, Referrals, Shop, Tickets
from core.account import Account
from core.audit import Act
from core.i18n import Words
from core.license_clock import LicenseState
from core.services import Services


@dataclass(frozen=True, slots=True, kw_only=True)
class Front:
    services: Services
    address: str  # where this process listens
    identity: Identity
    shop: Shop
    payments: Payments
    orders: Orders
    tickets: Tickets
    referrals: Referrals

    @property
    def base_url(self) -> str:
        """What the addresses handed out begin with."""
        return self.services.config.web.public_url or self.address

    @property
    def currency(self) -> str:
        return self.services.config.orders.currency


class Person(Struct, frozen=True):
    """Who wrote, with their account and their language."""

    telegram_id: int
    name: str
    account: Account
    license: LicenseState
    words: Words
    is_new: bool = False  # made by this very update

    @property
    def user_id(self) -> int:
        return self.account.id

    def act(self, front: Front) -> Act:
        return Act(f"tg:{self.telegram_id}", front.services.clock.now())
