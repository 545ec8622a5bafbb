"""Bodies nobody asked for, the same in every run."""

import random
from typing import Any

_ATOMS = [
    None, True, False, 0, -1, 1, 3.5, -0.0, 10**30, 1e308, "", " ", "x", "ключ", "𝕏" * 50, "a" * 3000,
    "%00", "\x07", "{user}", "../..", "' OR 1=1 --", "[[[", "2026-01-01", [], {}, [[]], [None], {"": ""},
]  # fmt: skip


def bodies(fields: list[str], count: int = 25) -> list[Any]:
    """Random values under the names a call knows, and a few things that are no object at all."""
    dice = random.Random(",".join(fields))
    return [
        *_ATOMS[:6],
        *({name: _value(dice, 0) for name in fields if dice.random() < 0.8} for _ in range(count)),
    ]


def _value(dice: random.Random, depth: int) -> Any:
    choice = dice.random()
    if depth < 3 and choice < 0.15:
        return [_value(dice, depth + 1) for _ in range(dice.randrange(4))]
    if depth < 3 and choice < 0.3:
        return {
            dice.choice(["id", "type", "key", "value", "name"]): _value(dice, depth + 1) for _ in range(3)
        }
    return dice.choice(_ATOMS)
