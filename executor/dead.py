"""Dead letters, for an operator: jobs that were given up. Facts only; what they were about stays sealed."""

from __future__ import annotations

from base.db import Database
from base.log import get_logger
from executor import store
from executor.errors import DeadLetterNotFound
from executor.lifecycle import Lifecycle
from executor.model import JobRecord
from executor.records import record

log = get_logger(__name__)
Records = list[JobRecord]


class DeadLetters:
    """Look at them, try one again, let one go."""

    def __init__(self, db: Database, lifecycle: Lifecycle) -> None:
        self._db, self._lifecycle = db, lifecycle

    async def page(self, after: str | None = None, limit: int = 50) -> tuple[Records, str | None]:
        """Newest first; the second value is the cursor of the next page."""
        async with self._db.read() as tx:
            rows = await store.dead(tx, after, limit + 1)
            page = rows[:limit]
            setbacks = await store.setbacks_of(tx, [row["id"] for row in page])
            steps = {row["id"]: await store.steps_of_job(tx, row["id"]) for row in page}
        found = [record(row, [s["step_id"] for s in steps[row["id"]]], setbacks[row["id"]]) for row in page]
        return found, page[-1]["id"] if len(rows) > limit else None

    async def get(self, job_id: str) -> JobRecord:
        """By its id, or the first characters of it where they name one. Raises DeadLetterNotFound."""
        async with self._db.read() as tx:
            rows = await store.dead_like(tx, job_id)
            if len(rows) != 1:
                raise DeadLetterNotFound
            [row] = rows
            setbacks = await store.setbacks_of(tx, [row["id"]])
            steps = await store.steps_of_job(tx, row["id"])
        return record(row, [step["step_id"] for step in steps], setbacks[row["id"]])

    async def retry(self, job_id: str) -> str:
        """Try it again in a new run, whose id is returned; its owner hears of it where they asked for the old one.

        Raises DeadLetterNotFound, and KeyLost where the content is gone.
        """
        job = await self.get(job_id)
        async with self._db.write() as tx:
            run_id = await self._lifecycle.revive(tx, job.id)
        if run_id is None:  # somebody else was faster
            raise DeadLetterNotFound
        log.info("dead_letter_retried", job_id=job.id, run_id=run_id)
        return run_id

    async def drop(self, job_id: str) -> None:
        """Let it go; its run stays as failed as it was. Raises DeadLetterNotFound."""
        job = await self.get(job_id)
        async with self._db.write() as tx:
            row = await self._lifecycle.let_go(tx, job.id)
        if row is None:
            raise DeadLetterNotFound
        log.info("dead_letter_dropped", job_id=job.id)
