"""A house under fire, in small; and the auditor, who must see what is wrong."""

from __future__ import annotations

from itertools import islice
from pathlib import Path

import pytest

from base.clock import SystemClock
from base.crypto import DataKey, new_secret
from base.db import Database
from evals.chaos.audit import Auditor
from evals.chaos.customers import orders
from evals.chaos.model import Ordered, Size
from evals.chaos.schedule import acts, kind_of, once_each
from evals.chaos.storm import weather
from evals.chaos.talking import Talk, examined
from evals.chaos.traces import executed_again
from executor.tables import assets, blobs, jobs, runs
from tests.builds import seed
from tests.databases import PostgresTemplate

CAST = ("postgres", "redis", "renderer-1", "renderer-2", "web-1", "worker-1", "worker-2")
SMALL = Size(
    jobs=40, workers=2, webs=1, renderers=2, conversations=1, messages=1, every_s=0.4, lease_s=5, storm_s=900, bound_s=900
)
"""The two bounds end what is hopeless; a machine under load takes its time, and the monkey waits for it."""


@pytest.mark.xdist_group("chaos")
async def test_a_small_house_under_fire_loses_and_doubles_nothing(tmp_path: Path) -> None:
    seed(tmp_path / "data")
    report = await weather(SMALL, tmp_path, lambda line: None)
    found = report.findings
    assert (found.lost, found.doubled, found.orphaned) == ([], [], [])
    assert len(report.deeds) == once_each(CAST)


def test_the_same_seed_is_the_same_storm_and_begins_with_everything_once() -> None:
    storm = list(islice(acts(7, CAST, every_s=1, lease_s=3), 60))
    assert storm == list(islice(acts(7, CAST, every_s=1, lease_s=3), 60))
    assert storm != list(islice(acts(8, CAST, every_s=1, lease_s=3), 60))
    first = storm[: once_each(CAST)]
    assert len({(act.deed, kind_of(act.target)) for act in first}) == len(first)


def test_orders_are_as_many_steps_as_jobs_were_wanted() -> None:
    made = orders(100, 7, 8)
    assert sum(len(one.body["plan"]["steps"]) if "plan" in one.body else 1 for one in made) == 100
    assert len({one.key for one in made}) == len(made)


async def test_the_auditor_sees_what_is_lost_doubled_and_orphaned(postgres_template: PostgresTemplate) -> None:
    with postgres_template.copy() as url:
        database = Database(url)
        try:
            await _wrong(database)
            found, failures = await Auditor(database).books([Ordered("k1", {}, 0, "run-1"), Ordered("k2", {}, 0, "run-9")])
        finally:
            await database.close()
    assert sorted(line.split()[1] for line in found.lost) == ["job-1", "run-1", "run-2", "run-9"]
    assert [line.split(":")[0] for line in found.doubled] == [
        "run run-2 was ordered by nobody", "run run-1 costs 9.00 s, its jobs 0.00 s", "run run-1",
    ]  # fmt: skip
    assert [line.split()[1] for line in found.orphaned] == ["alone"]
    assert dict(failures) == {"out_of_memory": 1}


async def _wrong(database: Database) -> None:
    """A run that ended untold with a job that did not end, its picture kept twice; one that nobody ordered; a blob alone."""
    now, sealed = SystemClock().now(), DataKey("s", new_secret()).seal({})
    whose = {"account_id": "a", "tier": "standard", "scope": "s", "correlation_id": "c"}
    run = {**whose, "status": "completed", "stopping": False, "plan": sealed, "created_at": now, "lane": 1}
    job = {
        **whose, "id": "job-1", "run_id": "run-1", "step_id": "s1", "tool": "t", "status": "running", "stop": False,
        "step": sealed, "expect_s": 1.0, "due_at": now, "created_at": now,
    }  # fmt: skip
    asset = {
        "account_id": "a", "tier": "standard", "scope": "s", "kind": "image", "media_type": "image/png", "bytes": 1,
        "blob": "one", "origin": "output", "sketch": False, "run_id": "run-1", "step_id": "s1", "port": "image",
        "position": 0, "details": sealed, "created_at": now,
    }  # fmt: skip
    blob = {"digest": "d", "bytes": 1, "holds": 0, "gone": False, "used_at": now}
    async with database.write() as tx:
        await tx.execute(runs.insert().values(**run, id="run-1", gpu_s=9.0))
        await tx.execute(runs.insert().values(**{**run, "status": "failed"}, id="run-2", error_code="out_of_memory"))
        await tx.execute(jobs.insert().values(**job))
        for number in (1, 2):
            await tx.execute(assets.insert().values(**asset, id=f"asset-{number}"))
        await tx.execute(blobs.insert().values(**blob, key="one", refs=2))
        await tx.execute(blobs.insert().values(**blob, key="alone", refs=1))


async def test_a_person_notices_a_gap_a_repetition_and_an_end_that_never_came() -> None:
    talk = Talk("c", "token", turns=["t1"])
    for number in (1, 3, 3):
        await talk.take({"id": number, "type": "turn.started", "turn_id": "t1"})
    found = examined(talk, 2)
    assert len(found.doubled) == 3  # a gap, a repetition, and so a turn that started more than once
    assert found.lost == ["conversation c: 1 messages were never taken", "turn t1: turn.completed 0 times"]


def test_a_picture_that_two_renderers_finished_was_executed_again(tmp_path: Path) -> None:
    job = "0" * 36
    for comfy in ("comfy-1", "comfy-2"):
        folder = tmp_path / comfy / "output" / "stationthis"
        folder.mkdir(parents=True)
        (folder / f"{job}_00001_.png").touch()
    assert executed_again(tmp_path) == {job: 1}
