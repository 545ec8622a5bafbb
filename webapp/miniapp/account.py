"""The account: its license, ways to sign in, devices, language, and leaving."""

from typing import Any

from core.account import require_user
from core.money import ledger
from webapp.miniapp.views import Scene, Views

views = Views("account")


@views("/account", "account.html")
async def show_account(scene: Scene) -> dict[str, Any]:
    services, user_id = scene.services, scene.user_id
    async with services.db.read() as uow:
        user = await require_user(uow, user_id)
    return {
        "user": user,
        "shelf": await services.shop.shelf(user_id),
        "devices": await services.devices.list_open(user_id, scene.token_id),
        "titles": {name: plan.title for name, plan in services.config.plans.items()},
        "balance": await _available(scene),
        "has_bot": services.config.telegram.token is not None,
    }


async def _available(scene: Scene) -> int:
    async with scene.services.db.read() as uow:
        return (await ledger.balance(uow, scene.user_id)).available
