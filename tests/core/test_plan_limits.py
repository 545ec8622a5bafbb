import pytest

from core import plan_limits
from core.config import Config, Plan
from core.plan_limits import SPEECH, TIKTOK_CHANGES, TRIGGERS, Terms

SMALL = Plan(title="Small", triggers=1, tiktok_changes_per_month=1)
MIDDLE = Plan(title="Middle", triggers=50, stars=100)
FREE = Plan(title="Friends", triggers=60)
LARGE = Plan(title="Large", triggers=2_000, stars=500, speech_characters_per_day=1_000_000)
PLANS = {"small": SMALL, "large": LARGE, "friends": FREE, "middle": MIDDLE}


def test_it_says_how_much_is_allowed_and_used_and_which_plan_allows_more():
    refused = plan_limits.refusal(Terms(MIDDLE, PLANS), TRIGGERS, 50)

    assert refused.detail == "plan limit: Middle allows 50 triggers, 50 are used; Large allows 2,000"
    assert refused.details == {
        "what": "triggers",
        "limit": 50,
        "used": 50,
        "plan": "middle",
        "title": "Middle",
        "larger": {"plan": "large", "title": "Large", "limit": 2_000},
    }


def test_where_no_plan_allows_more_it_says_so():
    refused = plan_limits.refusal(Terms(LARGE, PLANS), SPEECH, 999_990)

    assert refused.detail == (
        "plan limit: Large allows 1,000,000 characters of speech a day, 999,990 are used; "
        "no plan here allows more"
    )
    assert refused.details["larger"] is None


def test_of_plans_that_allow_more_the_cheapest_for_sale_is_named():
    assert Terms(SMALL, PLANS).larger(TRIGGERS) == "middle"


def test_one_that_is_not_for_sale_is_better_than_none():
    assert Terms(SMALL, {"small": SMALL, "friends": FREE}).larger(TRIGGERS) == "friends"


def test_a_plan_that_allows_no_more_of_it_is_not_named():
    assert Terms(MIDDLE, {"middle": MIDDLE, "friends": FREE}).larger(SPEECH) is None


def test_one_is_said_as_one():
    refused = plan_limits.refusal(Terms(SMALL, PLANS), TIKTOK_CHANGES, 1, field="tiktok_username")

    assert "Small allows 1 change of the TikTok name a month" in refused.detail
    assert refused.details["field"] == "tiktok_username"


@pytest.mark.parametrize("plan", [None, "gone"])
def test_without_a_license_the_smallest_plans_terms_hold(config: Config, plan: str | None):
    assert plan_limits.terms_of(config, plan).name == "standard"
