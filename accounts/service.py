"""People: anonymous accounts, the cookie and the tokens by which they are known again."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from accounts import rules, store
from accounts.errors import TokenNotFound
from accounts.idempotency import AT_WORK, FENCED, Idempotency
from accounts.model import Account, Identity, NewToken, Token, account_scope
from accounts.store import accounts_of_place, place_of_account
from base.clock import Clock, rfc3339
from base.crypto import DataKey, KeyStore
from base.db import Database
from base.ids import is_id, new_id
from base.settings import Limits

__all__ = ["AT_WORK", "FENCED", "Accounts", "Idempotency", "accounts_of_place", "place_of_account"]

# how exactly `seen_at` and `last_used_at` are kept: a write per request would be one too many
_SEEN_EVERY = timedelta(hours=1)
_USED_EVERY = timedelta(minutes=1)


class Accounts:
    """Make accounts and recognise them."""

    def __init__(
        self, db: Database, keys: KeyStore, clock: Clock, cookie_secret: bytes, limits: Limits | None = None
    ) -> None:
        self._an_hour = (limits or Limits()).new_accounts
        self._db, self._keys, self._clock, self._secret = db, keys, clock, cookie_secret

    async def create_anonymous(self, address: str | None = None) -> Account:
        """A new account of the standard tier with the data key of its own shelf, for somebody at this network address;
        None is this machine. Raises TooManyAccounts."""
        place = rules.place_of(self._secret, address)
        account = Account(new_id(), "standard", self._clock.now())
        async with self._db.write() as tx:
            if place is not None:
                since = account.created_at - rules.HOUR
                rules.let_in(await store.newcomers(tx, place, since), self._an_hour, account.created_at)
            await store.add_account(tx, account, place)
            await self._keys.create(tx, account.scope, account.id, account.tier)
        return account

    async def get(self, account_id: str) -> Account | None:
        async with self._db.read() as tx:
            found = await store.account(tx, account_id)
        return None if found is None else found[0]

    def cookie(self, account: Account) -> str:
        """A fresh signed cookie value for the account."""
        return rules.sign_cookie(self._secret, account.id, self._clock.now())

    async def by_cookie(self, value: str) -> Account | None:
        """The account of a signed cookie; None when it is forged, too old or the account is gone."""
        cookie = rules.read_cookie(self._secret, value, self._clock.now())
        if cookie is None:
            return None
        async with self._db.read() as tx:
            found = await store.account(tx, cookie.account_id)
        if found is None:
            return None
        await self._touch_when_due(*found)
        return found[0]

    def wants_new_cookie(self, value: str) -> bool:
        """Whether a valid cookie is so old that a younger one should be handed out."""
        now = self._clock.now()
        cookie = rules.read_cookie(self._secret, value, now)
        return cookie is not None and rules.wants_renewal(cookie, now)

    async def by_token(self, token: str) -> Account | None:
        """The account of an API token; None when it is unknown or revoked."""
        if not rules.looks_like_token(token):
            return None
        async with self._db.read() as tx:
            found = await store.account_by_token(tx, rules.hashed(token))
        if found is None:
            return None
        account, token_id, used_at = found
        if self._due(used_at, _USED_EVERY):
            async with self._db.write() as tx:
                await store.touch_token(tx, token_id, self._clock.now())
        return account

    async def create_token(self, account: Account, name: str) -> NewToken:
        """A token under a name the person chose. The secret is in the answer and nowhere else."""
        token = rules.new_token()
        made = NewToken(new_id(), token)
        sealed = (await self._keys.key(account.scope)).seal(name)
        async with self._db.write() as tx:
            await store.add_token(tx, account, made.id, rules.hashed(token), sealed, self._clock.now())
        return made

    async def tokens(self, account_id: str, after: str | None, limit: int) -> tuple[list[Token], str | None]:
        """Up to `limit` tokens that still work, newest first, and the cursor of the next page."""
        async with self._db.read() as tx:
            rows = await store.tokens(tx, account_id, after, limit + 1)
        if not rows:
            return [], None
        key = await self._keys.key(account_scope(account_id))
        items = [_token(row, key) for row in rows[:limit]]
        return items, items[-1].id if len(rows) > limit else None

    async def revoke_token(self, account_id: str, token_id: str) -> None:
        """End a token at once. Raises TokenNotFound, also for somebody else's."""
        async with self._db.write() as tx:
            gone = is_id(token_id) and await store.revoke_token(tx, account_id, token_id, self._clock.now())
        if not gone:
            raise TokenNotFound

    async def touch(self, account_id: str) -> None:
        """Note that the person was here."""
        async with self._db.write() as tx:
            await store.touch_account(tx, account_id, self._clock.now())

    async def count(self) -> int:
        """How many accounts there are."""
        async with self._db.read() as tx:
            return await store.count_accounts(tx)

    async def me(self, account: Account) -> dict[str, Any]:
        """`{account_id, tier, created_at, identities: [{kind, id, created_at}]}`: who and how known."""
        tokens, _ = await self.tokens(account.id, None, 100)
        since = rfc3339(account.created_at)
        known: list[Identity] = [{"kind": "web_session", "id": account.id, "created_at": since}]
        known += [{"kind": "api_token", "id": t.id, "created_at": rfc3339(t.created_at)} for t in tokens]
        return {"account_id": account.id, "tier": account.tier, "created_at": since, "identities": known}

    async def _touch_when_due(self, account: Account, seen_at: datetime) -> None:
        if self._due(seen_at, _SEEN_EVERY):
            await self.touch(account.id)

    def _due(self, last: datetime | None, every: timedelta) -> bool:
        return last is None or self._clock.now() - last >= every


def _token(row: Any, key: DataKey) -> Token:
    return Token(row["id"], key.open(row["name"]), row["created_at"], row["last_used_at"])
