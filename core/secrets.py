"""Secrets made once and kept beside the database, never in it: whoever copies the tables cannot use them."""

import contextlib
import hashlib
import hmac
import os
import secrets
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from core.errors import Invalid

FILE = "secrets.toml"
KEY_BYTES = 32

TEMPLATE = """\
# Made by ttboost. Keep it secret and back it up: without it no license key and no token is recognised.
master = "{master}"

# `active` signs new tokens, every key listed still opens old ones. To change keys: add one, make it active,
# restart, and drop the old one a day later.
[jwt]
active = "1"

[jwt.keys]
1 = "{jwt}"
"""


@dataclass(frozen=True, slots=True)
class Secrets:
    """One key for each purpose; all but the token keys are derived from `master`."""

    master: bytes
    jwt_keys: Mapping[str, bytes]
    jwt_active: str

    def derive(self, purpose: str) -> bytes:
        return hmac.digest(self.master, f"ttboost:{purpose}".encode(), hashlib.sha256)

    @property
    def license_pepper(self) -> bytes:
        return self.derive("license")

    @property
    def media_key(self) -> bytes:
        return self.derive("media")

    @property
    def overlay_key(self) -> bytes:
        return self.derive("overlay")

    @property
    def webhook_key(self) -> bytes:
        """Signs what our webhooks send; each account's own key is derived from it."""
        return self.derive("webhook")

    @property
    def reset_key(self) -> bytes:
        return self.derive("reset")

    @property
    def telegram_webhook_secret(self) -> str:
        return self.derive("telegram-webhook").hex()

    @property
    def demo_ticket(self) -> str:
        """The same after a restart, so that the link a demo prints can be kept."""
        return self.derive("demo-ticket").hex()

    @property
    def fingerprint(self) -> str:
        """Tells whether a database was made with these secrets, without telling them."""
        return self.derive("fingerprint").hex()[:32]


def load_or_create(data_dir: Path) -> Secrets:
    """Those of `data_dir/secrets.toml`; made on the first run, readable by the owner alone."""
    path = data_dir / FILE
    if not path.exists():
        _create(path)
    return _read(path)


def generate() -> Secrets:
    """New ones that are kept nowhere."""
    return Secrets(secrets.token_bytes(KEY_BYTES), {"1": secrets.token_bytes(KEY_BYTES)}, "1")


def _create(path: Path) -> None:
    """Written whole under another name first; of two processes the one that links first wins."""
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    draft = path.with_name(f".{FILE}.{secrets.token_hex(8)}")
    made = generate()
    text = TEMPLATE.format(master=made.master.hex(), jwt=made.jwt_keys["1"].hex())
    descriptor = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    try:
        with os.fdopen(descriptor, "w", encoding="utf-8") as file:
            file.write(text)
            file.flush()
            os.fsync(file.fileno())
        with contextlib.suppress(FileExistsError):
            os.link(draft, path)
    finally:
        draft.unlink()


def _read(path: Path) -> Secrets:
    try:
        table = tomllib.loads(path.read_text("utf-8"))
        jwt = table["jwt"]
        keys = {kid: _key(path, f"jwt.keys.{kid}", value) for kid, value in jwt["keys"].items()}
        found = Secrets(_key(path, "master", table["master"]), keys, str(jwt["active"]))
    except KeyError as error:
        raise Invalid(f"{path}: {error.args[0]} is missing") from error
    except (OSError, TypeError, AttributeError, UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        raise Invalid(f"cannot read {path}: {error}") from error
    if found.jwt_active not in found.jwt_keys:
        raise Invalid(f"{path}: jwt.active names no key of jwt.keys")
    return found


def _key(path: Path, name: str, value: Any) -> bytes:
    try:
        key = bytes.fromhex(value)
    except (TypeError, ValueError) as error:
        raise Invalid(f"{path}: {name} is not hexadecimal") from error
    if len(key) < KEY_BYTES:
        raise Invalid(f"{path}: {name} is shorter than {KEY_BYTES} bytes")
    return key
