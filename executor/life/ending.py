"""The end of an attempt or of a job."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import replace
from datetime import timedelta
from typing import Any

from base.db import Tx
from base.errors import KeyLost
from executor import left, locks, rules, store, striking
from executor.comfy.faults import LOST
from executor.comfy.follow import Stopped
from executor.grouping import singles
from executor.life.at_work import AtWork
from executor.life.course import Course
from executor.life.setting import LeaseLost, enter, held, locked, shall_stop
from executor.model import (
    AT_WORK,
    OPEN_RUN,
    Claim,
    Cost,
    Fault,
    FaultKind,
    JobEnding,
    JobStatus,
    RunStatus,
    Setback,
)
from executor.retries import Over, Retry, counts, decide, died_of, excused, failed_on

#: Why a job is over that never left the queue, by whose fault it was; and whether an operator may mend that.
ENDINGS = {
    FaultKind.JOB: (JobStatus.FAILED, JobEnding.JOB_FAULT), FaultKind.MODEL: (JobStatus.DEAD, JobEnding.MODEL_FAULT),
    FaultKind.CONNECTION: (JobStatus.DEAD, JobEnding.DEADLINE),
}  # fmt: skip


class Ending(Course, AtWork):
    """Done, tried again, put back, failed, cancelled, forgotten, given up."""

    async def hold(self, tx: Tx, claim: Claim) -> Any:
        """The job's row, locked after the person's turn and the run: what is said of it now is true until the transaction ends.

        Raises LeaseLost; Stopped where the run is cancelled or over, so that nothing of it may be kept, told or charged. Who
        asked that before the locks would not see a cancel that commits in between.
        """
        await locks.turn_of(tx, claim.owner.account_id)
        run = await store.run(tx, claim.run_id, lock=True)
        row = await held(tx, claim)
        if run is None or shall_stop(run):
            raise Stopped
        return row

    async def step_done(self, tx: Tx, claim: Claim, step_id: str) -> None:
        """Another step's outputs are kept, while the job goes on: they are told in their turn, and what waited for it begins. The
        caller has what `hold` gave."""
        run = await store.run(tx, claim.run_id)
        await self._keep(tx, claim, step_id, run, {})

    async def complete(self, tx: Tx, claim: Claim, row: Any, step_id: str, costs: Mapping[str, Cost]) -> None:
        """The job is done with its last step `step_id`; `row` is what `hold` gave, `costs` are what each step of it cost."""
        whole = Cost(sum(c.gpu_s for c in costs.values()), sum(c.credits for c in costs.values()))
        began = rules.began(row, whole.gpu_s)
        spent = {"gpu_s": whole.gpu_s, "credits": whole.credits, "gpu_started_at": began}
        await enter(tx, row, JobStatus.COMPLETED, self._clock.now(), JobEnding.DONE, **spent)
        run = await store.add_cost(tx, claim.run_id, whole.credits, whole.gpu_s)
        each = {name: {"gpu_s": cost.gpu_s, "credits": cost.credits} for name, cost in costs.items()}
        last = each.pop(step_id, {})
        for name, values in each.items():
            await store.change_step(tx, claim.run_id, name, **values)
        await self._keep(tx, claim, step_id, run, last)
        await self._line.learn(tx, claim, costs)  # last: what is learned is everybody's row, and other runs are locked above

    async def _keep(self, tx: Tx, claim: Claim, step_id: str, run: Any, spent: Mapping[str, float]) -> None:
        """What follows from a step that is done and that cost this; `run` is as it is now."""
        if not await store.done(tx, claim.run_id, step_id, self._clock.now(), **spent):
            raise LeaseLost  # kept by a commit whose answer never came: what is brought now is thrown away
        await self._remember(tx, claim, step_id)
        sight = await self._sight(tx, run)
        await self._tell_outputs(tx, sight, step_id)
        await self._follow(tx, sight)

    async def _remember(self, tx: Tx, claim: Claim, step_id: str) -> None:
        """So that it need not be done again; what entered it is there, whichever job made it."""
        one = next(each for each in claim.steps if each.step.id == step_id)
        resolved = await self._resolved_links(tx, claim.run_id, one, {link.step_id for link in one.links})
        await self._memory.note(tx, claim.run_id, resolved, claim.owner, claim.instance)

    async def setback(
        self, tx: Tx, claim: Claim, fault: Fault, *, elsewhere: bool, patience_s: float, pauses: Sequence[float],
        died: Collection[str] = (), room_gb: float | None = None,
    ) -> Retry | Over | None:  # fmt: skip
        """An attempt failed: what the rule decides from all that went wrong so far happens. None: it was cancelled meanwhile.

        `died`: prompts of earlier attempts of which it is known now that they died with their servers. `room_gb`: the memory
        of its instance, where that is what was lacking."""
        row = await self._held(tx, claim)
        if row is None:
            return None
        known = await self._noted(tx, row, claim, fault, died)
        if failing := await striking.failing(tx):
            known = excused(known, failing)
            await striking.excuse(tx, claim.id, failing)
        decision = decide(known, elsewhere=elsewhere, patience_s=patience_s, pauses=pauses)
        values = {"attempts": sum(map(counts, known)), "failed_on": ",".join(failed_on(known))[:400]}
        if isinstance(decision, Over):
            await self._over(tx, claim, fault, decision, values)
        else:
            await self._again(tx, claim, fault, decision, values if room_gb is None else {**values, "over_gb": room_gb})
        return decision

    async def _noted(self, tx: Tx, row: Any, claim: Claim, fault: Fault, died: Collection[str]) -> list[Setback]:
        """All setbacks with this one: a prompt dies once, however often its server was away before that was known. What a
        server refused it has had too, though it never accepted it."""
        known = (await store.setbacks_of(tx, [claim.id]))[claim.id]
        doubted = {one.prompt_id for one in known if one.prompt_id is not None}
        lost = claim.prompt_id in doubted and fault.code == LOST
        gone = doubted & {*died, *([claim.prompt_id] if lost else [])}
        for prompt_id in sorted(gone):
            await store.end_doubt(tx, claim.id, prompt_id, kind=FaultKind.HOST, code=LOST)
        known = died_of(known, gone)
        if lost:
            return known
        submitted = row["submitted_at"] is not None or bool(fault.record)
        doubt = fault.kind is FaultKind.CONNECTION and claim.prompt_id not in doubted and rules.under_way(row)
        new = Setback(
            self._clock.now(), claim.instance, fault.kind, fault.code, submitted, claim.prompt_id if doubt else None
        )
        await store.add_setback(tx, claim.id, len(known), new)
        return [*known, new]

    async def _again(self, tx: Tx, claim: Claim, fault: Fault, decision: Retry, values: dict[str, Any]) -> None:
        """Where it may still be rendered, it keeps its prompt id."""
        if fault.kind is not FaultKind.CONNECTION:
            await self._leave(tx, claim, fault)
            values |= {"prompt_id": None, **rules.UNSENT}
        values["due_at"] = self._clock.now() + timedelta(seconds=decision.after_s)
        await self._enter(tx, claim, JobStatus.QUEUED, **values, **await self._error(claim.owner.scope, fault))
        tx.after_commit(lambda: self._bell.announce(claim.tag))

    async def _over(self, tx: Tx, claim: Claim, fault: Fault, decision: Over, values: dict[str, Any]) -> None:
        await self._leave(tx, claim, fault)
        fault = replace(fault, detail=decision.detail or fault.detail)
        error = await self._error(claim.owner.scope, fault)
        await self._enter(tx, claim, decision.status, decision.ending, **values, **error)
        await self._fail_run(tx, claim.run_id, fault, claim.id)

    async def _leave(self, tx: Tx, claim: Claim, fault: Fault) -> None:
        """Unless the instance has said itself how it ended, or was found without it, it may still have it."""
        if not fault.record and fault.code != LOST:
            await left.leave(tx, vars(claim), self._clock.now())

    async def take_apart(self, tx: Tx, claim: Claim, fault: Fault | None) -> None:
        """Its steps are not to be done as one graph: each goes on alone, without blame. What is done stays done."""
        row = await self._held(tx, claim)
        if row is None:
            return
        rest = [one for one in await self.steps_of(tx, row) if not one.done]
        values: dict[str, Any] = {"prompt_id": None, "instance": None, **rules.UNSENT, "due_at": self._clock.now()}
        if fault is not None:
            values |= await self._error(claim.owner.scope, fault)
        await self._enter(tx, claim, JobStatus.QUEUED, **values)
        await self.divide(tx, claim.id, singles(rest))
        tx.after_commit(lambda: self._bell.announce(claim.tag))

    async def put_back(self, tx: Tx, claim: Claim, *, there: bool) -> None:
        """To the queue without blame. `there`: its instance may still have it, so that it keeps its prompt id; whether that died
        of it together with its worker is asked when it is met."""
        if await self._held(tx, claim) is None:
            return
        values: dict[str, Any] = {"due_at": self._clock.now()}
        if there and claim.orphaned:
            await self._doubt(tx, claim)
        if not there:
            await left.leave(tx, vars(claim), self._clock.now())
            values |= {"prompt_id": None, "instance": None, **rules.UNSENT}
        await self._enter(tx, claim, JobStatus.QUEUED, **values)
        tx.after_commit(lambda: self._bell.announce(claim.tag))

    async def _doubt(self, tx: Tx, claim: Claim) -> None:
        known = (await store.setbacks_of(tx, [claim.id]))[claim.id]
        if not any(one.prompt_id == claim.prompt_id for one in known):
            away, now = FaultKind.CONNECTION, self._clock.now()
            doubt = Setback(now, claim.instance, away, "instance_away", submitted=True, prompt_id=claim.prompt_id)
            await store.add_setback(tx, claim.id, len(known), doubt)

    async def cancelled(self, tx: Tx, claim: Claim, *, confirmed: bool = False) -> None:
        """It is stopped; where the instance has not `confirmed` that yet, it is asked until it does."""
        await locks.turn_of(tx, claim.owner.account_id)
        await store.run(tx, claim.run_id, lock=True)
        if not confirmed:
            await left.leave(tx, vars(claim), self._clock.now())
        await self._enter(tx, claim, JobStatus.CANCELLED, await self._why_stopped(tx, claim.run_id))
        await self._end_when_stopped(tx, claim.run_id)

    async def _held(self, tx: Tx, claim: Claim) -> Any | None:
        """What `hold` gives; None where the run shall not go on: then the job is cancelled."""
        try:
            return await self.hold(tx, claim)
        except Stopped:
            await self.cancelled(tx, claim)
            return None

    async def forgotten(self, tx: Tx, job_id: str | None, run_id: str) -> None:
        """The key of this content is gone, and with it whoever could be told: end job and run without a word. Without a job it
        is the run that has none."""
        now, code = self._clock.now(), KeyLost.code
        if await self._in_turn(tx, run_id) is None:
            return
        row = None if job_id is None else await locked(tx, job_id, AT_WORK | {JobStatus.QUEUED})
        if row is not None:
            await left.leave(tx, row, now)
            await enter(tx, row, JobStatus.FAILED, now, JobEnding.KEY_LOST, error_code=code)
        await store.change_run(tx, run_id, OPEN_RUN, status=RunStatus.FAILED, ended_at=now, error_code=code)
        await self._stop_jobs(tx, run_id)

    async def give_up(self, tx: Tx, row: Any, fault: Fault) -> None:
        """A queued job fails: its deadline passed, or no instance can ever take it. The caller holds no job's lock."""
        error, (status, ending) = await self._error(row["scope"], fault), ENDINGS[fault.kind]
        await locks.turn_of(tx, row["account_id"])
        run = await store.run(tx, row["run_id"], lock=True)
        if run is None or shall_stop(run):
            return  # its jobs are cancelled, not failed
        if (now := await locked(tx, row["id"], [JobStatus.QUEUED])) is not None:
            await left.leave(tx, now, self._clock.now())
            await enter(tx, now, status, self._clock.now(), ending, **error)
            await self._fail_run(tx, row["run_id"], fault, row["id"])
