from core import plans
from core.config import Config


def test_the_more_generous_plan_is_better(config: Config):
    assert plans.best(config, ["standard", "studio"]) == "studio"
    assert plans.best(config, ["studio", "standard"]) == "studio"


def test_of_no_plans_none_is_best(config: Config):
    assert plans.best(config, []) is None


def test_without_a_license_the_smallest_plan_bounds(config: Config):
    assert plans.limits_of(config, None) == config.plans["standard"]


def test_a_plan_no_longer_configured_allows_what_the_smallest_does(config: Config):
    assert plans.limits_of(config, "gone") == config.plans["standard"]
    assert plans.best(config, ["gone", "studio"]) == "studio"


def test_the_sound_quota_is_the_plans_or_the_general_one(config: Config):
    plan = config.plans["standard"]

    assert plans.sound_quota(config, plan) == config.sounds.quota_bytes
    assert plans.sound_quota(config, plan.model_copy(update={"sound_quota_bytes": 5})) == 5


def test_keys_are_issued_for_standard_or_the_first_plan(config: Config):
    only = config.model_copy(update={"plans": {"gold": config.plans["studio"]}})

    assert plans.default_plan(config) == "standard"
    assert plans.default_plan(only) == "gold"
