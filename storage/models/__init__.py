"""All tables. Import every one here, or the metadata is incomplete."""

from storage.models.accounts import (
    AuditEntry,
    Change,
    ChangeKind,
    License,
    LicenseStatus,
    Meta,
    ResetCode,
    TiktokName,
    User,
    UserRole,
)
from storage.models.base import Base
from storage.models.live import Counter, Gift, HistoryRow, Live, LiveViewer, Sound, TriggerRow

__all__ = [
    "AuditEntry",
    "Base",
    "Change",
    "ChangeKind",
    "Counter",
    "Gift",
    "HistoryRow",
    "License",
    "LicenseStatus",
    "Live",
    "LiveViewer",
    "Meta",
    "ResetCode",
    "Sound",
    "TiktokName",
    "TriggerRow",
    "User",
    "UserRole",
]
