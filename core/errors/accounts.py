"""Refusals about accounts, licenses and signing in."""

from core.errors.kinds import Conflict, Forbidden, Invalid, NotFound, Unauthenticated, Unavailable


class InvalidLicenseKey(Invalid):
    code = "invalid_license_key"
    text = "invalid license key"


class LicenseNotFound(NotFound):
    code = "license_not_found"
    text = "license not found"


class LicenseRevoked(Forbidden):
    code = "license_revoked"
    text = "license revoked"


class LicenseSuspended(Forbidden):
    code = "license_suspended"
    text = "license suspended"


class LicenseAlreadyBound(Conflict):
    code = "license_already_bound"
    text = "license already bound to another user"


class LicenseRequired(Forbidden):
    code = "license_required"
    text = "license required"


class LicenseExpired(Forbidden):
    code = "license_expired"
    text = "license expired"


class PlanLimit(Forbidden):
    """The plan does not reach that far. `core.plan_limits` makes it: `what`, `limit`, `used`, `plan` and
    `larger`, the plan that allows more, in the details."""

    code = "plan_limit"
    text = "plan limit"


class InvalidCredentials(Unauthenticated):
    code = "invalid_credentials"
    text = "invalid credentials"


class MissingToken(Unauthenticated):
    code = "missing_token"
    text = "missing bearer token"


class InvalidToken(Unauthenticated):
    code = "invalid_token"
    text = "invalid token"


class InitDataInvalid(Unauthenticated):
    code = "init_data_invalid"
    text = "this did not come from Telegram: open the app from the bot again"


class InitDataExpired(Unauthenticated):
    code = "init_data_expired"
    text = "opened too long ago: close the app and open it again"


class TicketInvalid(Unauthenticated):
    code = "ticket_invalid"
    text = "this link was used or is too old: ask the bot for a new one"


class TelegramNotSetUp(Unavailable):
    code = "telegram_not_set_up"
    text = "there is no Telegram bot here"


class UsernameTaken(Conflict):
    code = "username_taken"
    text = "this username is taken"


class CredentialsSet(Conflict):
    code = "credentials_set"
    text = "this account has a username and a password already"


class AccountsInUse(Conflict):
    code = "accounts_in_use"
    text = "both accounts hold money or a license, so they cannot be joined"


class AlreadyLinked(Conflict):
    code = "already_linked"
    text = "already linked to Telegram"


class LinkRequestNotFound(NotFound):
    """Never asked for, answered already, or over."""

    code = "link_request_not_found"
    text = "nothing to confirm, or it is too late: ask again"


class UserBanned(Forbidden):
    code = "user_banned"
    text = "user banned"


class UserNotFound(NotFound):
    code = "user_not_found"
    text = "user not found"


class InvalidCode(Invalid):
    code = "invalid_code"
    text = "invalid code"
