"""Who can deliver in this installation."""

from collections.abc import Mapping

from core.clock import Clock
from core.config import Config
from core.errors import Invalid
from core.fulfilment.operator import Operator
from core.fulfilment.provider import Manual, Provider
from core.fulfilment.simulated import Simulated
from core.orders.states import MANUAL, OPERATOR, SIMULATED


def build(config: Config, clock: Clock, *, is_demo: bool) -> Mapping[str, Provider]:
    """By name. Orders made while another one was configured still go to theirs. Raises `Invalid`."""
    wanted, operator = config.orders.provider, config.fulfilment.operator
    if wanted == SIMULATED and not is_demo:
        key = "orders.provider"
        raise Invalid(f"configuration: {key}: simulated is for the demo alone", field=key)
    found: dict[str, Provider] = {MANUAL: Manual()}
    if is_demo:
        found[SIMULATED] = Simulated()
    if wanted == OPERATOR or (operator.url and operator.secret):
        found[OPERATOR] = Operator(operator, clock)
    return found
