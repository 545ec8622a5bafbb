"""Accounts: signing in, passwords, settings, secrets of the overlay."""

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

import structlog
from msgspec import Struct

from core import (
    account_settings,
    license_keys,
    licenses,
    notices,
    overlay_secrets,
    password_reset,
    plan_limits,
    usernames,
)
from core.account import Profile, SignIn, account_of, require_user, set_password
from core.account_settings import Check
from core.clock import Clock, iso
from core.config import Config
from core.errors import (
    InvalidCode,
    InvalidCredentials,
    LicenseNotFound,
    Unavailable,
    UserBanned,
)
from core.notices import NoticeKind
from core.overlay_secrets import Holder, Kind
from core.passwords import Passwords, check_length, check_new_password
from core.secrets import Secrets
from core.settings import Language, Settings
from storage.db import Database, DatabaseError, UnitOfWork
from storage.models import ChangeKind, User

log = structlog.get_logger(__name__)

SEEN_EVERY = timedelta(hours=1)  # how exactly it is kept when somebody was here
ATTEMPTS = 3  # when somebody else changed the account between our look and our write


class _Proof(Struct, frozen=True):
    """The right password, checked before the transaction; `user_id` None: the account is to be made."""

    user_id: int | None
    password_hash: str


class Accounts:
    def __init__(
        self,
        db: Database,
        passwords: Passwords,
        secrets: Secrets,
        config: Config,
        clock: Clock,
        *,
        checks: Mapping[str, Check] | None = None,
    ) -> None:
        self._db = db
        self._passwords = passwords
        self._secrets = secrets
        self._config = config
        self._clock = clock
        self._checks = checks or {}

    # Signing in

    async def redeem(
        self, username: str, password: str, license_key: str, language: Language = "en"
    ) -> SignIn:
        """Sign in with a key: makes the account where there is none, binds the key where it is unbound.

        `language`: of an account made by it.
        """
        key = license_keys.normalise(license_key)
        key_mac = license_keys.mac(key, self._secrets.license_pepper)
        name = usernames.normalise(username)
        check_length(password)
        for _ in range(ATTEMPTS):
            proof = await self._prove_for_key(name, password, key_mac)
            if user := await self._redeem(name, proof, key_mac, language):
                return await self._sign_in(user)
        raise Unavailable

    async def login(self, username: str, password: str) -> SignIn:
        user = await self.prove(username, password)
        fresh = await self._rehash(user, password)
        async with self._db.begin() as uow:
            current = await require_user(uow, user.id, lock=True)
            if current.password_hash != user.password_hash:
                raise InvalidCredentials
            current.password_hash = fresh
        return await self._sign_in(current)

    async def prove(self, username: str, password: str) -> User:
        """The account whose password it is, as it was a moment ago."""
        check_length(password)
        async with self._db.read() as uow:
            user = await uow.accounts.get_by_username(usernames.fold(username))
        return await self._check_password(user, password)

    async def sign_in(self, user_id: int) -> SignIn:
        """For somebody whose identity is proven already."""
        async with self._db.read() as uow:
            user = await require_user(uow, user_id)
        if user.is_banned:
            raise UserBanned
        return await self._sign_in(user)

    async def profile(self, user_id: int) -> Profile:
        async with self._db.read() as uow:
            user = await require_user(uow, user_id)
            license_ = await licenses.state(uow, user, self._clock.now(), self._config)
        return Profile(
            id=user.id,
            username=user.username,
            role=user.role.value,
            plan=license_.plan,
            license_expires_at=license_.expires_at,
            settings=account_settings.of_user(user),
        )

    async def _prove_for_key(self, name: str, password: str, key_mac: str) -> _Proof:
        """Everything that can be refused before the transaction.

        An unknown key first: to whoever has none, names that are taken and names that are free look the same.
        """
        async with self._db.read() as uow:
            user = await uow.accounts.get_by_username(name)
            key = await uow.licenses.get_by_mac(key_mac)
        if key is None:
            raise LicenseNotFound
        if user is None:
            licenses.check_redeemable(key, None)
            check_new_password(password)
            return _Proof(None, await self._passwords.hash(password))
        user = await self._check_password(user, password)
        return _Proof(user.id, user.password_hash or "")

    async def _redeem(self, name: str, proof: _Proof, key_mac: str, language: Language) -> User | None:
        """None: the account is not as it was when the password was checked."""
        async with self._db.begin() as uow:
            user = await uow.accounts.get_by_username(name, lock=True)
            if user is None and proof.user_id is None:
                user = await self._add(uow, name, proof.password_hash, language)
            if user is None or user.password_hash != proof.password_hash:
                return None
            await licenses.redeem(uow, key_mac, user, self._clock.now())
        return user

    async def _add(self, uow: UnitOfWork, name: str, password_hash: str, language: Language) -> User | None:
        now = self._clock.now()
        settings = {"tiktok_username": name, "language": language}
        user = User(username=name, password_hash=password_hash, settings=settings, created_at=now)
        if not await uow.accounts.add_user(user):
            return None
        uow.accounts.add_tiktok_name(user.id, name, now)
        return user

    async def _sign_in(self, user: User) -> SignIn:
        now = self._clock.now()
        if user.last_seen_at is None or now - user.last_seen_at >= SEEN_EVERY:
            await self._note_seen(user.id, now)
        async with self._db.read() as uow:
            return SignIn(account_of(user), await licenses.state(uow, user, now, self._config))

    async def _note_seen(self, user_id: int, now: datetime) -> None:
        """Not worth a refusal: one can sign in also where nothing can be written."""
        try:
            async with self._db.begin() as uow:
                (await require_user(uow, user_id, lock=True)).last_seen_at = now
        except DatabaseError as error:
            log.warning("last_seen_not_noted", reason=type(error).__name__)

    async def _check_password(self, user: User | None, password: str) -> User:
        if not await self._passwords.verify(user.password_hash if user else None, password) or user is None:
            raise InvalidCredentials
        if user.is_banned:
            raise UserBanned
        return user

    async def _rehash(self, user: User, password: str) -> str | None:
        """The hash by today's parameters."""
        if user.password_hash and self._passwords.needs_rehash(user.password_hash):
            return await self._passwords.hash(password)
        return user.password_hash

    # Passwords

    async def change_password(self, user_id: int, current: str, new: str) -> None:
        """Every older token and socket ends."""
        check_length(current, "current_password")
        check_new_password(new, "new_password")
        async with self._db.read() as uow:
            user = await require_user(uow, user_id)
        await self._check_password(user, current)
        hashed = await self._passwords.hash(new)
        async with self._db.begin() as uow:
            locked = await require_user(uow, user_id, lock=True)
            if locked.password_hash != user.password_hash:
                raise InvalidCredentials
            set_password(uow, locked, hashed, self._clock.now())

    async def request_reset(self, username: str) -> None:
        """A code by the bot. The same answer whether or not one is sent."""
        now = self._clock.now()
        async with self._db.begin() as uow:
            user = await uow.accounts.get_by_username(usernames.fold(username), lock=True)
            if user is None or user.telegram_id is None or not self._config.telegram.token:
                return
            seed = await password_reset.new_code(uow, user, self._secrets.reset_key, now)
            if seed:
                key = f"reset:{iso(now)}"
                await notices.add(uow, user.id, NoticeKind.RESET_CODE, key, now, seed=seed)

    def reset_code(self, seed: str) -> str:
        """What the bot is to send."""
        return password_reset.code_of(seed, self._secrets.reset_key)

    async def confirm_reset(self, username: str, code: str, new_password: str) -> None:
        check_new_password(new_password, "new_password")
        if not await self._is_right_code(username, code):
            raise InvalidCode
        hashed = await self._passwords.hash(new_password)
        async with self._db.begin() as uow:
            user = await uow.accounts.get_by_username(usernames.fold(username), lock=True)
            if user is None or await uow.accounts.get_reset_code(user.id) is None:
                raise InvalidCode
            await uow.accounts.delete_reset_code(user.id)
            set_password(uow, user, hashed, self._clock.now())

    async def _is_right_code(self, username: str, code: str) -> bool:
        async with self._db.begin() as uow:
            user = await uow.accounts.get_by_username(usernames.fold(username), lock=True)
            if user is None:
                return False
            return await password_reset.is_right(uow, user, code, self._secrets.reset_key, self._clock.now())

    # Settings

    async def settings(self, user_id: int) -> Settings:
        async with self._db.read() as uow:
            return account_settings.of_user(await require_user(uow, user_id))

    async def update_settings(self, user_id: int, changes: Mapping[str, Any]) -> Settings:
        """All of `changes` or none. Raises `Invalid` naming the field, or `PlanLimit`."""
        async with self._db.begin() as uow:
            user = await require_user(uow, user_id, lock=True)
            before = account_settings.of_user(user)
            after = account_settings.changed(before, changes)
            await self._check_changes(uow, user, before, after)
            user.settings = account_settings.stored(after, (*user.settings, *changes))
            uow.accounts.note_change(user_id, ChangeKind.SETUP, self._clock.now())
        return after

    async def _check_changes(self, uow: UnitOfWork, user: User, before: Settings, after: Settings) -> None:
        for name, check in self._checks.items():
            value = getattr(after, name)
            if value is not None and value != getattr(before, name):
                await check(uow, user.id, value)
        handle = after.tiktok_username
        if handle is not None and handle != before.tiktok_username:
            now = self._clock.now()
            license_ = await licenses.state(uow, user, now, self._config)
            terms = plan_limits.terms_of(self._config, license_.plan)
            await account_settings.take_tiktok_name(uow, user.id, handle, terms, now)

    # Secrets of overlay and player

    def overlay_secret(self, user_id: int, version: int) -> str:
        return overlay_secrets.make("overlay", Holder(user_id, version), self._secrets.overlay_key)

    def player_secret(self, user_id: int, version: int) -> str:
        return overlay_secrets.make("player", Holder(user_id, version), self._secrets.overlay_key)

    def holder_of(self, kind: Kind, secret: str) -> Holder | None:
        """Whom it was made for, which may have been rotated away since; None where it is not one of ours."""
        return overlay_secrets.read(kind, secret, self._secrets.overlay_key)

    async def rotate_overlay(self, user_id: int) -> int:
        """The new version, which both secrets are made with; the old ones stop working."""
        async with self._db.begin() as uow:
            user = await require_user(uow, user_id, lock=True)
            user.overlay_version += 1
            uow.accounts.note_change(user_id, ChangeKind.ACCESS, self._clock.now())
            return user.overlay_version
