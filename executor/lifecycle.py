"""The life of runs and jobs: each verb changes rows and writes the run's events in the caller's transaction.

A run ends exactly once: `_end` is the only place, and its UPDATE names the statuses it may end from. A worker's verbs
name the lease token; a lost lease raises LeaseLost, which rolls everything back and throws the result away.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import datetime, timedelta
from typing import Any

from base.clock import Clock
from base.crypto import KeyStore
from base.db import Tx
from base.errors import KeyLost
from base.events import EventLog
from base.ids import new_id
from executor import places, rules, store
from executor.errors import job_problem
from executor.model import AT_WORK, RUN_OVER, Claim, Fault, FaultKind, JobStatus, Lane, Owner, RunStatus, Tag
from executor.ringing import JobBell
from tools.model import AssetRef, Plan, Step, StepRef

_OPEN = (RunStatus.WAITING, RunStatus.ACTIVE)
_FREE = {"lease_owner": None, "lease_token": None, "lease_until": None}
_INPUT_GONE = Fault(FaultKind.JOB, "input_failed")


class LeaseLost(Exception):
    """Another worker took the job over: this one's result is thrown away."""


class Lifecycle:
    """What may happen to runs and jobs. What a finished step gave is looked up through `find_outputs` (asset ids of a
    port) and `read_outputs` (the assets)."""

    def __init__(
        self, keys: KeyStore, events: EventLog, clock: Clock, find_outputs: Any, read_outputs: Any, bell: JobBell,
        tag_of: Callable[[str], Tag],
    ) -> None:  # fmt: skip
        self._keys, self._events, self._clock, self._bell = keys, events, clock, bell
        self._find_outputs, self._read_outputs, self._tag_of = find_outputs, read_outputs, tag_of

    # --- the owner's verbs

    async def start(
        self, tx: Tx, plan: Plan, owner: Owner, *, origin: str | None, correlation_id: str, waiting: bool,
        lane: Lane = Lane.NORMAL,
    ) -> str:  # fmt: skip
        """Make the run and its first jobs; returns its id."""
        run_id = new_id()
        key = await self._keys.key(owner.scope)
        await self._events.open(tx, stream(run_id), owner.scope)
        values = {
            "id": run_id, "account_id": owner.account_id, "tier": owner.tier, "scope": owner.scope, "origin": origin,
            "correlation_id": correlation_id, "status": RunStatus.WAITING if waiting else RunStatus.ACTIVE,
            "plan": key.seal(plan.model_dump(mode="json")), "created_at": self._clock.now(), "lane": lane,
        }  # fmt: skip
        others = [ref.run_id for step in plan.steps for ref in rules.step_refs(step) if ref.run_id]
        await store.insert_run(tx, values, others)
        if not waiting:
            await self._advance(tx, run_id)
        return run_id

    async def confirm(self, tx: Tx, run_id: str) -> bool:
        """Whether the run waited for a yes, and now begins."""
        if not await store.change_run(tx, run_id, [RunStatus.WAITING], status=RunStatus.ACTIVE):
            return False
        await self._advance(tx, run_id)
        return True

    async def cancel(self, tx: Tx, run_id: str) -> None:
        """Queued jobs end now; jobs at work are marked, and the run ends when the last of them is confirmed."""
        await store.change_run(tx, run_id, _OPEN, stopping=True)
        await self._stop_jobs(tx, run_id)
        await self._end_when_stopped(tx, run_id)

    # --- the worker's verbs

    async def claim(self, tx: Tx, job_id: str, instance: str, owner: str, lease_s: float) -> Claim | None:
        """Take a queued job for an instance, with the prompt id it will have there; None when somebody else was faster.

        A job that was on this instance before keeps its prompt id: it may still be there.
        """
        row = await store.job(tx, job_id)
        if row is None or row["status"] != JobStatus.QUEUED:
            return None
        known = row["prompt_id"] if row["instance"] == instance else None
        now = self._clock.now()
        values = {
            "status": JobStatus.DISPATCHING, "instance": instance, "prompt_id": known or new_id(), "place": None,
            "lease_owner": owner, "lease_token": new_id(), "lease_until": now + timedelta(seconds=lease_s),
            "started_at": now, "waiting_since": None, "waiting_for": None,
        }  # fmt: skip
        if not await store.change_job(tx, job_id, [JobStatus.QUEUED], **values):
            return None
        return await self._claimed({**row, **values}, JobStatus.QUEUED if known is None else JobStatus.RUNNING)

    async def take_over(self, tx: Tx, job_id: str, owner: str, lease_s: float) -> Claim | None:
        """Continue a job of a worker that is gone, where it is."""
        row = await store.job(tx, job_id)
        if row is None or JobStatus(row["status"]) not in AT_WORK:
            return None
        until = self._clock.now() + timedelta(seconds=lease_s)
        values = {"lease_owner": owner, "lease_token": new_id(), "lease_until": until}
        await store.change_job(tx, job_id, AT_WORK, **values)
        return await self._claimed({**row, **values}, JobStatus(row["status"]))

    async def resubmit(self, tx: Tx, claim: Claim, prompt_id: str) -> None:
        """The old prompt is nowhere: note the new id before it is sent."""
        await self._leased(tx, claim, status=JobStatus.DISPATCHING, prompt_id=prompt_id)

    async def running(self, tx: Tx, claim: Claim, graph: dict[str, Any]) -> None:
        key = await self._keys.key(claim.owner.scope)
        await self._leased(tx, claim, status=JobStatus.RUNNING, graph=key.seal(graph))

    async def collecting(self, tx: Tx, claim: Claim) -> None:
        await self._leased(tx, claim, status=JobStatus.COLLECTING)
        tx.after_commit(self._bell.stir)

    async def progressed(self, tx: Tx, claim: Claim, progress: dict[str, Any]) -> None:
        key = await self._keys.key(claim.owner.scope)
        await self._leased(tx, claim, progress=key.seal(progress))

    async def is_stopped(self, tx: Tx, claim: Claim) -> bool:
        """Whether the job shall be interrupted."""
        return bool(await store.stopped(tx, [claim.id]))

    async def complete(self, tx: Tx, claim: Claim, gpu_s: float, credits: float) -> None:
        """The job is done: its outputs are told in their turn, its cost is added, what waited for it begins."""
        now = self._clock.now()
        done = {"status": JobStatus.COMPLETED, "ended_at": now, "gpu_s": gpu_s, "credits": credits, "progress": None}
        await self._leased(tx, claim, **done, **_FREE)
        await store.add_cost(tx, claim.run_id, credits, gpu_s)
        await self._tell_outputs(tx, claim.run_id, claim.step.id)
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

    # --- jobs that wait in the queue

    async def step_of(self, row: Any) -> Step:
        """What a job shall do. Raises KeyLost."""
        key = await self._keys.key(row["scope"])
        return Step.model_validate(key.open(row["step"])["step"])

    async def wait(self, tx: Tx, row: Any, reason: str | None) -> None:
        """Note that a queued job waits for an instance that is away, and tell the reason if there is one."""
        values = {"waiting_for": reason, "waiting_since": row["waiting_since"] or self._clock.now()}
        if await store.change_job(tx, row["id"], [JobStatus.QUEUED], **values) and reason is not None:
            await self._tell_row(tx, row, "run.waiting", {"reason": reason, "step_id": row["step_id"]})

    async def forgotten(self, tx: Tx, job_id: str, run_id: str) -> None:
        """The key of this content is gone, and with it whoever could be told: end job and run without a word."""
        ended = {"ended_at": self._clock.now(), "error_code": KeyLost.code}
        await store.change_job(tx, job_id, AT_WORK | {JobStatus.QUEUED}, status=JobStatus.FAILED, **ended, **_FREE)
        await store.change_run(tx, run_id, _OPEN, status=RunStatus.FAILED, **ended)
        await self._stop_jobs(tx, run_id)

    async def give_up(self, tx: Tx, row: Any, fault: Fault) -> None:
        """A queued job fails: its deadline passed, or no instance can ever take it."""
        error = await self._error(row["scope"], fault)
        values = {"status": JobStatus.FAILED, "ended_at": self._clock.now()}
        if await store.change_job(tx, row["id"], [JobStatus.QUEUED], **values, **error):
            await self._fail_run(tx, row["run_id"], fault, row["id"])

    async def place(self, tx: Tx, row: Any, place: int, eta_s: tuple[float, float]) -> None:
        """Tell a changed place in the line; `eta_s` is until the job starts."""
        if await store.move(tx, row["id"], place):
            await self._tell_row(tx, row, "run.queued", {"place": place, "eta_s": list(eta_s)})

    # --- within

    async def _advance(self, tx: Tx, run_id: str) -> None:
        """Make the jobs that became ready; end the run when there is nothing left, or when an input can never come."""
        row = await store.run(tx, run_id, lock=True)
        if row is None or row["status"] != RunStatus.ACTIVE or row["stopping"]:
            return
        key = await self._keys.key(row["scope"])
        plan = Plan.model_validate(key.open(row["plan"]))
        states = await self._input_states(tx, row, plan)
        if any(state is False for state in states.values()):
            await self._fail_run(tx, run_id, _INPUT_GONE, None)
            return
        made = await store.step_statuses(tx, run_id)
        for step in rules.ready_steps(plan, made, lambda ref: states[ref_key(ref)] is True):
            await self._make_job(tx, row, plan, step)
        if all(made.get(step.id) is JobStatus.COMPLETED for step in plan.steps):
            cost = {"credits": round(row["credits"], 4), "gpu_s": round(row["gpu_s"], 3)}
            await self._end(tx, run_id, RunStatus.COMPLETED, "run.completed", {"cost": cost})

    async def _tell_outputs(self, tx: Tx, run_id: str, step_id: str | None = None) -> None:
        """What may be told now that this step is done; without one the run ends, and what was held back is told."""
        row = await store.run(tx, run_id, lock=True)
        if row is None:  # forgotten meanwhile, with its conversation
            return
        jobs = {job["step_id"]: job for job in await store.jobs_of(tx, run_id)}
        done = {name for name, job in jobs.items() if job["status"] == JobStatus.COMPLETED}
        key = await self._keys.key(row["scope"])
        plan = Plan.model_validate(key.open(row["plan"]))
        now = rules.held_back(plan, done) if step_id is None else rules.now_tellable(plan, done, step_id)
        for name in now:
            for asset in await self._read_outputs(tx, run_id, name):
                data = {"step_id": name, "asset_id": asset.id, "asset": asset.shape()}
                await self._tell(tx, run_id, "run.output", jobs[name]["id"], row["correlation_id"], data)

    async def _input_states(self, tx: Tx, row: Any, plan: Plan) -> dict[tuple[str | None, str], bool | None]:
        """For each step that is an input: True when it is done, None while it may come, False when it never will."""
        states: dict[tuple[str | None, str], bool | None] = {}
        for ref in (ref for step in plan.steps for ref in rules.step_refs(step)):
            if ref_key(ref) not in states:
                states[ref_key(ref)] = await self._input_state(tx, row, ref)
        return states

    async def _input_state(self, tx: Tx, row: Any, ref: StepRef) -> bool | None:
        statuses = await store.step_statuses(tx, ref.run_id or row["id"])
        if statuses.get(ref.step_id) is JobStatus.COMPLETED:
            other = row if ref.run_id is None else await store.run(tx, ref.run_id)
            return other is not None and other["account_id"] == row["account_id"]
        if ref.run_id is None:
            return None
        other = await store.run(tx, ref.run_id)
        gone = other is None or other["account_id"] != row["account_id"] or RunStatus(other["status"]) in RUN_OVER
        return False if gone else None

    async def _make_job(self, tx: Tx, row: Any, plan: Plan, step: Step) -> None:
        key = await self._keys.key(row["scope"])
        inputs = {port: await self._resolved(tx, row["id"], refs) for port, refs in step.inputs.items()}
        now = self._clock.now()
        values = {
            "id": new_id(), "run_id": row["id"], "step_id": step.id, "tool": step.tool, "status": JobStatus.QUEUED,
            "tag": self._tag_of(step.tool), "lane": row["lane"],
            "step": key.seal({"step": step.model_dump(mode="json"), "inputs": inputs}), "due_at": now,
            "expect_s": rules.expected_seconds(plan), "created_at": now,
            **{name: row[name] for name in ("account_id", "tier", "scope", "correlation_id")},
        }  # fmt: skip
        await store.insert_job(tx, values)
        await self._first_place(tx, values)
        tx.after_commit(lambda: self._bell.announce(values["tag"]))

    async def _first_place(self, tx: Tx, values: dict[str, Any]) -> None:
        place, eta_s = places.place_of(values["id"], await store.queued(tx), await store.at_work(tx), self._clock.now())
        await self.place(tx, values, place, eta_s)

    async def _resolved(self, tx: Tx, run_id: str, refs: Sequence[AssetRef | StepRef]) -> list[str]:
        ids: list[str] = []
        for ref in refs:
            if isinstance(ref, AssetRef):
                ids.append(ref.asset_id)
            else:
                made = await self._find_outputs(tx, ref.run_id or run_id, ref.step_id, ref.port)
                ids += made if ref.index is None else made[ref.index : ref.index + 1]
        return ids

    async def _stop_jobs(self, tx: Tx, run_id: str) -> None:
        now = self._clock.now()
        for job in await store.open_jobs(tx, run_id):
            ended = {"status": JobStatus.CANCELLED, "ended_at": now}
            if not await store.change_job(tx, job["id"], [JobStatus.QUEUED], **ended):
                await store.change_job(tx, job["id"], AT_WORK, stop=True)
        tx.after_commit(self._bell.stir)

    async def _end_when_stopped(self, tx: Tx, run_id: str) -> None:
        row = await store.run(tx, run_id, lock=True)
        if row is not None and row["stopping"] and not await store.open_jobs(tx, run_id):
            await self._end(tx, run_id, RunStatus.CANCELLED, "run.cancelled", {"refunded": True})

    async def _fail_run(self, tx: Tx, run_id: str, fault: Fault, job_id: str | None) -> None:
        """The run's end, once; what else it had at work is interrupted afterwards, and says no more."""
        problem = job_problem(fault.code)(fault.detail)
        data = {"code": fault.code, "message": f"{problem.detail} {problem.next_step}", "refunded": True}
        await self._end(tx, run_id, RunStatus.FAILED, "run.failed", data, job_id, fault.code)
        await self._stop_jobs(tx, run_id)

    async def _end(
        self, tx: Tx, run_id: str, status: RunStatus, type: str, data: dict[str, Any], job_id: str | None = None,
        error_code: str | None = None,
    ) -> None:  # fmt: skip
        row = await store.run(tx, run_id, lock=True)
        ended = {"status": status, "ended_at": self._clock.now(), "error_code": error_code}
        if row is None or not await store.change_run(tx, run_id, _OPEN, **ended):
            return
        if status is not RunStatus.COMPLETED:
            await self._tell_outputs(tx, run_id)
        await self._tell(tx, run_id, type, job_id, row["correlation_id"], data)
        for other in await store.runs_waiting_for(tx, run_id):
            await self._advance(tx, other)

    async def _leased(self, tx: Tx, claim: Claim, **values: Any) -> None:
        if not await store.change_leased(tx, claim.id, claim.token, **values):
            raise LeaseLost

    async def _error(self, scope: str, fault: Fault) -> dict[str, Any]:
        key = await self._keys.key(scope)
        return {"error_code": fault.code, "error": key.seal({"detail": fault.detail, "record": fault.record})}

    async def _tell_row(self, tx: Tx, row: Any, type: str, data: dict[str, Any]) -> None:
        run = await store.run(tx, row["run_id"])
        await self._tell(tx, row["run_id"], type, row["id"], run["correlation_id"] if run else "", data)

    async def _tell(
        self, tx: Tx, run_id: str, type: str, job_id: str | None, correlation_id: str, data: dict[str, Any]
    ) -> None:
        head = {"run_id": run_id, "correlation_id": correlation_id, **({} if job_id is None else {"job_id": job_id})}
        await self._events.append(tx, stream(run_id), type, {**head, **data})

    async def _claimed(self, row: Any, status: JobStatus) -> Claim:
        key = await self._keys.key(row["scope"])
        content = key.open(row["step"])
        return Claim(
            id=row["id"], run_id=row["run_id"], owner=Owner(row["account_id"], row["tier"], row["scope"]),
            correlation_id=row["correlation_id"], status=status, token=row["lease_token"], instance=row["instance"],
            prompt_id=row["prompt_id"], tag=Tag(row["tag"]), attempts=row["attempts"],
            failed_on=tuple(name for name in row["failed_on"].split(",") if name),
            step=Step.model_validate(content["step"]), inputs=content["inputs"],
        )  # fmt: skip


def stream(run_id: str) -> str:
    """The stream of a run's events."""
    return f"run:{run_id}"


def ref_key(ref: StepRef) -> tuple[str | None, str]:
    """The step that a reference means."""
    return ref.run_id, ref.step_id
