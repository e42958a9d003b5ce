"""What instances failed, in the database, so that all workers know: the rule is in `deciding/health.py`.

Each statement is a transaction's only one about instances, and none about jobs: who dispatches locks instances before jobs.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from sqlalchemy import select, update

from base.db import Tx
from executor.deciding.health import STRIKES, Health
from executor.model import FaultKind
from executor.tables import instances, job_faults

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
    there = (job_faults.c.job_id == job_id, job_faults.c.kind == FaultKind.HOST, job_faults.c.instance.in_(sorted(failing)))
    await tx.execute(update(job_faults).where(*there).values(excused=True))
