"""What nobody can read any more, and what nobody needs any more, is cleared away: nothing else, and on both databases."""

from __future__ import annotations

import asyncio
from collections.abc import Collection, Sequence
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Table, func, insert, select, update

from accounts.keys import REMEMBERED_S, StandardKeyStore
from accounts.service import Accounts
from accounts.tables import accounts, data_keys
from base.crypto import HOUSE
from base.db import Database, Tx
from base.errors import KeyLost
from base.events import EventLog
from base.settings import Limits
from base.tables import events as event_rows
from base.tables import streams
from base.testing import ManualClock, MemoryKeyStore
from executor import presence, store
from executor.assembly import Executor
from executor.assets.store import assets_of_scope
from executor.clearing import store as clearing
from executor.clearing.retention import EVENTS_KEPT
from executor.model import Owner, RunStatus
from executor.tables import assets, blobs, deleted_outputs, instances, job_steps, jobs, runs
from executor.testing import FaultyComfy
from executor.watch.alerts import KEPT, STREAM
from tests.executor.conftest import OWNER, Floor, create, eventually, resize
from tests.patience import PATIENCE_S
from tools.model import StepRef

LONG_AGO = timedelta(days=40)


async def run_task(executor: Executor, name: str) -> None:
    await next(task for task in executor.upkeep if task.name == name).work()


async def count(floor: Floor, table: Table, *where: Any) -> int:
    async with floor.db.read() as tx:
        return int(await tx.scalar(select(func.count()).select_from(table).where(*where)) or 0)


def files(floor: Floor) -> list[Path]:
    return [path for path in (floor.data / "assets").glob("??/??/*") if path.is_file()]


async def nobody(tx: Tx, run_ids: Sequence[str]) -> set[str]:
    return set()


async def everybody(tx: Tx, run_ids: Sequence[str]) -> set[str]:
    return set(run_ids)


async def forget(floor: Floor, scope: str) -> None:
    async with floor.db.write() as tx:
        await floor.keys.forget(tx, scope)


async def over(floor: Floor, run_id: str) -> Any:
    """The run, once it has ended."""
    async with asyncio.timeout(PATIENCE_S):
        while True:
            async with floor.db.read() as tx:
                row: Any = await store.run(tx, run_id)
            if row["ended_at"] is not None:
                return row
            await asyncio.sleep(0.02)


class Remembering(MemoryKeyStore):
    """As a process has it that has not heard of what another one forgot."""

    gone: frozenset[str] = frozenset()

    async def hold(self, tx: Tx, scope: str) -> None:
        if scope in self.gone:
            raise KeyLost

    async def lost(self, tx: Tx, scopes: Collection[str]) -> set[str]:
        return set(scopes) & self.gone


async def aged(floor: Floor, *run_ids: str, by: timedelta = LONG_AGO) -> None:
    """As if they had been over for so long."""
    async with floor.db.write() as tx:
        then = floor.clock.now() - by
        await tx.execute(update(runs).where(runs.c.id.in_(run_ids)).values(created_at=then, ended_at=then))


# --- scopes without a key


async def test_of_a_forgotten_conversation_nothing_is_left_inner_results_neither(both: Floor, comfy: FaultyComfy) -> None:
    """A chain of two, both of whose pictures lie on the disk, and somebody else's, who keeps everything."""
    other = await both.person("other")
    async with both.open(comfy.url) as executor:
        chain = create(deliver=False), resize("s2", StepRef(step_id="s1", port="image"))
        mine = await both.start(executor, *chain)
        theirs = await both.start(executor, create(), owner=other)
        for run_id in (mine, theirs):
            assert (await both.until(run_id))[-1].type == "run.completed"
        assert (await count(both, assets), len(files(both))) == (3, 3)
        await forget(both, OWNER.scope)
        await run_task(executor, "forgotten_cleared")
        assert [asset.run_id for asset in await executor.runs.assets(theirs)] == [theirs]
    assert await count(both, assets) == await count(both, blobs) == len(files(both)) == 1
    for table in (runs, jobs, job_steps, streams):
        assert await count(both, table) == 1, table.name
    assert await count(both, event_rows, event_rows.c.stream != f"run:{theirs}") == 0


async def test_nothing_is_cleared_while_there_is_a_key(both: Floor, comfy: FaultyComfy) -> None:
    async with both.open(comfy.url) as executor:
        await both.until(await both.start(executor, create()))
        await executor.forgotten.clear(OWNER.scope)
        await run_task(executor, "forgotten_cleared")
    assert await count(both, assets) == await count(both, runs) == len(files(both)) == 1


async def test_what_is_told_to_operators_has_no_persons_key_and_stays(both: Floor) -> None:
    async with both.open(work=False) as executor, both.db.write() as tx:
        await both.events.ensure(tx, STREAM, HOUSE)
        await both.events.append(tx, STREAM, "alert.raised", {})
    await executor.forgotten.sweep()
    assert await count(both, event_rows) == 1


