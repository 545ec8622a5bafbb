"""Init data as a Mini App sends it, checked again and again on one CPU."""

import hashlib
import hmac
import time
from urllib.parse import quote, urlencode

from core.init_data import secret_of, verify
from ttboost.bench import Row, median_of

TIMES = 5_000  # in one measurement
NOW = 1_767_225_600
_USER = (
    '{"id":279058397,"first_name":"Владислав","last_name":"K","username":"vdkfrost","language_code":"ru",'
    '"is_premium":true,"allows_write_to_pm":true,"photo_url":"https:\\/\\/t.me\\/i\\/userpic\\/320\\/a.svg"}'
)


def run() -> list[Row]:
    secret = secret_of("42:TEST")
    raw = _signed(secret)
    return [Row("init data checked", median_of(lambda: _measure(raw, secret)), "a CPU-second")]


def _measure(raw: str, secret: bytes) -> float:
    began = time.process_time()
    for _ in range(TIMES):
        verify(raw, secret, NOW, 3600.0)
    return TIMES / (time.process_time() - began)


def _signed(secret: bytes) -> str:
    fields = {
        "user": _USER,
        "chat_instance": "8134722200314281151",
        "chat_type": "private",
        "auth_date": str(NOW),
        "signature": "zL-ucjNyREiHDE8aihFwpfR9aggP2xiAo3NSpfe-p7IbCisNlDKlo7Kb6G4D0Ao2mBrSgEk4maLSdv6MLIlADQ",
    }
    said = "\n".join(f"{name}={fields[name]}" for name in sorted(fields))
    fields["hash"] = hmac.new(secret, said.encode(), hashlib.sha256).hexdigest()
    return urlencode(fields, quote_via=quote)
