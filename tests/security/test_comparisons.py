"""A secret is compared in constant time: `==` tells by its time how much of a guess was right."""

import ast
import re
from collections.abc import Iterator
from pathlib import Path

ROOT = Path(__file__).parents[2]
PACKAGES = ("bot", "core", "storage", "ttboost", "webapp")
SECRET = re.compile(r"(^|_)(mac|hmac|signature|digest|secret|password|token|ticket|hash)$")

PLAIN = {
    # both sides were read from the database: whether it changed meanwhile
    "core/accounts.py: current.password_hash != user.password_hash",
    "core/accounts.py: locked.password_hash != user.password_hash",
    "core/accounts.py: user.password_hash != proof.password_hash",
    # no secrets: they tell whether something is the same, or unbroken
    "core/fulfilment/callbacks.py: known.body_hash != body_hash",
    "core/money/verify.py: entry.hash != entry_hash(entry)",
    "core/money/verify.py: entry.hash != self._anchor.hash",
    "core/money/verify.py: entry.prev_hash != self._head",
    # the growing numbers of leases
    "core/cluster/far.py: owner.token != self._tokens.get(user_id)",
    "core/cluster/leases.py: row.token == lease.token",
    "core/cluster/leases.py: self._announced.get(user_id) == row.token",
    "storage/repositories/leases.py: StudioLease.token == token",
    # looked up by a hash: what its time tells of the hash tells nothing of the secret
    "storage/repositories/identity.py: SignInTicket.ticket_hash == ticket_hash",
    "storage/repositories/licenses.py: License.key_mac == key_mac",
}


def test_no_secret_is_compared_letter_by_letter():
    assert {f"{place}: {text}" for place, text in compared()} == PLAIN


def compared() -> Iterator[tuple[str, str]]:
    """Where something that is named like a secret meets anything but a constant in `==` or `!=`."""
    for package in PACKAGES:
        for file in sorted((ROOT / package).rglob("*.py")):
            for node in ast.walk(ast.parse(file.read_text("utf-8"))):
                if isinstance(node, ast.Compare) and _is_risky(node):
                    yield file.relative_to(ROOT).as_posix(), ast.unparse(node)


def _is_risky(node: ast.Compare) -> bool:
    sides = [node.left, *node.comparators]
    if not all(isinstance(one, ast.Eq | ast.NotEq) for one in node.ops):
        return False
    return any(map(_is_secret, sides)) and not any(isinstance(one, ast.Constant) for one in sides)


def _is_secret(node: ast.expr) -> bool:
    match node:
        case ast.Attribute(attr=name) | ast.Name(id=name):
            return bool(SECRET.search(name))
        case ast.Call(func=ast.Attribute(attr=name) | ast.Name(id=name)):
            return name in {"sign", "digest", "hexdigest", "get_secret_value"} or bool(SECRET.search(name))
        case _:
            return False
