"""The beginning of jobs: which inputs exist, and a row for each step that became ready."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from typing import Any

from base.db import Tx
from base.ids import new_id
from executor import rules, store
from executor.life.setting import create
from executor.life.steps import closed
from executor.life.telling import Sight, Telling
from executor.model import AT_WORK, RUN_OVER, JobStatus, JobStep, Link, RunStatus
from tools.model import AssetRef, Plan, Step, StepRef


class Making(Telling):
    """Steps become jobs."""

    async def _input_states(self, tx: Tx, sight: Sight) -> dict[tuple[str | None, str], bool | None]:
        """For each step that is an input: True when it is done, None while it may come, False when it never will."""
        states: dict[tuple[str | None, str], bool | None] = {}
        own = sight.statuses
        for ref in (ref for step in sight.plan.steps for ref in rules.step_refs(step)):
            if ref_key(ref) in states:
                continue
            if ref.run_id is None:
                states[ref_key(ref)] = True if own.get(ref.step_id) is JobStatus.COMPLETED else None
            else:
                states[ref_key(ref)] = await self._state_elsewhere(tx, sight.row, ref.run_id, ref.step_id)
        return states

    async def _state_elsewhere(self, tx: Tx, row: Any, run_id: str, step_id: str) -> bool | None:
        other = await store.run(tx, run_id)
        statuses = await store.step_statuses(tx, run_id)  # after it: what is over then has no step to come
        if other is None or other["account_id"] != row["account_id"]:
            return False
        if statuses.get(step_id) is JobStatus.COMPLETED:
            return True
        return False if RunStatus(other["status"]) in RUN_OVER else None

    async def _make_job(self, tx: Tx, row: Any, plan: Plan, steps: Sequence[Step]) -> None:
        """One job for these steps; those that use what others of them make are told so by links."""
        now, own = self._clock.now(), {step.id for step in steps}
        held = [JobStep(step, await self._inputs(tx, row["id"], step, own)) for step in steps]
        values = {
            "id": new_id(), "run_id": row["id"], "tag": self._tag_of(steps[0].tool), "due_at": now, "created_at": now,
            **{name: row[name] for name in ("account_id", "tier", "scope", "correlation_id", "lane")},
            **await self._holding({**row, "expect_s": rules.expected_seconds(plan, steps) / len(steps)}, held),
        }  # fmt: skip
        given = await self._line.enter(tx, values, [step.tool for step in steps])
        reason = self._line.hindrance()  # who works then tells the place
        told = {"place": given.place, "promised_from": given.since(now), "promised_until": given.until(now)}
        await create(tx, values if reason is not None else values | told)
        await store.insert_steps(tx, [_step_row(values, step) for step in steps])
        if reason is not None:
            data = {"reason": reason, "step_id": values["step_id"], "place": None, "until": None}
            await self._tell_row(tx, values, "run.waiting", data)
        else:
            await self._tell_row(tx, values, "run.queued", {"place": given.place, "eta_s": list(given.eta_s)})
        tx.after_commit(lambda: self._bell.announce(values["tag"]))

    async def divide(self, tx: Tx, job_id: str, parts: Sequence[Sequence[JobStep]]) -> None:
        """A job that waits, or is about to, keeps the first part; the others get jobs of their own. Steps in no part wait
        until what they use is done, and become jobs then."""
        row: Any = await store.job(tx, job_id)
        left = [one for one in await self.steps_of(tx, row) if not one.done]
        shared = {**row, "expect_s": row["expect_s"] / max(1, len(left))}
        await store.change_job(tx, job_id, {JobStatus.QUEUED, *AT_WORK}, **await self._holding(shared, parts[0]))
        for part in parts[1:]:
            await self._make_part(tx, shared, part)
        taken = {one.step.id for part in parts for one in part}
        tx.after_commit(self._bell.stir)
        await store.drop_steps(tx, row["run_id"], [one.step.id for one in left if one.step.id not in taken])

    async def _make_part(self, tx: Tx, row: Any, steps: Sequence[JobStep]) -> None:
        now = self._clock.now()
        names = ("run_id", "account_id", "tier", "scope", "correlation_id", "tag", "lane")
        values = {"id": new_id(), "due_at": now, "created_at": row["created_at"], **{name: row[name] for name in names}}
        values |= await self._holding(row, steps)
        await create(tx, values)
        for one in steps:
            await store.change_step(tx, row["run_id"], one.step.id, job_id=values["id"])
        tx.after_commit(lambda: self._bell.announce(values["tag"]))

    async def _holding(self, row: Any, steps: Sequence[JobStep]) -> dict[str, Any]:
        """What a row says of its steps; `expect_s` of `row` is for each."""
        key = await self._keys.key(row["scope"])
        first = steps[0].step
        whole = {"step": key.seal(closed(steps)), "expect_s": row["expect_s"] * len(steps)}
        return {"step_id": first.id, "tool": first.tool, **whole}

    async def _inputs(self, tx: Tx, run_id: str, step: Step, own: Collection[str]) -> dict[str, list[str | Link]]:
        return {port: await self._given(tx, run_id, refs, own) for port, refs in step.inputs.items()}

    async def _given(
        self, tx: Tx, run_id: str, refs: Sequence[AssetRef | StepRef], own: Collection[str]
    ) -> list[str | Link]:
        given: list[str | Link] = []
        for ref in refs:
            if isinstance(ref, AssetRef):
                given.append(ref.asset_id)
            elif ref.run_id is None and ref.step_id in own:
                given.append(Link(ref.step_id, ref.port, ref.index))
            else:
                given += await self._made(tx, ref.run_id or run_id, ref)
        return given


def _step_row(job: Mapping[str, Any], step: Step) -> dict[str, Any]:
    return {"run_id": job["run_id"], "step_id": step.id, "job_id": job["id"], "tool": step.tool, **_takes(step)}


def _takes(step: Step) -> dict[str, Any]:
    low, high = step.seconds or (None, None)
    return {"size": None if step.seconds is None else step.size, "low_s": low, "high_s": high}


def ref_key(ref: StepRef) -> tuple[str | None, str]:
    """The step that a reference means."""
    return ref.run_id, ref.step_id
