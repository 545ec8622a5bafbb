"""Session tokens: JWT, HS256, key by `kid`. Every failure is the same `invalid token`."""

import re
import secrets as random
from collections import OrderedDict
from typing import Any

import jwt
import msgspec
from msgspec import Struct

from core.clock import Clock
from core.errors import InvalidToken
from core.secrets import Secrets

ISSUER = "ttboost"
LEEWAY = 30  # seconds a phone's or another server's clock may be off
MAX_LENGTH = 2048
MAX_PROVEN = 20_000
_ACCOUNT = re.compile(r"[1-9][0-9]{0,8}")
_REQUIRED = ["exp", "iat", "sub", "aud", "iss", "jti", "ver"]


class Claims(Struct, frozen=True):
    sub: str
    ver: int  # `token_version` of the account when it was issued
    iat: int
    exp: int
    jti: str

    @property
    def user_id(self) -> int:
        return int(self.sub)


def new_id() -> str:
    return random.token_urlsafe(12)


class Tokens:
    def __init__(self, secrets: Secrets, ttl_hours: float, clock: Clock) -> None:
        self._keys = secrets.jwt_keys
        self._active = secrets.jwt_active
        self._clock = clock
        self._proven: OrderedDict[tuple[str, str], Claims] = OrderedDict()  # oldest first
        self.ttl = int(ttl_hours * 3600)

    def issue(self, user_id: int, version: int, audience: str, jti: str | None = None) -> str:
        """`jti`: the token's id, where somebody else wants to know it."""
        now = int(self._clock.now().timestamp())
        claims = {
            "iss": ISSUER,
            "sub": str(user_id),
            "aud": audience,
            "iat": now,
            "exp": now + self.ttl,
            "jti": jti or new_id(),
            "ver": version,
        }
        return jwt.encode(claims, self._keys[self._active], algorithm="HS256", headers={"kid": self._active})

    def verify(self, token: str, audience: str) -> Claims:
        """Signed by us, for this audience, in its time. Whether it was revoked is the account's to say."""
        claims = self._proven.get((audience, token)) or self._prove(audience, token)
        now = self._clock.now().timestamp()
        if not _ACCOUNT.fullmatch(claims.sub) or claims.exp + LEEWAY <= now or claims.iat - LEEWAY > now:
            raise InvalidToken
        return claims

    def _prove(self, audience: str, token: str) -> Claims:
        """What the token says, whatever the time. A signature that was right once is right for good."""
        if len(token) > MAX_LENGTH or not token.isascii():
            raise InvalidToken
        try:
            claims = msgspec.convert(self._decode(token, audience), Claims)
        except (jwt.PyJWTError, msgspec.ValidationError, RecursionError) as error:
            raise InvalidToken from error
        self._proven[audience, token] = claims
        if len(self._proven) > MAX_PROVEN:
            self._proven.popitem(last=False)
        return claims

    def _decode(self, token: str, audience: str) -> dict[str, Any]:
        kid = jwt.get_unverified_header(token).get("kid")
        key = self._keys.get(kid) if isinstance(kid, str) else None
        if key is None:
            raise InvalidToken
        # Times are checked by our clock, which tests can move.
        options: dict[str, Any] = {
            "require": _REQUIRED,
            "strict_aud": True,
            "verify_exp": False,
            "verify_iat": False,
        }
        return jwt.decode(
            token,
            key,
            algorithms=["HS256"],
            audience=audience,
            issuer=ISSUER,
            options=options,  # type: ignore[arg-type]  # a TypedDict
        )
