"""Who comes into a line that was played a moment ago hears what playing it anew would tell; and what is over costs nothing."""

from __future__ import annotations

from collections import Counter
from datetime import UTC, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import SelectBase, text

from base.db import Tx
from executor.deciding.line import keyed
from executor.deciding.model import Queued
from executor.looking import chosen
from executor.model import AT_WORK, Lane, Tag
from executor.store import OPEN
from executor.tables import jobs
from executor.waiting.durations import Guess
from executor.waiting.picture import Newcomer, Picture
from executor.waiting.promising import Playing, Server, Waiter, behind
from tests.executor.conftest import Floor

NOW = datetime(2026, 1, 1, tzinfo=UTC)
SERVERS = [Server("x", "card", (Guess(7.0, 2.0),)), Server("y", "card")]
TOOLS = {"a": frozenset({"x"}), "b": frozenset({"y"}), "c": frozenset({"x", "y"})}
_job = st.tuples(st.sampled_from("pqr"), st.sampled_from(Lane), st.sampled_from("abc"), st.integers(0, 300))
Told = tuple[str, Lane, str, int]


def picture(told: list[Told], at_once: int | None, working: Counter[str]) -> Picture:
    """The line of these jobs, played through as `Line` does it."""
    queue = [Queued(f"{n:03}", who, NOW - timedelta(seconds=age), 10.0, lane) for n, (who, lane, _, age) in enumerate(told)]
    tools = {f"{n:03}": tool for n, (_, _, tool, _) in enumerate(told)}
    order, turns, later = keyed(queue, working, NOW, {}), Counter(working), {}
    for job in queue:
        later[job.id] = behind(job.lane, turns[job.account_id], (NOW - job.created_at).total_seconds())
        turns[job.account_id] += 1
    takes = {"card": Guess(10.0, 4.0)}
    waiters = [Waiter(job.id, job.account_id, TOOLS[tools[job.id]], takes, later[job.id]) for _, job in order]
    busy = {who: [Guess(20.0, 1.0)] * count for who, count in working.items()}
    playing = Playing(waiters, SERVERS, at_once, busy)
    return Picture(playing, [job for _, job in order], [key for key, _ in order], working, {}, len(SERVERS))


@given(st.lists(_job, max_size=20), _job, st.none() | st.integers(1, 3), st.sampled_from(["", "p", "ppq"]))
def test_who_comes_hears_what_playing_anew_would_tell(
    told: list[Told], comer: Told, at_once: int | None, working: str
) -> None:
    who, lane, tool, _ = comer
    came = picture(told, at_once, Counter(working)).promise(Newcomer(who, lane, (tool,), 10.0), TOOLS[tool], NOW)
    anew = picture([*told, (who, lane, tool, 0)], at_once, Counter(working)).playing.found[f"{len(told):03}"]
    assert came == anew


@given(st.lists(_job, max_size=12), st.lists(st.sampled_from("pqr"), min_size=2, max_size=6))
def test_those_who_came_since_stand_before_who_comes_after_them(told: list[Told], people: list[str]) -> None:
    line, places = picture(told, None, Counter()), dict[str, int]()
    total = line.total_s
    for who in people:
        comer = Newcomer(who, Lane.NORMAL, ("c",), 10.0)
        given_ = line.promise(comer, TOOLS["c"], NOW)
        assert given_.place > places.get(who, 0)
        places[who] = given_.place
        line.enter(comer, NOW)
    assert line.total_s == total + 10.0 * len(people)


async def test_no_number_of_jobs_that_are_over_makes_a_round_read_them(floor: Floor) -> None:
    """What the database would read, with its counts of rows and without."""
    async with floor.db.write() as tx:
        for _ in range(2):
            for statement in (chosen(NOW, list(Tag)), jobs.select().where(jobs.c.status.in_(AT_WORK), OPEN)):
                told = await _plan(tx, statement)
                all_read = [line for line in told if line.startswith("SCAN jobs") and "ix_jobs_open" not in line]
                assert all_read == [], told
            await tx.execute(text("ANALYZE"))


async def _plan(tx: Tx, statement: SelectBase) -> list[str]:
    compiled = statement.compile(tx.connection.sync_engine, compile_kwargs={"literal_binds": True})
    return [str(row[3]) for row in await tx.connection.execute(text(f"EXPLAIN QUERY PLAN {compiled}"))]

