"""Init data signed as Telegram signs it, for bots that do not exist."""

import hashlib
import hmac
import json
from urllib.parse import quote, urlencode

TOKEN = "42:TEST"
ANNA = {"id": 77, "first_name": "Анна", "last_name": "O/Neil", "username": "anna", "language_code": "ru"}


def sign(fields: dict[str, str], token: str = TOKEN) -> str:
    """The hash over `fields`."""
    secret = hmac.new(b"WebAppData", token.encode(), hashlib.sha256).digest()
    said = "\n".join(f"{name}={value}" for name, value in sorted(fields.items()))
    return hmac.new(secret, said.encode(), hashlib.sha256).hexdigest()


def init_data(now: float, user: object = None, token: str = TOKEN, **more: str) -> str:
    """A user that is text goes in as it is."""
    told = user if isinstance(user, str) else json.dumps(user or ANNA, ensure_ascii=False)
    fields = {"query_id": "AAH", "user": told, "auth_date": str(int(now)), **more}
    return urlencode({**fields, "hash": sign(fields, token)}, quote_via=quote)