async def begun(floor: Floor, executor: Executor, run_id: str) -> None:
    """Until its worker has noted that it is being rendered, which needs the key."""
    async with asyncio.timeout(PATIENCE_S):
        while (await executor.runs.jobs(run_id))[0].times["gpu_started"] is None:
            await floor.clock.sleep(0.02)


async def test_a_render_that_ends_after_the_key_is_gone_leaves_no_picture(both: Floor, comfy: FaultyComfy) -> None:
    comfy.hold.clear()
    async with both.open(comfy.url) as executor:
        run_id = await both.start(executor, create())
        await begun(both, executor, run_id)
        await forget(both, OWNER.scope)
        await executor.forgotten.clear(OWNER.scope)
        assert await count(both, runs) == 1  # it is not over: its end must find it
        comfy.hold.set()
        await over(both, run_id)
        await executor.worker.stop()
        await run_task(executor, "forgotten_cleared")
    assert await count(both, assets) == await count(both, runs) == await count(both, streams) == len(files(both)) == 0


async def test_who_remembers_a_key_that_another_process_forgot_adopts_nothing(database: Database, clock: ManualClock) -> None:
    """What it seals for a minute more is swept; for good it keeps nothing."""
    here, there = (StandardKeyStore(database, bytes(32), clock) for _ in range(2))
    owner = (await Accounts(database, here, clock, bytes(32), Limits()).create_anonymous()).id
    async with database.write() as tx:
        await here.create(tx, "conversation:1", owner, "standard")
        await here.hold(tx, "conversation:1")  # made in this very transaction
    await there.key("conversation:1")
    async with database.write() as tx:
        await here.forget(tx, "conversation:1")
    await there.key("conversation:1")  # remembered
    with pytest.raises(KeyLost):
        async with database.write() as tx:
            await there.hold(tx, "conversation:1")
    async with database.read() as tx:
        assert await there.lost(tx, ["conversation:1", f"account:{owner}", HOUSE]) == {"conversation:1"}
    clock.advance(REMEMBERED_S)
    with pytest.raises(KeyLost):
        await there.key("conversation:1")


async def test_an_asset_under_a_forgotten_key_is_refused_where_the_key_is_remembered(
    both: Floor, comfy: FaultyComfy
) -> None:
    """The worker of another process: it has the key, and the database has none."""
    remembering = Remembering()
    both.keys = remembering
    comfy.hold.clear()
    async with both.open(comfy.url) as executor:
        run_id = await both.start(executor, create())
        await eventually(lambda: comfy.running is not None)
        remembering.gone = frozenset({OWNER.scope})
        comfy.hold.set()
        row = await over(both, run_id)
        await executor.worker.stop()
        await executor.forgotten.sweep()
    assert (row["status"], row["error_code"]) == (RunStatus.FAILED, KeyLost.code)
    assert await count(both, assets) == await count(both, runs) == len(files(both)) == 0


async def test_a_deleted_account_leaves_nothing(both: Floor, comfy: FaultyComfy) -> None:
    """Its keys go with its row."""
    clock = ManualClock()
    keys: Any = StandardKeyStore(both.db, bytes(32), clock)
    both.keys = keys
    account = await Accounts(both.db, keys, clock, bytes(32), Limits()).create_anonymous()
    owner = Owner(account.id, "standard", account.scope)
    async with both.db.write() as tx:
        now = clock.now()
        await tx.execute(insert(accounts).values(id=OWNER.account_id, tier="standard", created_at=now, seen_at=now))
    async with both.open(comfy.url) as executor:
        await both.until(await both.start(executor, create(), owner=owner))
        async with both.db.write() as tx:
            await tx.execute(accounts.delete().where(accounts.c.id == account.id))
            assert await tx.scalar(select(func.count()).select_from(data_keys)) == 1  # of who opened the floor
        await executor.forgotten.sweep()
    assert await count(both, assets) == await count(both, runs) == await count(both, streams) == len(files(both)) == 0


# --- what is kept for a while


async def test_a_run_goes_when_nothing_is_left_of_it_and_nobody_names_it(both: Floor, comfy: FaultyComfy) -> None:
    async with both.open(comfy.url) as executor:
        emptied, kept, young = [await both.start(executor, create(prompt=str(n))) for n in range(3)]
        for run_id in (emptied, kept, young):
            assert (await both.until(run_id))[-1].type == "run.completed"
        for run_id in (emptied, young):
            [asset] = await executor.runs.assets(run_id)
            await executor.assets.delete(asset.id, OWNER.account_id)
        waiting = await both.start(executor, create(), waiting=True)
        await aged(both, emptied, kept)
        await executor.retention.trim_runs(everybody)
        assert await count(both, runs) == 4
        await executor.retention.trim_runs(nobody)
        await executor.retention.trim_runs(nobody)
    async with both.db.read() as tx:
        left = {row["id"] for row in await tx.all(select(runs.c.id))}
    assert left == {kept, young, waiting}
    assert await count(both, jobs, jobs.c.run_id == emptied) == 0
    assert await count(both, deleted_outputs, deleted_outputs.c.run_id == emptied) == 0
    assert await count(both, deleted_outputs) == 1  # of the young one
    assert await count(both, streams, streams.c.id == f"run:{emptied}") == 0


