"""Jobs as their owner and an operator see them: rows in, records out."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from base.clock import rfc3339
from executor.model import JobEnding, JobRecord, JobStatus, Setback, Tag
from executor.saying import sentence

_TO_START = (JobStatus.QUEUED, JobStatus.DISPATCHING, JobStatus.RUNNING)
_TIMES = {
    "queued": "created_at", "due": "due_at", "dispatched": "started_at", "submitted": "submitted_at",
    "gpu_started": "gpu_started_at", "rendered": "rendered_at", "collected": "collected_at", "ended": "ended_at",
}  # fmt: skip


def record(
    row: Any, step_ids: Sequence[str], setbacks: Sequence[Setback], facts: Mapping[str, Any] | None = None,
    left_s: float | None = None,
) -> JobRecord:  # fmt: skip
    """Of one row of `jobs`."""
    waits = row["status"] == JobStatus.QUEUED
    return JobRecord(
        id=row["id"], run_id=row["run_id"], account_id=row["account_id"], step_ids=tuple(step_ids), tool=row["tool"],
        tag=Tag(row["tag"]), status=JobStatus(row["status"]),
        ending=None if row["ending"] is None else JobEnding(row["ending"]), error_code=row["error_code"],
        instance=row["instance"], attempts=row["attempts"], times={name: row[column] for name, column in _TIMES.items()},
        gpu={"name": row["gpu_name"], "vram_total_gb": row["vram_total_gb"], "vram_used_gb": row["vram_used_gb"],
             "seconds": row["gpu_s"]},
        credits=row["credits"], graph_hash=row["graph_hash"], setbacks=tuple(setbacks),
        place=row["place"] if waits else None, starts=_starts(row), left_s=None if waits else left_s,
        waits_for=row["waiting_for"] if waits else None,
        facts=None if facts is None else dict(facts),
    )  # fmt: skip


def shape(job: JobRecord, now: datetime | None = None) -> dict[str, Any]:
    """As JSON, for the API and for `--json`: the facts only where the record has them, and `eta_s` where it is told `now`."""
    return {
        "id": job.id, "run_id": job.run_id, "step_ids": list(job.step_ids), "tool": job.tool, "tag": job.tag.value,
        "status": job.status.value, "sentence": job.waits_for or sentence(job.status, job.ending),
        "ending": None if job.ending is None else job.ending.value, "error_code": job.error_code,
        "instance": job.instance, "attempts": job.attempts,
        "times": {name: None if at is None else rfc3339(at) for name, at in job.times.items()},
        "gpu": job.gpu, "credits": round(job.credits, 4), "graph_hash": job.graph_hash,
        "setbacks": [_setback(one) for one in job.setbacks], "facts": job.facts,
        "place": job.place, "eta_s": None if now is None else eta_s(job.starts, now), "left_s": job.left_s,
    }  # fmt: skip


def eta_s(starts: tuple[datetime, datetime] | None, now: datetime) -> list[float] | None:
    """Between how many seconds from now it starts; None where nothing was told, or what was told is over."""
    if starts is None or starts[1] <= now:
        return None
    return [max(0.0, round((at - now).total_seconds(), 1)) for at in starts]


def _starts(row: Any) -> tuple[datetime, datetime] | None:
    """What a job was told that is in the line, or on an instance behind another."""
    begun = row["gpu_started_at"] is not None and row["status"] != JobStatus.QUEUED
    if begun or row["waiting_for"] or row["status"] not in _TO_START or None in (row["promised_from"], row["promised_until"]):
        return None
    return row["promised_from"], row["promised_until"]


def _setback(one: Setback) -> dict[str, Any]:
    return {
        "at": rfc3339(one.at), "instance": one.instance, "fault": one.kind.value, "code": one.code,
        "submitted": one.submitted,
    }  # fmt: skip
