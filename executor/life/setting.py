"""The one setter: whoever changes a job's status comes through here, with the row locked and the table asked."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime
from typing import Any

from base.db import Tx
from executor import rules, store
from executor.model import AT_WORK, OPEN_RUN, Claim, JobEnding, JobStatus


class LeaseLost(Exception):
    """Another worker took the job over: this one's result is thrown away."""


async def locked(tx: Tx, job_id: str, statuses: Collection[JobStatus]) -> Any | None:
    """The job's row, ours until the transaction ends; None when it is not (any more) in one of these statuses."""
    row = await store.lock_job(tx, job_id)
    return row if row is not None and JobStatus(row["status"]) in statuses else None


def shall_stop(run: Any) -> bool:
    """Whether a run is cancelled or over, so that nothing of it goes on: the run says so, whatever its jobs are marked with."""
    return bool(run["stopping"]) or run["status"] not in OPEN_RUN


async def held(tx: Tx, claim: Claim) -> Any:
    """The row of a job whose lease still holds, locked. Raises LeaseLost."""
    row = await locked(tx, claim.id, AT_WORK)
    if row is None or row["lease_token"] != claim.token:
        raise LeaseLost
    return row


async def enter(tx: Tx, row: Any, then: JobStatus, at: datetime, ending: JobEnding | None = None, **values: Any) -> None:
    """Status, its moment, lease and ending at once, and whatever else changes with them. Raises ForbiddenTransition."""
    changed = {**rules.entry(JobStatus(row["status"]), then, rules.no_sooner(row, at), ending), **values}
    if changed.get("submitted_at") is not None:  # once in an attempt; what is rendered was accepted, though we only hear now
        changed["submitted_at"] = row["submitted_at"] or row["gpu_started_at"] or changed["submitted_at"]
    await store.set_job(tx, row["id"], changed)


async def create(tx: Tx, values: dict[str, Any]) -> None:
    """A new job: it waits for its turn."""
    await store.insert_job(tx, {**values, "status": JobStatus.QUEUED})
