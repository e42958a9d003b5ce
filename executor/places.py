"""Places in the line, and how long until one's turn comes. Rows in, plain values out."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from executor import rules
from executor.deciding.line import line
from executor.deciding.model import Queued
from executor.model import Lane


def place_of(
    job_id: str, queued: Sequence[Any], at_work: Sequence[Any], now: datetime, instances: int = 1
) -> tuple[int, tuple[float, float]]:
    """Place in the line (1 is next) and the seconds until the job starts, as a range."""
    places = all_places(queued, at_work, now, instances)
    return places[job_id]


def queued_job(row: Any) -> Queued:
    """A row as the rule of the line sees it."""
    return Queued(row["id"], row["account_id"], row["created_at"], row["expect_s"], Lane(row["lane"]))


def all_places(
    queued: Sequence[Any], at_work: Sequence[Any], now: datetime, instances: int
) -> dict[str, tuple[int, tuple[float, float]]]:
    """Job id -> place and estimate, for everything that waits."""
    turns: dict[str, int] = {}
    for row in at_work:
        turns[row["account_id"]] = turns.get(row["account_id"], 0) + 1
    waiting = [queued_job(row) for row in queued]
    ahead = sum(_left(row, now) for row in at_work)
    places = {}
    for place, job in enumerate(line(waiting, turns, now), start=1):
        places[job.id] = (place, rules.waiting_estimate([ahead], instances))
        ahead += job.expect_s
    return places


def _left(row: Any, now: datetime) -> float:
    spent = 0.0 if row["started_at"] is None else (now - row["started_at"]).total_seconds()
    return max(0.0, float(row["expect_s"]) - spent)
