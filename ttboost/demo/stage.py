"""Furnishes the demo: a streamer with a license, a few triggers, and links to look at."""

import msgspec

from core import plans
from core.audit import Act
from core.license_clock import LicenseState
from core.licenses import Batch, issue
from core.plan_limits import terms_of
from core.services import Services
from core.triggers import service
from core.triggers.intake import TriggerBody
from ttboost.demo import past, sounds, wallet

USERNAME = "demo_streamer"
PASSWORD = "demo-password"  # noqa: S105  the demo listens on this machine alone and says so
LICENSE_DAYS = 3650

_TRIGGERS = (
    {"event_type": "gift", "condition_key": "gift_name", "condition_value": "Rose", "action": "play_sound",
     "action_params": {"sound_filename": "bell"}, "name": "A Rose rings the bell"},
    {"event_type": "gift", "condition_key": "min_diamonds", "condition_value": "99", "action": "play_sound",
     "action_params": {"sound_filename": "fanfare"}, "name": "Big gifts", "priority": 10},
    {"event_type": "gift", "condition_key": "min_diamonds", "condition_value": "30", "action": "alert",
     "action_params": {"text_template": "{user}: {gift_name} × {count}", "image": "gift", "duration": 6},
     "name": "Thank-you on screen"},
    {"event_type": "gift", "condition_key": "min_diamonds", "condition_value": "99", "action": "tts",
     "action_params": {"text_template": "Thank you {user} for {count} {gift_name}!"}, "name": "Thanks"},
    {"event_type": "follow", "action": "alert",
     "action_params": {"text_template": "{user} follows you", "image": "heart", "duration": 4},
     "name": "New follower", "cooldown_seconds": 5},
    {"event_type": "like", "condition_key": "every", "condition_value": "1000", "action": "alert",
     "action_params": {"text_template": "{likes} likes!", "image": "party", "duration": 5},
     "name": "Every 1,000 likes"},
)  # fmt: skip


_PRONUNCIATIONS = [
    {"name": "xX_Button_Xx", "say": "Button"},
    {"name": "Brezelmütze", "say": "Braytsel Mewtseh"},
]


async def furnish(services: Services, address: str) -> list[str]:
    """Make what is not there yet; the lines to print."""
    accounts = services.accounts
    if not await _exists(services):
        async with services.db.begin() as uow:
            batch = Batch(plans.default_plan(services.config), LICENSE_DAYS)
            [key] = await issue(uow, batch, services.secrets.license_pepper, Act("cli", services.clock.now()))
        signed_in = await accounts.redeem(USERNAME, PASSWORD, key)
        await _add_triggers(services, signed_in.account.id, signed_in.license)
        await past.add(services, signed_in.account.id, USERNAME)
        await accounts.update_settings(signed_in.account.id, {"pronunciations": _PRONUNCIATIONS})
        _add_sounds(services, signed_in.account.id, signed_in.license)
    signed_in = await accounts.login(USERNAME, PASSWORD)
    account = signed_in.account
    await wallet.fill(services, account.id)
    await services.studios.start_live(account.id)
    services.identity.lend(services.secrets.demo_ticket, account)
    return [
        "TTBoost demo: a made-up LIVE in a loop. Open the player on this machine and tap once for sound.",
        f"player   {address}/player/{accounts.player_secret(account.id, account.overlay_version)}",
        f"overlay  {address}/overlay/{accounts.overlay_secret(account.id, account.overlay_version)}",
        f"app      {address}/app#ticket={services.secrets.demo_ticket}",
        f"account  {USERNAME} / {PASSWORD}",
    ]


async def _exists(services: Services) -> bool:
    async with services.db.read() as uow:
        return await uow.accounts.get_by_username(USERNAME) is not None


async def _add_triggers(services: Services, user_id: int, license_: LicenseState) -> None:
    terms = terms_of(services.config, license_.plan)
    async with services.db.begin() as uow:
        for wanted in _TRIGGERS:
            body = msgspec.convert(wanted, TriggerBody)
            await service.save(uow, user_id, body, terms, services.clock, services.trigger_checks)


def _add_sounds(services: Services, user_id: int, license_: LicenseState) -> None:
    """In the background: each takes a process of its own, and nobody waits for them."""
    quota = plans.sound_quota(services.config, plans.limits_of(services.config, license_.plan))
    _ = services.tasks.spawn(sounds.add(services, user_id, quota), name="demo sounds")
