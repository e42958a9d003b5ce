"""Jobs as their owner and an operator see them: rows in, records out."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from base.clock import rfc3339
from executor.model import JobEnding, JobRecord, JobStatus, Setback, Tag
from executor.saying import sentence

_TIMES = {
    "queued": "created_at", "due": "due_at", "dispatched": "started_at", "submitted": "submitted_at",
    "gpu_started": "gpu_started_at", "rendered": "rendered_at", "collected": "collected_at", "ended": "ended_at",
}  # fmt: skip


def record(
    row: Any, step_ids: Sequence[str], setbacks: Sequence[Setback], facts: Mapping[str, Any] | None = None
) -> JobRecord:
    """Of one row of `jobs`."""
    return JobRecord(
        id=row["id"], run_id=row["run_id"], account_id=row["account_id"], step_ids=tuple(step_ids), tool=row["tool"],
        tag=Tag(row["tag"]), status=JobStatus(row["status"]),
        ending=None if row["ending"] is None else JobEnding(row["ending"]), error_code=row["error_code"],
        instance=row["instance"], attempts=row["attempts"], times={name: row[column] for name, column in _TIMES.items()},
        gpu={"name": row["gpu_name"], "vram_total_gb": row["vram_total_gb"], "vram_used_gb": row["vram_used_gb"],
             "seconds": row["gpu_s"]},
        credits=row["credits"], graph_hash=row["graph_hash"], setbacks=tuple(setbacks),
        facts=None if facts is None else dict(facts),
    )  # fmt: skip


def shape(job: JobRecord) -> dict[str, Any]:
    """As JSON, for the API and for `--json`: the facts only where the record has them."""
    return {
        "id": job.id, "run_id": job.run_id, "step_ids": list(job.step_ids), "tool": job.tool, "tag": job.tag.value,
        "status": job.status.value, "sentence": sentence(job.status, job.ending),
        "ending": None if job.ending is None else job.ending.value, "error_code": job.error_code,
        "instance": job.instance, "attempts": job.attempts,
        "times": {name: None if at is None else rfc3339(at) for name, at in job.times.items()},
        "gpu": job.gpu, "credits": round(job.credits, 4), "graph_hash": job.graph_hash,
        "setbacks": [_setback(one) for one in job.setbacks], "facts": job.facts,
    }  # fmt: skip


def _setback(one: Setback) -> dict[str, Any]:
    return {
        "at": rfc3339(one.at), "instance": one.instance, "fault": one.kind.value, "code": one.code,
        "submitted": one.submitted,
    }  # fmt: skip
