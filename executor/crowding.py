"""A line of thousands, made at once, and a round of dispatch on it: for tests and benches."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from sqlalchemy import insert, select, text, update

from base.clock import Clock
from base.crypto import KeyStore
from base.db import Database
from base.ids import new_id
from executor import looking
from executor.assembly import Executor
from executor.life.steps import closed
from executor.model import AT_WORK, JobStatus, JobStep, Lane, Owner, RunStatus, Tag
from executor.tables import jobs, runs
from tools.model import Step


@dataclass(frozen=True)
class Crowd:
    """Jobs of many people who share one key."""

    db: Database
    keys: KeyStore
    clock: Clock
    owner: Owner

    async def come(
        self, count: int, step: Step, *, people: Sequence[str] = ("crowd",), lane: Lane = Lane.NORMAL, age_s: float = 0,
        tool: str | None = None,
    ) -> list[str]:  # fmt: skip
        """That many jobs of this step, the people by turns; their ids. `tool` is what the row says, the step's when left out."""
        key, run_id, now = await self.keys.key(self.owner.scope), new_id(), self.clock.now()
        shared = {"tier": self.owner.tier, "scope": self.owner.scope, "correlation_id": "crowd", "lane": lane}
        content = key.seal(closed([JobStep(step, {})]))
        at = {"created_at": now - timedelta(seconds=age_s)}
        rows: list[dict[str, Any]] = [
            {
                "id": new_id(), "run_id": run_id, "step_id": f"s{n}", "account_id": people[n % len(people)],
                "tool": tool or step.tool, "tag": Tag.DEFAULT, "status": JobStatus.QUEUED, "step": content, "expect_s": 10.0,
                "due_at": now, **at, **shared,
            }
            for n in range(count)
        ]  # fmt: skip
        async with self.db.write() as tx:
            run = {"id": run_id, "account_id": people[0], "status": RunStatus.ACTIVE, "plan": content, **at, **shared}
            await tx.execute(insert(runs).values(**run))
            await tx.execute(insert(jobs), rows)
        return [row["id"] for row in rows]

    async def seen(self) -> list[str]:
        """The ids that a round looks at."""
        async with self.db.read() as tx:
            return [row["id"] for row in await looking.window(tx, self.clock.now(), list(Tag))]

    async def round(self, executor: Executor) -> list[str]:
        """One round of dispatch by a worker that does not work: the ids that were given a place."""
        return [claim.id for claim, _ in await executor.worker.dispatcher.assign("nobody")]

    async def leave(self) -> None:
        """What was given a place is done."""
        async with self.db.write() as tx:
            done = {"status": JobStatus.COMPLETED, "ended_at": self.clock.now()}
            await tx.execute(update(jobs).where(jobs.c.status.in_(AT_WORK)).values(**done))

    async def plan(self) -> list[str]:
        """How the database finds what a round looks at."""
        statement = looking.chosen(self.clock.now(), list(Tag))
        explain = "EXPLAIN QUERY PLAN " if self.db.is_sqlite else "EXPLAIN "
        async with self.db.read() as tx:
            sql = statement.compile(tx.connection.sync_engine, compile_kwargs={"literal_binds": True})
            return [" ".join(map(str, row)) for row in await tx.connection.execute(text(explain + str(sql)))]

    async def analyse(self) -> None:
        """Let the database count its rows, as it does by itself after a while."""
        async with self.db.write() as tx:
            await tx.execute(text("ANALYZE"))

    async def waiting(self) -> int:
        """How many still wait."""
        async with self.db.read() as tx:
            return len(await tx.all(select(jobs.c.id).where(jobs.c.status == JobStatus.QUEUED)))
