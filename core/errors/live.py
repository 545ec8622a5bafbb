"""Refusals about sounds and LIVEs."""

from core.errors.kinds import Conflict, Full, Invalid, NotFound, TooLarge

# Sounds


class UnsupportedSound(Invalid):
    code = "unsupported_sound"
    text = "unsupported sound"


class SoundExists(Conflict):
    code = "sound_exists"
    text = "sound exists"


class SoundInUse(Conflict):
    code = "sound_in_use"
    text = "sound in use"


class TriggerChanged(Conflict):
    code = "trigger_changed"
    text = "trigger changed meanwhile"


class FileTooLarge(TooLarge):
    code = "file_too_large"
    text = "file too large"


class QuotaExceeded(Full):
    code = "quota_exceeded"
    text = "quota exceeded"


class SoundNotFound(NotFound):
    code = "sound_not_found"
    text = "sound file not found"


# LIVE


class TiktokUsernameNotSet(Invalid):
    code = "tiktok_username_not_set"
    text = "tiktok username not set"