async def test_a_run_that_another_waits_for_stays(both: Floor) -> None:
    async with both.open(work=False) as executor:
        first = await both.start(executor, create())
        await both.start(executor, resize("big", StepRef(run_id=first, step_id="s1", port="image")))
        async with both.db.write() as tx:
            await tx.execute(update(jobs).values(ended_at=both.clock.now(), status="failed"))
            await store.change_run(tx, first, [RunStatus.ACTIVE], status=RunStatus.FAILED)
        await aged(both, first)
        await executor.retention.trim_runs(nobody)
    assert await count(both, runs) == 2


async def test_events_of_a_run_go_some_days_after_its_end_but_for_who_reads_them_still(both: Floor) -> None:
    async with both.open(work=False) as executor:
        over, recent, still = [await both.start(executor, create(prompt=str(n))) for n in range(3)]
        for run_id in (over, recent):
            await executor.runs.cancel(run_id, OWNER.account_id)
        await aged(both, over, by=EVENTS_KEPT + timedelta(minutes=1))
        await aged(both, recent, by=EVENTS_KEPT - timedelta(minutes=1))
        async with both.db.write() as tx:
            await both.events.open(tx, "conversation:1", OWNER.scope)
            await both.events.append(tx, "conversation:1", "turn.started", {})
        await executor.retention.trim_events(everybody)
        assert await count(both, streams) == 4
        await executor.retention.trim_events(nobody)
    async with both.db.read() as tx:
        left = {row["id"] for row in await tx.all(select(streams.c.id))}
    assert left == {"conversation:1", f"run:{recent}", f"run:{still}"}
    assert await count(both, event_rows, event_rows.c.stream == f"run:{over}") == 0
    assert await count(both, runs) == 3


async def test_old_alerts_go_with_what_told_of_them_and_numbers_go_on(both: Floor) -> None:
    clock = ManualClock(both.clock.now() - KEPT - timedelta(days=1))
    log = EventLog(both.db, both.keys, both.bell, clock)
    async with both.db.write() as tx:
        await log.ensure(tx, STREAM, HOUSE)
        await log.append(tx, STREAM, "alert.raised", {})
    async with both.open(work=False) as executor:
        async with both.db.write() as tx:
            await both.events.append(tx, STREAM, "alert.resolved", {})
        await run_task(executor, "alerts_trimmed")
    assert [event.number for event in await both.events.read(STREAM)] == [2]


async def test_a_renderer_that_never_came_up_is_forgotten_too(both: Floor) -> None:
    now = both.clock.now()
    async with both.db.write() as tx:
        await store.note_instances(tx, ["local-never", "local-told", "local-busy"])
        await tx.execute(update(instances).where(instances.c.id == "local-told").values(told_at=now, seen_at=now))
        await tx.execute(update(instances).where(instances.c.id == "local-busy").values(seen_at=now))
        await presence.forget(tx, now)
    assert await count(both, instances) == 2


class Planned(Tx):
    """Notes how the database would find what each statement asks for."""

    plans: list[str]

    async def execute(self, statement: Any, parameters: Any = None) -> Any:
        plain = statement.compile(self.connection, compile_kwargs={"literal_binds": True})
        how = "EXPLAIN QUERY PLAN" if self.connection.dialect.name == "sqlite" else "EXPLAIN"
        if not hasattr(self, "plans"):
            self.plans = []
            if how == "EXPLAIN":  # of tables that are empty it would read all
                await self.connection.exec_driver_sql("SET LOCAL enable_seqscan = off")
        rows = (await self.connection.exec_driver_sql(f"{how} {plain}".replace("%", "%%"))).all()
        self.plans += [str(row[-1]) for row in rows]
        return await super().execute(statement, parameters)


async def test_what_goes_and_what_is_not_over_is_found_by_an_index(both: Floor) -> None:
    """However much is there: no statement of these reads a whole table."""
    now = both.clock.now()
    async with both.db.read() as tx:
        planned = Planned(tx.connection)
        await store.unconfirmed(planned, now)
        await store.standing_still(planned)
        await clearing.over_in_scope(planned, "conversation:1", 100)
        await clearing.unneeded(planned, ["1", "2"], now)
        await clearing.scopes_of_runs(planned, "a", 500)
        await clearing.scopes_of_assets(planned, "a", 500)
        await assets_of_scope(planned, "conversation:1", 100)
        await both.events.scopes(planned, "a", 500)
        await both.events.of_scope(planned, "conversation:1", 100)
        await both.events.names(planned, "run:", "run:1")
    assert [line for line in planned.plans if "Seq Scan" in line or line.startswith("SCAN")] == []
    assert any("ix_runs_open" in line for line in planned.plans)
