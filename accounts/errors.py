"""The errors of the accounts.

Problem
├── NoAccount               a read without credentials
├── BadToken                a bearer token that is unknown or revoked
├── TooManyAccounts         enough accounts were made from one network address for now
├── TokenNotFound           no such token, or not yours
├── WrongOrigin             a write by cookie that another site's page sent
├── TierUnavailable         a privacy tier that this installation cannot keep
├── WrongMasterKey          a process that was started with another master key than the others
├── IdempotencyConflict     one key, two different requests
├── IdempotencyInProgress   the first request of this key is still at work
└── InvalidIdempotencyKey   a key that is empty, too long or not plain text
"""

from __future__ import annotations

from base.errors import InvalidInput, NotFound, Problem


class NoAccount(Problem):
    """This needs an account, and the request names none."""

    code = "no_account"
    status = 401
    title = "No account"
    action = "Open the page, send a first message, or use an API token in the Authorization header."


class BadToken(Problem):
    """This API token is unknown or was revoked."""

    code = "bad_token"
    status = 401
    title = "Token not accepted"
    action = "Make a new token under your account and send it as `Authorization: Bearer <token>`."


class TooManyAccounts(Problem):
    """Enough accounts were made from your network address for now."""

    code = "too_many_accounts"
    status = 429
    title = "Too many new accounts"
    action = "Try again later, or use an account that you have."


class TokenNotFound(NotFound):
    """There is no such token, or it is not yours."""

    code = "token_not_found"


class WrongOrigin(Problem):
    """This request was sent by a page of another site."""

    code = "wrong_origin"
    status = 403
    title = "Other site refused"
    action = "Send it from our own page, or use an API token instead of the cookie."


class TierUnavailable(Problem):
    """This privacy tier is not offered by this installation."""

    code = "tier_unavailable"
    status = 422
    title = "Tier not offered"
    action = "Use the standard tier."


class WrongMasterKey(Problem):
    """This process has another master key than the one that seals what is in the database."""

    code = "wrong_master_key"
    title = "Another master key"
    action = (
        "Copy `secrets/master.key` from the data folder of a process that works into this one's (mode 600), or give all "
        "processes the same STATIONTHIS_MASTER_KEY, and start again."
    )


class IdempotencyConflict(Problem):
    """Something was done under this Idempotency-Key before, with another request body."""

    code = "idempotency_conflict"
    status = 409
    title = "Key used twice"
    action = "Use a new key for a new request; repeat a request with exactly the same body."


class IdempotencyInProgress(Problem):
    """The first request with this Idempotency-Key is still at work."""

    code = "idempotency_in_progress"
    status = 409
    title = "Still at work"
    action = "Repeat the request in a moment."


class InvalidIdempotencyKey(InvalidInput):
    """An Idempotency-Key has 1 to 255 visible ASCII characters."""

    code = "invalid_idempotency_key"
    action = "Use a random UUID as the key."
