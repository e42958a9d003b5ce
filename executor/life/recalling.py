"""Steps that were done before are done at once, without an instance and for nothing."""

from __future__ import annotations

from typing import Any

from base.db import Tx
from base.ids import new_id
from executor import store
from executor.life.making import Making
from executor.life.setting import create, enter, locked
from executor.model import JobEnding, JobStatus, JobStep, Owner
from tools.model import Step


class Recalling(Making):
    """Looks into the memory before anything is sent."""

    async def _recalled(self, tx: Tx, row: Any, step: Step) -> bool:
        """Whether this was done before. It has a job as any other step has, which begins and ends in this moment."""
        one = JobStep(step, await self._inputs(tx, row["id"], step, ()))
        owner = Owner(row["account_id"], row["tier"], row["scope"])
        if not await self._memory.recall(tx, row["id"], one, owner):
            return False
        await self._note_recalled(tx, row, one)
        await self._tell_outputs(tx, await self._sight(tx, row), step.id)
        return True

    async def _note_recalled(self, tx: Tx, row: Any, one: JobStep) -> None:
        now = self._clock.now()
        job = {
            "id": new_id(), "run_id": row["id"], "tag": self._tag_of(one.step.tool), "due_at": now, "created_at": now,
            **{name: row[name] for name in ("account_id", "tier", "scope", "correlation_id", "lane")},
            **await self._holding({**row, "expect_s": 0.0}, [one]),
        }  # fmt: skip
        await create(tx, job)
        made = await locked(tx, job["id"], [JobStatus.QUEUED])
        await enter(tx, made, JobStatus.COMPLETED, now, JobEnding.CACHED)
        done = {"run_id": row["id"], "step_id": one.step.id, "job_id": job["id"], "tool": one.step.tool}
        await store.insert_steps(tx, [{**done, "done_at": now, "cached": True}])
