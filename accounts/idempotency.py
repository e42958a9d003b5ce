"""Repeated requests: the first one is done and its answer kept for a day, the others hear the same answer. What was refused
was not done, and leaves its key to be used."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from sqlalchemy import delete, select, update

from accounts import rules
from accounts.errors import IdempotencyInProgress, InvalidIdempotencyKey
from accounts.model import Account, Fresh, Replay, Ticket, account_scope
from accounts.tables import idempotency_keys as kept
from base.clock import Clock
from base.crypto import KeyStore
from base.db import Database, Tx, insert_unless_there
from base.ids import new_id

KEPT = timedelta(hours=24)
AT_WORK = timedelta(minutes=10)  # a first request that has not answered by then died with its process
FENCED = timedelta(seconds=20)
"""The same for requests that `keep` their answer with what they write: who is slower than this finds the key taken, and
writes nothing."""
_LOOK_EVERY_S = 0.05


class Idempotency:
    """Answers by account, route and key. `patience_s`: how long a repetition waits for the first to end."""

    def __init__(self, db: Database, keys: KeyStore, clock: Clock, patience_s: float = 10.0) -> None:
        self._db, self._keys, self._clock, self._patience_s = db, keys, clock, patience_s

    async def begin(
        self, account: Account, route: str, key: str, body_sha256: str | None, at_work: timedelta = AT_WORK
    ) -> Fresh | Replay:
        """Take the key, or hear what was answered under it. A repetition waits while the first is at work.

        `body_sha256` is None when the body has yet to stream in: compare with `rules.same_body` once it is known.
        Raises InvalidIdempotencyKey, IdempotencyConflict, IdempotencyInProgress.
        """
        if not rules.valid_idempotency_key(key):
            raise InvalidIdempotencyKey
        ticket = Ticket(account.id, route[:200], rules.hashed(key), new_id())
        deadline = self._clock.monotonic() + self._patience_s
        while not await self._take(ticket, account.tier, body_sha256, at_work):
            while (row := await self._look(ticket)) is not None:
                rules.same_body(row["body_sha256"], body_sha256)
                if row["status"] is not None:
                    return await self._replay(row)
                if self._clock.monotonic() >= deadline:
                    raise IdempotencyInProgress(retry_after=1)
                await self._clock.sleep(_LOOK_EVERY_S)
        return Fresh(ticket)

    async def keep(self, tx: Tx, ticket: Ticket, status: int, body: str, headers: dict[str, str]) -> None:
        """Keep the answer in the transaction that does what was asked: either both are there or neither, whatever dies in
        between. Raises IdempotencyInProgress, and so undoes the rest, when the key is somebody else's by now."""
        unanswered = _held(ticket) & kept.c.status.is_(None)
        values = await self._answer(ticket, status, body, headers)
        if not (await tx.execute(update(kept).where(unanswered).values(**values))).rowcount:
            raise IdempotencyInProgress(retry_after=1)

    async def finish(self, ticket: Ticket, status: int, body: str, headers: dict[str, str],
                     body_sha256: str | None = None) -> None:  # fmt: skip
        """Keep the answer for a day, or forget the key where nothing was done.

        `body_sha256` completes what `begin` could not know.
        """
        if not rules.remember_answer(status):
            await self.release(ticket)
            return
        values = await self._answer(ticket, status, body, headers)
        if body_sha256 is not None:
            values["body_sha256"] = body_sha256
        async with self._db.write() as tx:
            await tx.execute(update(kept).where(_held(ticket)).values(**values))

    async def release(self, ticket: Ticket) -> None:
        """Forget the key: the request did not come to an answer that should stand. One that was kept with what was done
        stays, even if whoever did it never learnt that it was committed."""
        async with self._db.write() as tx:
            await tx.execute(delete(kept).where(_held(ticket) & kept.c.status.is_(None)))

    async def release_all(self) -> None:
        """Forget every unanswered key. For the start of a process that is the only one on its database."""
        async with self._db.write() as tx:
            await tx.execute(delete(kept).where(kept.c.status.is_(None)))

    async def sweep(self) -> int:
        """Forget what may be forgotten by now; returns how many keys."""
        async with self._db.write() as tx:
            return int((await tx.execute(delete(kept).where(kept.c.lapses_at <= self._clock.now()))).rowcount)

    async def _take(self, ticket: Ticket, tier: str, body_sha256: str | None, at_work: timedelta) -> bool:
        """Whether the ticket now holds the key."""
        row = {
            "account_id": ticket.account_id, "route": ticket.route, "key_hash": ticket.key_hash, "tier": tier,
            "body_sha256": body_sha256, "lease": ticket.lease, "lapses_at": self._clock.now() + at_work,
        }  # fmt: skip
        async with self._db.write() as tx:
            await tx.execute(delete(kept).where(_named(ticket), kept.c.lapses_at <= self._clock.now()))
            return bool((await tx.execute(insert_unless_there(tx, kept, row))).rowcount)

    async def _answer(self, ticket: Ticket, status: int, body: str, headers: dict[str, str]) -> dict[str, Any]:
        data_key = await self._keys.key(account_scope(ticket.account_id))
        answer = data_key.seal({"body": body, "headers": headers})
        return {"status": status, "answer": answer, "lapses_at": self._clock.now() + KEPT}

    async def _look(self, ticket: Ticket) -> Any | None:
        """The row of the key, whoever holds it; None when it was released meanwhile."""
        async with self._db.read() as tx:
            return await tx.one(select(kept).where(_named(ticket)))

    async def _replay(self, row: Any) -> Replay:
        answer = (await self._keys.key(account_scope(row["account_id"]))).open(row["answer"])
        return Replay(row["status"], answer["body"], answer["headers"], row["body_sha256"])


def _named(ticket: Ticket) -> Any:
    return (
        (kept.c.account_id == ticket.account_id)
        & (kept.c.route == ticket.route)
        & (kept.c.key_hash == ticket.key_hash)
    )


def _held(ticket: Ticket) -> Any:
    return _named(ticket) & (kept.c.lease == ticket.lease)
