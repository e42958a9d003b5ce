"""A job in a worker's hands: claimed, sent, rendered, fetched."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

from base.db import Tx
from base.ids import new_id
from executor import left, locks, rules, store
from executor.graphs import graph_facts, graph_hash
from executor.life.setting import LeaseLost, enter, held, locked
from executor.life.telling import Telling
from executor.model import AT_WORK, OVER, Claim, Gpu, JobStatus, Owner, Tag


class AtWork(Telling):
    """The worker's verbs until the end of a job."""

    async def claim(self, tx: Tx, job_id: str, instance: str, owner: str, lease_s: float) -> Claim | None:
        """Take a queued job for an instance, with the prompt id it will have there; None when somebody else was faster, or its
        run shall not go on."""
        row = await store.startable(tx, job_id)
        return None if row is None else await self.claim_locked(tx, row, instance, owner, lease_s)

    async def claim_locked(
        self, tx: Tx, row: Any, instance: str, owner: str, lease_s: float, done: Collection[str] | None = None
    ) -> Claim:
        """The same of a queued job that the caller has locked while its run went on, and of which `done` says what steps are.

        A job that was on this instance before keeps its prompt id: it may still be there.
        """
        known = row["prompt_id"] if row["instance"] == instance else None
        now = self._clock.now()
        values: dict[str, Any] = {
            "instance": instance, "prompt_id": known or new_id(), "place": None,
            "lease_owner": owner, "lease_token": new_id(), "lease_until": now + timedelta(seconds=lease_s),
            "waiting_since": None, "waiting_for": None,
        }  # fmt: skip
        if known is None:
            await left.leave(tx, row, now)
            values |= rules.UNSENT
        else:  # the same attempt goes on
            values |= {"started_at": row["started_at"] or now, "rendered_at": None, "collected_at": None}
        await enter(tx, row, JobStatus.DISPATCHING, now, **values)
        status = JobStatus.QUEUED if known is None else JobStatus.RUNNING
        return await self._claimed(tx, {**row, **values}, status, done)

    async def take_over(self, tx: Tx, known: Any, owner: str, lease_s: float) -> Claim | None:
        """Continue a job of a worker that is gone, where it is; None when somebody else was faster, or that worker woke up.
        `known`: its row as it was when the worker was taken for gone."""
        row = await self._abandoned(tx, known)
        if row is None:
            return None
        until = self._clock.now() + timedelta(seconds=lease_s)
        values = {"lease_owner": owner, "lease_token": new_id(), "lease_until": until}
        await store.change_job(tx, row["id"], AT_WORK, **values)
        claim = await self._claimed(tx, {**row, **values}, JobStatus(row["status"]))
        return replace(claim, orphaned=row["lease_owner"] is not None and rules.under_way(row))  # who stops gives it up

    async def set_aside(self, tx: Tx, row: Any) -> None:
        """A job that its worker left and we cannot read waits in the queue for one who can, and keeps its prompt."""
        if (now := await self._abandoned(tx, row)) is not None:
            at = self._clock.now()
            await enter(tx, now, JobStatus.QUEUED, at, due_at=at)

    async def _abandoned(self, tx: Tx, known: Any) -> Any | None:
        """The job, locked after the person's turn and its run, since the caller may end both; None when its lease is another one
        by now, or was prolonged."""
        await locks.turn_of(tx, known["account_id"])
        await store.run(tx, known["run_id"], lock=True)
        row = await locked(tx, known["id"], AT_WORK)
        same = row is not None and all(row[name] == known[name] for name in ("lease_token", "lease_until"))
        return row if same else None

    async def resubmit(self, tx: Tx, claim: Claim, prompt_id: str) -> None:
        """The old prompt is nowhere, or only on its way yet: note the new id before it is sent."""
        row = await held(tx, claim)
        await left.leave(tx, row, self._clock.now())
        await enter(tx, row, JobStatus.DISPATCHING, self._clock.now(), prompt_id=prompt_id, **rules.UNSENT)

    async def strayed(self, tx: Tx, claim: Claim) -> None:
        """A prompt was sent when the lease was lost already: unless whoever has the job now waits for this very one, nobody
        wants it."""
        row = await store.job(tx, claim.id)
        wanted = None if row is None or JobStatus(row["status"]) in OVER else row["prompt_id"]
        if wanted != claim.prompt_id:
            await left.leave(tx, {"prompt_id": claim.prompt_id, "instance": claim.instance}, self._clock.now())

    async def running(self, tx: Tx, claim: Claim, graph: dict[str, Any]) -> None:
        """The instance has it: what it makes is noted with it, sealed."""
        key = await self._keys.key(claim.owner.scope)
        facts = graph_facts(graph, self._sha256_of)
        values: dict[str, Any] = {"graph": key.seal(graph), "facts": key.seal(facts), "graph_hash": graph_hash(key.secret, graph)}
        await self._enter(tx, claim, JobStatus.RUNNING, **values)

    async def collecting(self, tx: Tx, claim: Claim, gpu: Gpu | None = None) -> None:
        """The instance is done with it. `gpu`: what it told of its memory just now."""
        told = gpu or Gpu()
        values: dict[str, Any] = {"gpu_name": told.name, "vram_total_gb": told.total_gb, "vram_used_gb": told.used_gb}
        await self._enter(tx, claim, JobStatus.COLLECTING, **values)
        tx.after_commit(self._bell.stir)

    async def progressed(self, tx: Tx, claim: Claim, progress: dict[str, Any] | None, began: datetime) -> None:
        """It is being rendered since `began`: what is noted of that first stays, whoever goes on with it."""
        values: dict[str, Any] = {"gpu_started_at": store.first_beginning(began)}
        if progress is not None:
            values["progress"] = (await self._keys.key(claim.owner.scope)).seal(progress)
        if not await store.change_leased(tx, claim.id, claim.token, **values):
            raise LeaseLost

    async def _claimed(self, tx: Tx, row: Any, status: JobStatus, done: Collection[str] | None = None) -> Claim:
        return Claim(
            id=row["id"], run_id=row["run_id"], owner=Owner(row["account_id"], row["tier"], row["scope"]),
            correlation_id=row["correlation_id"], status=status, token=row["lease_token"], instance=row["instance"],
            prompt_id=row["prompt_id"], tag=Tag(row["tag"]), attempts=row["attempts"],
            failed_on=tuple(name for name in row["failed_on"].split(",") if name),
            steps=await self.steps_of(tx, row, done), gpu_started_at=row["gpu_started_at"],
        )  # fmt: skip
