"""Runs: start, confirm, cancel, look. (Assets live in `executor.assets.service`.)"""

from __future__ import annotations

from typing import Any

from base.crypto import KeyStore
from base.db import Database, Tx
from base.errors import KeyLost
from executor import store
from executor.assets.service import AssetService
from executor.dead import DeadLetters
from executor.errors import AlreadyEnded, NotWaiting, RunNotFound
from executor.lifecycle import Lifecycle
from executor.model import RUN_OVER, Asset, JobRecord, Lane, Owner, Run, RunStatus
from executor.operations import Operations
from executor.records import record
from executor.records import shape as job_shape
from executor.stepcache.service import StepCache
from executor.waiting.door import Door
from tools.model import Estimate, Plan, Warning

__all__ = ["AssetService", "DeadLetters", "Operations", "RunService", "job_shape"]
Assets = list[Asset]  # within the class, `list` is its method
Runs = list[Run]
Ids = list[str]
Progress = list[dict[str, Any]]


_KNOWN = Warning(code="known", message="All of this was made before: it is there at once and costs nothing.")


class RunService:
    """Implements executor.protocols.Runs."""

    def __init__(
        self, db: Database, keys: KeyStore, lifecycle: Lifecycle, assets: AssetService, door: Door, memory: StepCache
    ) -> None:
        self._memory = memory
        self._db, self._keys, self._lifecycle, self._assets, self._door = db, keys, lifecycle, assets, door

    async def start(
        self, tx: Tx, plan: Plan, owner: Owner, *, origin: str | None, correlation_id: str, waiting: bool = False,
        lane: Lane = Lane.NORMAL,
    ) -> str:  # fmt: skip
        """Make run and first jobs in the caller's transaction; returns the run id. `waiting`: until `confirm`, which is
        never refused. Raises NotAdmitted."""
        await self._door.admit(tx, owner.account_id, lane, plan)
        return await self._lifecycle.start(
            tx, plan, owner, origin=origin, correlation_id=correlation_id, waiting=waiting, lane=lane
        )

    async def priced(self, plan: Plan, owner: Owner) -> Plan:
        """The plan with what it will cost: nothing, where all of it was made before."""
        if plan.estimate.credits[1] <= 0:
            return plan
        async with self._db.write() as tx:
            known = await self._memory.covers(tx, plan, owner)
        return plan.model_copy(update={"estimate": Estimate(), "warnings": (*plan.warnings, _KNOWN)}) if known else plan

    async def confirm(self, run_id: str, account_id: str) -> None:
        """The owner's yes. Raises RunNotFound, NotWaiting."""
        async with self._db.write() as tx:
            await self._owned(tx, run_id, account_id)
            if not await self._lifecycle.confirm(tx, run_id, account_id):
                raise NotWaiting

    async def cancel(self, run_id: str, account_id: str) -> None:
        """End the run, reaching the GPU; a second time changes nothing. Raises RunNotFound, AlreadyEnded."""
        async with self._db.write() as tx:
            row = await self._owned(tx, run_id, account_id)
            if RunStatus(row["status"]) in RUN_OVER:
                raise AlreadyEnded
            await self._lifecycle.cancel(tx, run_id, account_id)

    async def get(self, run_id: str, account_id: str) -> Run:
        """Raises RunNotFound, also for somebody else's."""
        async with self._db.read() as tx:
            row = await self._owned(tx, run_id, account_id)
        return await self._run(row)

    async def page(self, account_id: str, after: str | None, limit: int) -> tuple[list[Run], str | None]:
        """Newest first; the second value is the cursor of the next page."""
        async with self._db.read() as tx:
            rows = await store.runs_of(tx, account_id, after, limit + 1)
        page = rows[:limit]
        found = [run for row in page if (run := await self._run_or_none(row)) is not None]
        return found, page[-1]["id"] if len(rows) > limit else None

    async def assets(self, run_id: str) -> Assets:
        """All outputs of the run so far, inner ones too, in the order they were made."""
        return await self._assets.of_run(run_id)

    async def deleted(self, run_id: str) -> Ids:
        """Ids of the outputs that were deleted, in the order they were made."""
        return await self._assets.deleted_of(run_id)

    async def progress(self, run_id: str) -> Progress:
        """The last progress of each job at work, for whoever connects in the middle."""
        async with self._db.read() as tx:
            rows = await store.progress_of(tx, run_id)
        found: Progress = []
        for row in rows:
            data = (await self._keys.key(row["scope"])).open(row["progress"])
            if data is not None:
                found.append({"run_id": run_id, "job_id": row["id"], **data})
        return found

    async def jobs(self, run_id: str) -> list[JobRecord]:
        """The jobs of a run, with what went wrong and what was rendered."""
        async with self._db.read() as tx:
            rows = await store.jobs_of(tx, run_id)
            steps = await store.steps_of_run(tx, run_id)
            setbacks = await store.setbacks_of(tx, [row["id"] for row in rows])
        held = {row["id"]: [step["step_id"] for step in steps if step["job_id"] == row["id"]] for row in rows}
        return [
            record(row, held[row["id"]], setbacks[row["id"]], await self._facts(row), await self._left_s(row)) for row in rows
        ]

    async def restarted(self) -> Runs:
        """Runs that an operator started again and of which whoever asked does not know yet."""
        async with self._db.read() as tx:
            rows = await store.not_taken_up(tx)
        found = {row["id"]: await self._run_or_none(row) for row in rows}
        async with self._db.write() as tx:
            for run_id in [run_id for run_id, run in found.items() if run is None]:
                await store.take_up(tx, run_id)  # forgotten with its conversation: there is nobody to tell
        return [run for run in found.values() if run is not None]

    async def taken_up(self, tx: Tx, run_id: str) -> bool:
        """Note that they know now; False when somebody was faster."""
        return await store.take_up(tx, run_id)

    async def _left_s(self, row: Any) -> float | None:
        """What the last progress said."""
        if row["progress"] is None or row["gpu_started_at"] is None:
            return None
        told: dict[str, Any] = (await self._keys.key(row["scope"])).open(row["progress"]) or {}
        return told.get("left_s")

    async def _facts(self, row: Any) -> dict[str, Any] | None:
        facts: dict[str, Any] | None = (await self._keys.key(row["scope"])).open(row["facts"])
        return facts

    async def _owned(self, tx: Tx, run_id: str, account_id: str) -> Any:
        row = await store.run(tx, run_id)
        if row is None or row["account_id"] != account_id:
            raise RunNotFound
        return row

    async def _run_or_none(self, row: Any) -> Run | None:
        try:
            return await self._run(row)
        except KeyLost:  # forgotten content: the row is about to be swept
            return None

    async def _run(self, row: Any) -> Run:
        key = await self._keys.key(row["scope"])
        return Run(
            id=row["id"], owner=Owner(row["account_id"], row["tier"], row["scope"]), origin=row["origin"],
            status=RunStatus(row["status"]), plan=Plan.model_validate(key.open(row["plan"])),
            created_at=row["created_at"], ended_at=row["ended_at"], error_code=row["error_code"],
            credits=row["credits"], gpu_s=row["gpu_s"], retry_of=row["retry_of"],
        )  # fmt: skip
