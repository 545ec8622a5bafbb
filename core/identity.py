"""Who somebody is: by Telegram's word, by a ticket of the bot's, and how two ways in become one account."""

import hashlib
import secrets
from datetime import datetime, timedelta

from msgspec import Struct

from core import init_data, joining, notices, usernames
from core.account import Account, SignIn, TelegramPerson, require_user
from core.accounts import Accounts
from core.clock import Clock, iso
from core.config import Config
from core.errors import (
    CredentialsSet,
    LinkRequestNotFound,
    RateLimited,
    TelegramNotSetUp,
    TicketInvalid,
    Unavailable,
    UsernameTaken,
)
from core.init_data import InitData
from core.notices import NoticeKind
from core.passwords import Passwords, check_new_password
from storage.db import Database, UnitOfWork
from storage.models import ChangeKind, LinkRequest, SignInTicket, User

TICKET_LASTS = timedelta(minutes=5)
MAX_TICKETS = 20  # of one account, open at the same time
REQUEST_LASTS = timedelta(minutes=10)
FRESH_SECONDS = 600.0  # how old init data may be that an account is joined by
LANGUAGES = ("en", "ru", "es")
_JOINERS = "\u200c\u200d"  # hold letters and emoji together


class _Opens(Struct, frozen=True):
    user_id: int
    token_version: int  # of the account when the ticket was made: ends with the tokens


class Identity:
    def __init__(
        self, db: Database, accounts: Accounts, passwords: Passwords, config: Config, clock: Clock
    ) -> None:
        self._db = db
        self._accounts = accounts
        self._passwords = passwords
        self._clock = clock
        self._max_age = float(config.auth.init_data_max_age_seconds)
        token = config.telegram.token
        self._secret = init_data.secret_of(token.get_secret_value()) if token else None
        self._lent: dict[str, _Opens] = {}

    # By Telegram

    def read(self, raw: str, max_age: float | None = None) -> InitData:
        """Checked init data. Raises `InitDataInvalid`, `InitDataExpired`, or `TelegramNotSetUp`."""
        if self._secret is None:
            raise TelegramNotSetUp
        now = self._clock.now().timestamp()
        return init_data.verify(raw, self._secret, now, self._max_age if max_age is None else max_age)

    async def by_telegram(self, who: TelegramPerson) -> SignIn:
        """Somebody Telegram vouches for; makes their account when they come for the first time."""
        async with self._db.read() as uow:
            known = await uow.accounts.get_by_telegram_id(who.telegram_id)
        is_new = False
        if known is None or _profile(known) != _profile_of(who):
            async with self._db.begin() as uow:
                known, is_new = await _find_or_create(uow, who, self._clock)
        signed_in = await self._accounts.sign_in(known.id)
        return SignIn(signed_in.account, signed_in.license, is_new)

    # By a ticket

    async def ticket_for(self, user_id: int) -> str:
        """For a link that opens this account once, within five minutes."""
        ticket, now = secrets.token_urlsafe(32), self._clock.now()
        async with self._db.begin() as uow:
            user = await require_user(uow, user_id, lock=True)
            await uow.identity.delete_tickets(now)
            if await uow.identity.count_tickets(user_id) >= MAX_TICKETS:
                raise RateLimited(retry_after=int(TICKET_LASTS.total_seconds()))
            uow.identity.add_ticket(
                SignInTicket(
                    ticket_hash=_hash(ticket),
                    user_id=user_id,
                    token_version=user.token_version,
                    expires_at=now + TICKET_LASTS,
                )
            )
        return ticket

    def lend(self, ticket: str, account: Account) -> None:
        """Let it open the account any number of times while this process runs: for a demo alone."""
        self._lent[_hash(ticket)] = _Opens(account.id, account.token_version)

    async def by_ticket(self, ticket: str) -> SignIn:
        """Raises `TicketInvalid` also where it was used."""
        hashed, now = _hash(ticket), self._clock.now()
        async with self._db.begin() as uow:
            opens = self._lent.get(hashed) or await _take(uow, hashed, now)
            user = await uow.accounts.get_user(opens.user_id) if opens else None
        if not opens or not user or user.token_version != opens.token_version:
            raise TicketInvalid
        return await self._accounts.sign_in(user.id)

    # A username and a password for who came by Telegram

    async def set_credentials(self, user_id: int, username: str, password: str) -> None:
        """Raises `UsernameTaken`, or `CredentialsSet` where there are some already."""
        name = usernames.normalise(username)
        check_new_password(password)
        hashed, now = await self._passwords.hash(password), self._clock.now()
        async with self._db.begin() as uow:
            user = await require_user(uow, user_id, lock=True)
            if user.password_hash is not None:
                raise CredentialsSet
            if not await uow.accounts.rename_user(user, name):
                raise UsernameTaken
            user.password_hash = hashed
            if not user.settings.get("tiktok_username"):
                user.settings = {**user.settings, "tiktok_username": name}
                uow.accounts.add_tiktok_name(user_id, name, now)
            for kind in (ChangeKind.ACCESS, ChangeKind.SETUP):
                uow.accounts.note_change(user_id, kind, now)
            key = f"credentials:{iso(now)}"
            await notices.add(uow, user_id, NoticeKind.CREDENTIALS_SET, key, now, username=name)

    # Two accounts of one person

    async def request_link(self, username: str, password: str, raw: str) -> None:
        """Ask the Telegram chat whether it and the account with the password are one person's.

        Raises what `joining.choose` refuses; the accounts change only once the chat has confirmed.
        """
        who = self.read(raw, FRESH_SECONDS)
        named = await self._accounts.prove(username, password)
        now = self._clock.now()
        async with self._db.begin() as uow:
            telegram, _ = await _find_or_create(uow, who, self._clock)
            named = await require_user(uow, named.id)
            await joining.choose(uow, telegram, named, now)
            request = await uow.identity.add_request(
                LinkRequest(
                    telegram_id=who.telegram_id,
                    user_id=named.id,
                    token_version=named.token_version,
                    expires_at=now + REQUEST_LASTS,
                )
            )
            said = {"request_id": request.id, "username": named.username}
            await notices.add(uow, telegram.id, NoticeKind.LINK_REQUEST, f"link:{request.id}", now, **said)

    async def confirm_link(self, telegram_id: int, request_id: int) -> SignIn:
        """The chat says yes. Raises `LinkRequestNotFound` where it is too late or was answered."""
        now = self._clock.now()
        async with self._db.begin() as uow:
            request = await uow.identity.take_request(telegram_id, request_id)
            telegram = await uow.accounts.get_by_telegram_id(telegram_id)
            named = await uow.accounts.get_user(request.user_id) if request else None
            is_good = request and named and named.token_version == request.token_version
            if not request or not telegram or not named or not is_good or now >= request.expires_at:
                raise LinkRequestNotFound
            kept = await joining.join(uow, telegram, named, now)
            key = f"joined:{request_id}"
            await notices.add(uow, kept.id, NoticeKind.ACCOUNTS_JOINED, key, now, username=kept.username)
        return await self._accounts.sign_in(kept.id)

    async def refuse_link(self, telegram_id: int, request_id: int) -> None:
        """The chat says no."""
        async with self._db.begin() as uow:
            await uow.identity.take_request(telegram_id, request_id)


