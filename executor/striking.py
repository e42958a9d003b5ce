"""What instances failed, in the database, so that all workers know: the rule is in `deciding/health.py`.

Each is a transaction's only one about instances, and locks no jobs: who dispatches locks instances before jobs.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import or_, select, update

from base.db import Tx
from executor.comfy.faults import NODE_FAILED
from executor.deciding.health import STRIKES, Health, convicted, doubted, doubtful, struck
from executor.model import Fault, FaultKind, Setback
from executor.tables import instances, job_faults, jobs

HEALTH = (
    instances.c.strikes, instances.c.struck_job, instances.c.struck_code, instances.c.struck_at, instances.c.rests_until,
)  # fmt: skip
"""What a row says about it."""
_CLEAR = {"strikes": 0, "struck_job": None, "struck_code": None, "struck_at": None, "rests_until": None}


def health_of(row: Any) -> Health:
    """Of a row of `instances`."""
    return Health(row["strikes"], row["struck_job"], row["struck_code"], row["struck_at"], row["rests_until"])


async def health(tx: Tx, instance: str) -> Health:
    """As it is, the row locked; healthy where nobody knows it."""
    row = await tx.one(select(*HEALTH).where(instances.c.id == instance).with_for_update())
    return Health() if row is None else health_of(row)


async def note(tx: Tx, instance: str, now: Health) -> None:
    """It is so now."""
    values = {
        "strikes": now.strikes, "struck_job": now.job, "struck_code": now.code, "struck_at": now.at,
        "rests_until": now.rests_until,
    }  # fmt: skip
    await tx.execute(update(instances).where(instances.c.id == instance).values(**values))


@dataclass(frozen=True)
class Here:
    """An instance and the moment: since when it is there, and how long it rests first and at the most."""

    instance: str
    now: datetime
    since: datetime
    rest_s: tuple[float, float]


async def strike(tx: Tx, here: Here, job_id: str, fault: Fault) -> tuple[Health, Health]:
    """It failed a job: how it was before, and is now."""
    before = await health(tx, here.instance)
    if doubtful(fault):
        unlike = before.job is not None and await _unlike(tx, before.job, job_id)
        after = doubted(before, job_id, fault.code, here.now, here.since, here.rest_s, unlike=unlike)
    else:
        after = struck(before, job_id, fault.code, here.now, here.since, here.rest_s)
    await note(tx, here.instance, after)
    return before, after


async def convict(tx: Tx, here: Here, job_id: str, setback: Setback) -> tuple[Health, Health]:
    """A job was done elsewhere that it had failed."""
    before = await health(tx, here.instance)
    after = convicted(before, job_id, setback.code, setback.at, here.now, here.since, here.rest_s)
    await note(tx, here.instance, after)
    return before, after


async def _unlike(tx: Tx, one: str, other: str) -> bool:
    """Whether two jobs are of different people or tools; not where one is gone."""
    rows = await tx.all(select(jobs.c.account_id, jobs.c.tool).where(jobs.c.id.in_([one, other])))
    return len({(row["account_id"], row["tool"]) for row in rows}) > 1


async def mend(tx: Tx, instance: str) -> bool:
    """It did a job. Whether it had been failing before."""
    was = await health(tx, instance)
    await tx.execute(update(instances).where(instances.c.id == instance).values(**_CLEAR))
    return was.failing


async def failing(tx: Tx) -> set[str]:
    """The instances whose failures say nothing about a job."""
    return {row["id"] for row in await tx.all(select(instances.c.id).where(instances.c.strikes >= STRIKES))}


async def excuse(tx: Tx, job_id: str, failing: Iterable[str]) -> None:
    """What happened to the job on these instances says nothing about it."""
    theirs = or_(job_faults.c.kind == FaultKind.HOST, job_faults.c.code == NODE_FAILED)
    there = (job_faults.c.job_id == job_id, theirs, job_faults.c.instance.in_(sorted(failing)))
    await tx.execute(update(job_faults).where(*there).values(excused=True))
