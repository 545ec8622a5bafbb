"""What a plan allows, and which of two is better."""

from collections.abc import Iterable

from core.config import Config, Plan


def limits_of(config: Config, name: str | None) -> Plan:
    """What `name` allows. Without a license, or with a plan no longer configured: the smallest plan."""
    found = config.plans.get(name) if name else None
    return found or min(config.plans.values(), key=lambda plan: _worth(config, plan))


def title_of(config: Config, name: str | None) -> str | None:
    """What people call the plan; of one no longer configured there is but the name."""
    found = config.plans.get(name) if name else None
    return found.title if found else name


def best(config: Config, names: Iterable[str]) -> str | None:
    """The most generous of `names`; None where there are none."""
    return max(names, key=lambda name: _worth(config, limits_of(config, name)), default=None)


def sound_quota(config: Config, plan: Plan) -> int:
    """Bytes of sounds the plan may keep."""
    return plan.sound_quota_bytes or config.sounds.quota_bytes


def default_plan(config: Config) -> str:
    """What a key is issued for where nobody names a plan."""
    return "standard" if "standard" in config.plans else next(iter(config.plans))


def _worth(config: Config, plan: Plan) -> tuple[int, ...]:
    """Compared left to right: what streamers run out of first comes first."""
    return (
        plan.tiktok_usernames,
        plan.triggers,
        plan.speech_characters_per_day,
        sound_quota(config, plan),
        plan.tiktok_changes_per_month,
    )
