"""The course of a run: it begins, goes on with every step that is done, and ends exactly once."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress
from typing import Any

from base.db import Tx
from base.errors import KeyLost
from base.ids import new_id
from executor import grouping, left, locks, rules, store
from executor.errors import job_problem
from executor.life.making import ref_key
from executor.life.recalling import Recalling
from executor.life.setting import enter, locked, shall_stop
from executor.life.steps import Unreadable
from executor.life.telling import Sight, stream
from executor.model import AT_WORK, OPEN_RUN, Fault, FaultKind, JobEnding, JobStatus, Lane, Owner, RunStatus
from tools.model import Plan, Step, StepRef

_INPUT_GONE = Fault(FaultKind.JOB, "input_failed")


class Course(Recalling):
    """The owner's verbs, and what follows from them. `_end` is the only place where a run ends."""

    async def start(
        self, tx: Tx, plan: Plan, owner: Owner, *, origin: str | None, correlation_id: str, waiting: bool,
        lane: Lane = Lane.NORMAL, retry_of: str | None = None,
    ) -> str:  # fmt: skip
        """Make the run and its first jobs; returns its id. `retry_of`: the run that nobody but an operator wants again."""
        await locks.turn_of(tx, owner.account_id)
        run_id = new_id()
        key = await self._keys.key(owner.scope)
        await self._events.open(tx, stream(run_id), owner.scope)
        values = {
            "id": run_id, "account_id": owner.account_id, "tier": owner.tier, "scope": owner.scope, "origin": origin,
            "correlation_id": correlation_id, "status": RunStatus.WAITING if waiting else RunStatus.ACTIVE,
            "plan": key.seal(plan.model_dump(mode="json")), "created_at": self._clock.now(), "lane": lane,
            "retry_of": retry_of, "taken_up": retry_of is None or origin is None,
        }  # fmt: skip
        others = [ref.run_id for step in plan.steps for ref in rules.step_refs(step) if ref.run_id]
        await store.insert_run(tx, values, others)
        if not waiting:
            await self._go_on(tx, Sight({**values, "stopping": False, "credits": 0.0, "gpu_s": 0.0}, plan))
        return run_id

    async def confirm(self, tx: Tx, run_id: str, account_id: str) -> bool:
        """Whether the run of this person waited for a yes, and now begins."""
        await locks.turn_of(tx, account_id)
        if not await store.change_run(tx, run_id, [RunStatus.WAITING], status=RunStatus.ACTIVE):
            return False
        await self._advance(tx, run_id)
        return True

    async def cancel(self, tx: Tx, run_id: str, account_id: str) -> None:
        """Queued jobs end now; jobs at work are marked, and the run ends when the last of them is confirmed. From now on nothing
        that they make is kept, told or charged."""
        await locks.turn_of(tx, account_id)
        await store.change_run(tx, run_id, OPEN_RUN, stopping=True)
        await self._stop_jobs(tx, run_id)
        await self._end_when_stopped(tx, run_id)

    async def lapse(self, tx: Tx, run_id: str) -> None:
        """A run that still waits for a yes ends without having begun."""
        row = await self._in_turn(tx, run_id)
        if row is not None and row["status"] == RunStatus.WAITING:
            await self._end(tx, row, RunStatus.CANCELLED, "run.cancelled", {"refunded": True, "lapsed": True})

    async def mend(self, tx: Tx, run_id: str) -> None:
        """A run that stands still gets what it lacks: its end, or its next jobs. Nothing where it lacks nothing."""
        row = await self._in_turn(tx, run_id)
        if row is not None and shall_stop(row):
            await self._stop_jobs(tx, run_id)
            await self._end_when_stopped(tx, run_id)
        elif row is not None:
            await self._advance(tx, run_id)

    # --- within

    async def _in_turn(self, tx: Tx, run_id: str) -> Any | None:
        """The run, locked after its owner's turn."""
        known = await store.run(tx, run_id)
        if known is None:
            return None
        await locks.turn_of(tx, known["account_id"])
        return await store.run(tx, run_id, lock=True)

    async def _advance(self, tx: Tx, run_id: str) -> None:
        """Make the jobs that became ready; end the run when there is nothing left, or when an input can never come."""
        row = await store.run(tx, run_id, lock=True)
        if row is not None and _goes_on(row):
            await self._go_on(tx, await self._sight(tx, row))

    async def _go_on(self, tx: Tx, sight: Sight) -> bool:
        """The same for a run that is in sight. Whether who waited for it has been told."""
        row, plan, made = sight.row, sight.plan, sight.statuses
        if not _goes_on(row):
            return False
        states = await self._input_states(tx, sight)
        if any(state is False for state in states.values()):
            await self._fail_run(tx, row["id"], _INPUT_GONE, None)
            return True

        def is_done(ref: StepRef) -> bool:
            return states[ref_key(ref)] is True

        ready = rules.ready_steps(plan, made, is_done)
        if [step for step in ready if await self._recalled(tx, row, step)]:
            await self._follow(tx, await self._sight(tx, row))
            return True
        for steps in await self._groups(tx, sight, is_done) if ready else ():
            await self._make_job(tx, row, plan, steps)
        if not all(made.get(step.id) is JobStatus.COMPLETED for step in plan.steps):
            return False
        cost = {"credits": round(row["credits"], 4), "gpu_s": round(row["gpu_s"], 3)}
        cached = sorted(one["step_id"] for one in sight.steps if one["cached"])
        await self._end(tx, row, RunStatus.COMPLETED, "run.completed", {"cost": cost, "cached": cached})
        return True

    async def _follow(self, tx: Tx, sight: Sight) -> None:
        """A step is done: what waited for it begins, in this run and in others."""
        if not await self._go_on(tx, sight):
            await self._advance_others(tx, sight.row["id"])

    async def _advance_others(self, tx: Tx, run_id: str) -> None:
        """What waits for a run goes on, or ends with it. One that is forgotten, or newer than we are, is left for `mend`: it is
        no fault of this one."""
        for other in await store.runs_waiting_for(tx, run_id):
            with suppress(KeyLost, Unreadable):
                await self._advance(tx, other)

    async def _groups(self, tx: Tx, sight: Sight, is_done: Callable[[StepRef], bool]) -> list[list[Step]]:
        """The steps that become jobs now: alone where a job of several once needed more memory than there was."""
        plan, made = sight.plan, sight.statuses
        if self._joins is None or (made and await store.ran_out(tx, sight.row["id"])):
            return [[step] for step in rules.ready_steps(plan, made, is_done)]
        return grouping.groups(plan, made, is_done, self._joins, self._tag_of)

    async def _stop_jobs(self, tx: Tx, run_id: str) -> None:
        """Those that wait end now, those at work are marked. Dispatch divides a job without the run's lock: what it made of
        one is there as soon as that one is ours, so we look until there is nothing new."""
        ending, seen = await self._why_stopped(tx, run_id), set[str]()
        while fresh := [job["id"] for job in await store.open_jobs(tx, run_id) if job["id"] not in seen]:
            seen.update(fresh)
            for job_id in fresh:
                await self._stop_job(tx, job_id, ending)
        tx.after_commit(self._bell.stir)

    async def _stop_job(self, tx: Tx, job_id: str, ending: JobEnding) -> None:
        if (row := await locked(tx, job_id, [JobStatus.QUEUED])) is not None:
            await left.leave(tx, row, self._clock.now())
            await enter(tx, row, JobStatus.CANCELLED, self._clock.now(), ending)
        else:
            await store.change_job(tx, job_id, AT_WORK, stop=True)

    async def _why_stopped(self, tx: Tx, run_id: str) -> JobEnding:
        run = await store.run(tx, run_id)
        return JobEnding.BY_PERSON if run is not None and run["stopping"] else JobEnding.WITH_RUN

    async def _end_when_stopped(self, tx: Tx, run_id: str) -> None:
        row = await store.run(tx, run_id, lock=True)
        if row is not None and row["stopping"] and not await store.open_jobs(tx, run_id):
            await self._end(tx, row, RunStatus.CANCELLED, "run.cancelled", {"refunded": True})

    async def _fail_run(self, tx: Tx, run_id: str, fault: Fault, job_id: str | None) -> None:
        """The run's end, once; what else it had at work is interrupted, and says no more."""
        problem = job_problem(fault.code)(fault.detail)
        data = {"code": fault.code, "message": f"{problem.detail} {problem.next_step}", "refunded": True}
        await self._stop_jobs(tx, run_id)
        if (row := await store.run(tx, run_id, lock=True)) is not None:
            await self._end(tx, row, RunStatus.FAILED, "run.failed", data, job_id, fault.code)

    async def _end(
        self, tx: Tx, row: Any, status: RunStatus, type: str, data: dict[str, Any], job_id: str | None = None,
        error_code: str | None = None,
    ) -> None:  # fmt: skip
        """Of a run that is locked."""
        run_id, ended = row["id"], {"status": status, "ended_at": self._clock.now(), "error_code": error_code}
        if not await store.change_run(tx, run_id, OPEN_RUN, **ended):
            return
        if status is not RunStatus.COMPLETED:
            with suppress(Unreadable):  # what was held back stays with the run
                await self._tell_outputs(tx, await self._sight(tx, row), stopped=status is RunStatus.CANCELLED)
        await self._tell(tx, run_id, type, job_id, row["correlation_id"], data)
        await self._advance_others(tx, run_id)


def _goes_on(row: Any) -> bool:
    return bool(row["status"] == RunStatus.ACTIVE and not row["stopping"])
