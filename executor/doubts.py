"""Whether a server died of a job when its connection was lost: asked when the job, or its next failure, is met again.

A lost connection is no attempt as long as the result may be there. It was a death when the server is found without what
it was rendering, or stays away; until one of that is so, nothing is said. A server that is back before anybody missed it has
lost all that it held, but only one job can have killed it: what had not begun while another one was in hand merely waited.
Where nobody saw any of them begin, the one that was accepted first is the one: it may kill so fast that nothing is heard.
A job that was being rendered when its worker was gone without a word as well may have killed both: it is blamed like one whose
connection was lost.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Protocol

from base.clock import Clock
from base.db import Database
from executor import rules, store
from executor.comfy.faults import Faulted
from executor.comfy.http import Found
from executor.comfy.instance import Instance
from executor.model import Claim, Setback


class Instances(Protocol):
    """The pool, as far as it matters here."""

    def get(self, instance_id: str | None) -> Instance | None: ...


class Doubts:
    """`dead_s`: for how long a server may be away until it is taken for dead."""

    def __init__(self, db: Database, pool: Instances, clock: Clock, dead_s: float) -> None:
        self._db, self._pool, self._clock, self._dead_s = db, pool, clock, timedelta(seconds=dead_s)

    async def met(self, claim: Claim, found: Found) -> bool:
        """The server that had the job is there again: False where it died of it. What it still has, it did not die of, and with
        a render that went on the connections that were lost on the way are forgiven.

        What ended there is not forgiven more than what was in doubt: it may be fetching it that fails each time.
        """
        known = await self._of(claim)
        doubted = any(one.prompt_id == claim.prompt_id for one in known)
        if found is Found.NOTHING:
            return not doubted and not claim.orphaned
        if doubted or (known and found is Found.HELD):
            async with self._db.write() as tx:
                await store.end_doubt(tx, claim.id, claim.prompt_id)
                await store.forgive(tx, claim.id, claim.instance)
        return True

    async def settled(self, claim: Claim) -> set[str]:
        """Prompts of earlier attempts elsewhere that died with their servers, as far as that can be said now."""
        others = [one for one in await self._of(claim) if one.prompt_id not in (None, claim.prompt_id)]
        return {one.prompt_id for one in others if one.prompt_id is not None and await self._died(one, one.prompt_id)}

    async def only_waited(self, claim: Claim) -> bool:
        """Whether the server that lost this job had not begun it, and had another one in hand."""
        async with self._db.read() as tx:
            row = await store.job(tx, claim.id)
            sent = row is not None and row["submitted_at"] is not None and not rules.under_way(row)
            return sent and await store.another_was_rendered(tx, row)

    async def _of(self, claim: Claim) -> list[Setback]:
        async with self._db.read() as tx:
            return (await store.setbacks_of(tx, [claim.id]))[claim.id]

    async def _died(self, doubt: Setback, prompt_id: str) -> bool:
        instance = self._pool.get(doubt.instance)
        if instance is None or not instance.up:
            return self._clock.now() - _away_since(instance, doubt) >= self._dead_s
        try:
            return await instance.http.find(prompt_id) is Found.NOTHING
        except Faulted:
            return False


def _away_since(instance: Instance | None, doubt: Setback) -> datetime:
    """One that left the pool is away since then."""
    return doubt.at if instance is None else max(doubt.at, instance.since)
