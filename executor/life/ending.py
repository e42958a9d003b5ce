"""The end of an attempt or of a job."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from base.db import Tx
from base.errors import KeyLost
from executor import store
from executor.life.at_work import AtWork
from executor.life.course import Course
from executor.model import AT_WORK, OPEN_RUN, Claim, Cost, Fault, FaultKind, JobStatus, RunStatus

_FREE: dict[str, Any] = {"lease_owner": None, "lease_token": None, "lease_until": None}


class Ending(Course, AtWork):
    """Done, tried again, put back, failed, cancelled, forgotten, given up."""

    async def step_done(self, tx: Tx, claim: Claim, step_id: str) -> None:
        """Another step's outputs are kept, while the job goes on: they are told in their turn, and what waited for it begins."""
        await self._leased(tx, claim, waiting_for=None)
        await self._keep(tx, claim, step_id)

    async def complete(self, tx: Tx, claim: Claim, step_id: str, costs: Mapping[str, Cost]) -> None:
        """The job is done with its last step `step_id`; `costs` are what each step of it cost."""
        now = self._clock.now()
        whole = Cost(sum(c.gpu_s for c in costs.values()), sum(c.credits for c in costs.values()))
        done = {"status": JobStatus.COMPLETED, "ended_at": now, "gpu_s": whole.gpu_s, "credits": whole.credits, "progress": None}
        await self._leased(tx, claim, **done, **_FREE)
        await store.add_cost(tx, claim.run_id, whole.credits, whole.gpu_s)
        for name, cost in costs.items():
            await store.change_step(tx, claim.run_id, name, gpu_s=cost.gpu_s, credits=cost.credits)
        await self._keep(tx, claim, step_id)

    async def _keep(self, tx: Tx, claim: Claim, step_id: str) -> None:
        await store.change_step(tx, claim.run_id, step_id, done_at=self._clock.now())
        await self._tell_outputs(tx, claim.run_id, step_id)
        await self._advance(tx, claim.run_id)
        for other in await store.runs_waiting_for(tx, claim.run_id):
            await self._advance(tx, other)

    async def requeue(self, tx: Tx, claim: Claim, fault: Fault, due_at: datetime) -> None:
        """Another attempt, not before `due_at`. Where it may still be running, it keeps its prompt id."""
        if await self.is_stopped(tx, claim):
            await self.cancelled(tx, claim)
            return
        failed_on = ",".join(sorted({*claim.failed_on, claim.instance}))[:400]
        values: dict[str, Any] = {
            "status": JobStatus.QUEUED, "due_at": due_at, "attempts": claim.attempts + 1, "failed_on": failed_on,
        }  # fmt: skip
        if fault.kind is not FaultKind.CONNECTION:
            values["prompt_id"] = None
        await self._leased(tx, claim, **values, **await self._error(claim.owner.scope, fault), **_FREE)
        tx.after_commit(lambda: self._bell.announce(claim.tag))

    async def put_back(self, tx: Tx, claim: Claim, *, there: bool) -> None:
        """To the queue without blame. `there`: its instance may still have it, so that it keeps its prompt id."""
        if await self.is_stopped(tx, claim):
            await self.cancelled(tx, claim)
            return
        values: dict[str, Any] = {"status": JobStatus.QUEUED, "due_at": self._clock.now()}
        if not there:
            values |= {"prompt_id": None, "instance": None}
        await self._leased(tx, claim, **values, **_FREE)
        tx.after_commit(lambda: self._bell.announce(claim.tag))

    async def fail(self, tx: Tx, claim: Claim, fault: Fault, status: JobStatus) -> None:
        """The job is over without a result, and the run with it."""
        if await self.is_stopped(tx, claim):
            await self.cancelled(tx, claim)
            return
        values = {"status": status, "ended_at": self._clock.now(), "progress": None}
        await self._leased(tx, claim, **values, **await self._error(claim.owner.scope, fault), **_FREE)
        await self._fail_run(tx, claim.run_id, fault, claim.id)

    async def cancelled(self, tx: Tx, claim: Claim) -> None:
        """The instance has confirmed that it stopped."""
        values = {"status": JobStatus.CANCELLED, "ended_at": self._clock.now(), "progress": None}
        await self._leased(tx, claim, **values, **_FREE)
        await self._end_when_stopped(tx, claim.run_id)

    async def forgotten(self, tx: Tx, job_id: str, run_id: str) -> None:
        """The key of this content is gone, and with it whoever could be told: end job and run without a word."""
        ended = {"ended_at": self._clock.now(), "error_code": KeyLost.code}
        await store.change_job(tx, job_id, AT_WORK | {JobStatus.QUEUED}, status=JobStatus.FAILED, **ended, **_FREE)
        await store.change_run(tx, run_id, OPEN_RUN, status=RunStatus.FAILED, **ended)
        await self._stop_jobs(tx, run_id)

    async def give_up(self, tx: Tx, row: Any, fault: Fault) -> None:
        """A queued job fails: its deadline passed, or no instance can ever take it."""
        error = await self._error(row["scope"], fault)
        values = {"status": JobStatus.FAILED, "ended_at": self._clock.now()}
        if await store.change_job(tx, row["id"], [JobStatus.QUEUED], **values, **error):
            await self._fail_run(tx, row["run_id"], fault, row["id"])
