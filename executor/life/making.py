"""The beginning of jobs: which inputs exist, and a row for each step that became ready."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from typing import Any

from base.db import Tx
from base.ids import new_id
from executor import places, rules, store
from executor.life.setting import create
from executor.life.steps import closed
from executor.life.telling import Telling
from executor.model import RUN_OVER, JobStatus, JobStep, Link, RunStatus
from tools.model import AssetRef, Plan, Step, StepRef


class Making(Telling):
    """Steps become jobs."""

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

    async def _make_job(self, tx: Tx, row: Any, plan: Plan, steps: Sequence[Step]) -> None:
        """One job for these steps; those that use what others of them make are told so by links."""
        key, now = await self._keys.key(row["scope"]), self._clock.now()
        own = {step.id for step in steps}
        held = [JobStep(step, await self._inputs(tx, row["id"], step, own)) for step in steps]
        values = {
            "id": new_id(), "run_id": row["id"], "step_id": steps[0].id, "tool": steps[0].tool,
            "tag": self._tag_of(steps[0].tool), "lane": row["lane"], "step": key.seal(closed(held)), "due_at": now,
            "expect_s": rules.expected_seconds(plan) * len(steps), "created_at": now,
            **{name: row[name] for name in ("account_id", "tier", "scope", "correlation_id")},
        }  # fmt: skip
        await create(tx, values)
        await store.insert_steps(tx, [_step_row(values, step) for step in steps])
        await self._first_place(tx, values)
        tx.after_commit(lambda: self._bell.announce(values["tag"]))

    async def _first_place(self, tx: Tx, values: dict[str, Any]) -> None:
        place, eta_s = places.place_of(values["id"], await store.queued(tx), await store.at_work(tx), self._clock.now())
        await self.place(tx, values, place, eta_s)

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
    return {"run_id": job["run_id"], "step_id": step.id, "job_id": job["id"], "tool": step.tool}


def ref_key(ref: StepRef) -> tuple[str | None, str]:
    """The step that a reference means."""
    return ref.run_id, ref.step_id
