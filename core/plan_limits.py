"""What a plan allows, said plainly where it stops somebody, and which plan allows more."""

from collections.abc import Mapping

from msgspec import Struct

from core.config import Config, Plan
from core.errors import PlanLimit
from core.plans import limits_of

TRIGGERS = "triggers"
TIKTOK_CHANGES = "tiktok_changes_per_month"
SPEECH = "speech_characters_per_day"

_WORDS = {
    TRIGGERS: ("{} trigger", "{} triggers"),
    TIKTOK_CHANGES: ("{} change of the TikTok name a month", "{} changes of the TikTok name a month"),
    SPEECH: ("{} character of speech a day", "{} characters of speech a day"),
}
"""By the field of `Plan` that bounds it."""

WHATS = tuple(_WORDS)


class Terms(Struct, frozen=True):
    """Somebody's plan among all there are."""

    plan: Plan
    plans: Mapping[str, Plan]

    @property
    def name(self) -> str:
        return next((name for name, plan in self.plans.items() if plan is self.plan), "")

    def larger(self, what: str) -> str | None:
        """The next plan that allows more of `what`; one that can be bought comes first."""
        least = getattr(self.plan, what)
        more = [name for name, plan in self.plans.items() if getattr(plan, what) > least]
        return min(more, key=lambda name: self._order(self.plans[name], what), default=None)

    def _order(self, plan: Plan, what: str) -> tuple[bool, int, int]:
        return not plan.stars, plan.stars, getattr(plan, what)


def terms_of(config: Config, name: str | None) -> Terms:
    """What holds for somebody whose plan is called so; without a license, what the smallest allows."""
    return Terms(limits_of(config, name), config.plans)


def refusal(terms: Terms, what: str, used: int, **details: object) -> PlanLimit:
    """`what`: the field of `Plan` that stops them."""
    limit, larger = getattr(terms.plan, what), terms.larger(what)
    offer = terms.plans[larger] if larger else None
    way_on = f"{offer.title} allows {getattr(offer, what):,}" if offer else "no plan here allows more"
    return PlanLimit(
        f"{PlanLimit.text}: {terms.plan.title} allows {_words(what, limit)}, {used:,} are used; {way_on}",
        what=what,
        limit=limit,
        used=used,
        plan=terms.name,
        title=terms.plan.title,
        larger={"plan": larger, "title": offer.title, "limit": getattr(offer, what)} if offer else None,
        **details,
    )


def _words(what: str, limit: int) -> str:
    one, several = _WORDS[what]
    return (one if limit == 1 else several).format(f"{limit:,}")