async def _take(uow: UnitOfWork, hashed: str, now: datetime) -> _Opens | None:
    held = await uow.identity.take_ticket(hashed)
    return _Opens(held.user_id, held.token_version) if held and now < held.expires_at else None


async def _find_or_create(uow: UnitOfWork, who: TelegramPerson, clock: Clock) -> tuple[User, bool]:
    """The account of that Telegram id with the profile as it is now, and whether it is new."""
    user = await uow.accounts.get_by_telegram_id(who.telegram_id, lock=True)
    made = None
    if user is None:
        made = User(telegram_id=who.telegram_id, created_at=clock.now(), settings=_settings_for(who))
        # False: they came twice at the same moment.
        user = made if await uow.accounts.add_user(made) else None
    user = user or await uow.accounts.get_by_telegram_id(who.telegram_id, lock=True)
    if user is None:
        raise Unavailable
    if _profile(user) != _profile_of(who):
        user.first_name, user.last_name, user.telegram_name = _profile_of(who)
        uow.accounts.note_change(user.id, ChangeKind.SETUP, clock.now())
    return user, user is made


def _settings_for(who: TelegramPerson) -> dict[str, object]:
    language = who.language_code.partition("-")[0].lower()
    return {"language": language} if language in LANGUAGES[1:] else {}


def _profile(user: User) -> tuple[str, str, str]:
    return user.first_name, user.last_name, user.telegram_name


def _profile_of(who: TelegramPerson) -> tuple[str, str, str]:
    """As it fits into the table; what cannot be seen is left out."""
    return _visible(who.first_name)[:64], _visible(who.last_name)[:64], _visible(who.telegram_name)[:32]


def _visible(text: str) -> str:
    return "".join(char for char in text if char.isprintable() or char in _JOINERS).strip()


def _hash(ticket: str) -> str:
    return hashlib.sha256(ticket.encode(errors="replace")).hexdigest()
