"""The beginning of jobs: which inputs exist, and a row for each step that became ready."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from base.db import Tx
from base.ids import new_id
from executor import places, rules, store
from executor.life.telling import Telling
from executor.model import RUN_OVER, JobStatus, RunStatus
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


def ref_key(ref: StepRef) -> tuple[str | None, str]:
    """The step that a reference means."""
    return ref.run_id, ref.step_id
