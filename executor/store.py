"""SQL of runs and jobs. Statements only: what they mean is in lifecycle.py."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterable, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import and_, case, delete, exists, false, func, insert, literal, or_, select, true, update

from base.db import Moment, Tx, insert_unless_there
from executor.comfy.faults import LOST
from executor.model import AT_WORK, OPEN_RUN, OVER, FaultKind, JobStatus, RunStatus, Setback, Tag
from executor.striking import HEALTH
from executor.tables import instances, job_faults, job_steps, jobs, left_prompts, run_links, runs

#: What every list of jobs says of each.
PLAIN = (
    jobs.c.id, jobs.c.run_id, jobs.c.step_id, jobs.c.account_id, jobs.c.scope, jobs.c.tool, jobs.c.status, jobs.c.stop,
    jobs.c.tag, jobs.c.lane,
    jobs.c.expect_s, jobs.c.place, jobs.c.attempts, jobs.c.failed_on, jobs.c.due_at, jobs.c.waiting_since,
    jobs.c.waiting_for, jobs.c.instance, jobs.c.created_at, jobs.c.step, jobs.c.over_gb,
)  # fmt: skip
#: Of a job that is not over, as the index of those says it: so that no count of rows makes a database read all that ever were.
OPEN = jobs.c.ended_at.is_(None)
#: What is read of a job by whoever changes it: all but what it made and what went wrong with it.
HELD = tuple(column for column in jobs.c if column.name not in ("graph", "facts", "progress", "error"))


#: Of a job: neither cancelled nor over is its run.
GOES_ON = exists().where(runs.c.id == jobs.c.run_id, runs.c.status.in_(OPEN_RUN), runs.c.stopping == false())


async def insert_run(tx: Tx, values: dict[str, Any], on_runs: Iterable[str]) -> None:
    await tx.execute(insert(runs).values(**values))
    for on_run_id in sorted(set(on_runs)):
        await tx.execute(insert(run_links).values(run_id=values["id"], on_run_id=on_run_id))


async def run(tx: Tx, run_id: str, *, lock: bool = False) -> Any | None:
    """`lock`: before any of its jobs and before its stream. Rows that name the run may be added meanwhile."""
    statement = select(runs).where(runs.c.id == run_id)
    return await tx.one(statement.with_for_update(key_share=True) if lock else statement)


async def runs_of(tx: Tx, account_id: str, after: str | None, limit: int) -> list[Any]:
    """Newest first, below the id `after`."""
    statement = select(runs).where(runs.c.account_id == account_id).order_by(runs.c.id.desc()).limit(limit)
    return await tx.all(statement if after is None else statement.where(runs.c.id < after))


async def runs_waiting_for(tx: Tx, run_id: str) -> list[str]:
    """Runs that are not over and use what `run_id` makes."""
    statement = (
        select(run_links.c.run_id)
        .join(runs, runs.c.id == run_links.c.run_id)
        .where(run_links.c.on_run_id == run_id, runs.c.status == RunStatus.ACTIVE, runs.c.stopping == false())
        .order_by(run_links.c.run_id)
    )
    return [row["run_id"] for row in await tx.all(statement)]


async def unconfirmed(tx: Tx, before: datetime, limit: int = 100) -> list[str]:
    """Runs that have waited for a yes since before that moment."""
    waits = (runs.c.status == RunStatus.WAITING, runs.c.ended_at.is_(None))
    late = select(runs.c.id).where(*waits, runs.c.created_at < before)
    return [row["id"] for row in await tx.all(late.order_by(runs.c.id).limit(limit))]


async def change_run(tx: Tx, run_id: str, statuses: Sequence[RunStatus], **values: Any) -> bool:
    """Whether the run was in one of these statuses, and is changed."""
    statement = update(runs).where(runs.c.id == run_id, runs.c.status.in_(statuses)).values(**values)
    return bool((await tx.execute(statement)).rowcount)


async def add_cost(tx: Tx, run_id: str, credits: float, gpu_s: float) -> Any | None:
    """The run as it is then, locked as `run` locks it."""
    values = {"credits": runs.c.credits + credits, "gpu_s": runs.c.gpu_s + gpu_s}
    return await tx.one(update(runs).where(runs.c.id == run_id).values(**values).returning(runs))


async def insert_job(tx: Tx, values: dict[str, Any]) -> None:
    """Called by the setter alone."""
    await tx.execute(insert(jobs).values(**values))


async def set_job(tx: Tx, job_id: str, values: dict[str, Any]) -> None:
    """Called by the setter alone, which has the row locked."""
    if values:
        await tx.execute(update(jobs).where(jobs.c.id == job_id).values(**values))


async def job(tx: Tx, job_id: str) -> Any | None:
    return await tx.one(select(jobs).where(jobs.c.id == job_id))


async def lock_job(tx: Tx, job_id: str) -> Any | None:
    """Ours until the transaction ends; what it made and what went wrong with it are not read."""
    return await tx.one(select(*HELD).where(jobs.c.id == job_id).with_for_update())


async def startable(tx: Tx, job_id: str) -> Any | None:
    """A queued job of a run that goes on; ours until the transaction ends."""
    return next(iter(await lock_startable(tx, [job_id])), None)


async def lock_startable(tx: Tx, ids: Iterable[str], *, skip_locked: bool = False) -> list[Any]:
    """Those of the jobs that wait, of runs that go on; ours until the transaction ends. `skip_locked`: without those that
    somebody else holds."""
    waits = (jobs.c.id.in_(list(ids)), jobs.c.status == JobStatus.QUEUED, GOES_ON)
    return await tx.all(select(*HELD).where(*waits).order_by(jobs.c.id).with_for_update(of=jobs, skip_locked=skip_locked))


async def insert_steps(tx: Tx, rows: Sequence[dict[str, Any]]) -> None:
    await tx.execute(insert(job_steps), list(rows))


async def steps_of_job(tx: Tx, job_id: str) -> list[Any]:
    return await tx.all(select(job_steps).where(job_steps.c.job_id == job_id))


async def steps_done(tx: Tx, job_ids: Collection[str]) -> dict[str, set[str]]:
    """Job -> its steps that are done; every id has an entry."""
    known = select(job_steps.c.job_id, job_steps.c.step_id).where(job_steps.c.job_id.in_(sorted(job_ids)))
    found: dict[str, set[str]] = {job_id: set() for job_id in job_ids}
    for row in () if not found else await tx.all(known.where(job_steps.c.done_at.is_not(None))):
        found[row["job_id"]].add(row["step_id"])
    return found


async def steps_of_run(tx: Tx, run_id: str) -> list[Any]:
    """Step, its job, that job's status, when the step was done, and whether it had been done before."""
    columns = (job_steps.c.step_id, job_steps.c.job_id, job_steps.c.done_at, job_steps.c.cached, jobs.c.status)
    joined = select(*columns).join(jobs, jobs.c.id == job_steps.c.job_id)
    return await tx.all(joined.where(job_steps.c.run_id == run_id).order_by(job_steps.c.job_id))


async def step_statuses(tx: Tx, run_id: str) -> dict[str, JobStatus]:
    """Step id -> status of its job, or COMPLETED for a step that is done before its job is, for the steps that have one."""
    return statuses(await steps_of_run(tx, run_id))


def statuses(rows: Iterable[Any]) -> dict[str, JobStatus]:
    """The same of rows of `steps_of_run`."""
    return {row["step_id"]: JobStatus(row["status"]) if row["done_at"] is None else JobStatus.COMPLETED for row in rows}


async def drop_steps(tx: Tx, run_id: str, step_ids: Collection[str]) -> None:
    """They have no job any more."""
    await tx.execute(delete(job_steps).where(job_steps.c.run_id == run_id, job_steps.c.step_id.in_(list(step_ids))))


async def ran_out(tx: Tx, run_id: str) -> bool:
    """Whether a job of this run needed more memory than an instance had."""
    statement = select(jobs.c.id).where(jobs.c.run_id == run_id, jobs.c.error_code == "out_of_memory").limit(1)
    return await tx.scalar(statement) is not None


async def done(tx: Tx, run_id: str, step_id: str, at: datetime, **spent: float) -> bool:
    """Whether the step was not done before, and now is."""
    this = (job_steps.c.run_id == run_id, job_steps.c.step_id == step_id, job_steps.c.done_at.is_(None))
    return bool((await tx.execute(update(job_steps).where(*this).values(done_at=at, **spent))).rowcount)


async def change_step(tx: Tx, run_id: str, step_id: str, **values: Any) -> None:
    statement = update(job_steps).where(job_steps.c.run_id == run_id, job_steps.c.step_id == step_id)
    await tx.execute(statement.values(**values))


async def queued(tx: Tx) -> list[Any]:
    """All jobs that wait, also those whose time has not come."""
    return await tx.all(select(*PLAIN).where(jobs.c.status == JobStatus.QUEUED, OPEN).order_by(jobs.c.id))


async def any_due(tx: Tx, now: datetime, tags: Iterable[Tag]) -> bool:
    """Whether a job with one of these tags waits whose time has come."""
    is_due = (jobs.c.status == JobStatus.QUEUED, OPEN, jobs.c.due_at <= now, jobs.c.tag.in_(list(tags)))
    return await tx.scalar(select(jobs.c.id).where(*is_due).limit(1)) is not None


async def note_instances(tx: Tx, ids: Iterable[str]) -> None:
    """Have a row for each instance, by which workers keep out of each other's way."""
    known = {row["id"] for row in await tx.all(select(instances.c.id))}
    for name in sorted(set(ids) - known):
        await tx.execute(insert_unless_there(tx, instances, {"id": name}))


async def lock_instances(tx: Tx, ids: Iterable[str]) -> dict[str, Any]:
    """Those of the instances that no other worker is giving work to just now, by id; ours until the transaction ends.
    `left` is how many prompts are known to be there that nobody wants any more."""
    there = (left_prompts.c.instance == instances.c.id, left_prompts.c.there == true())
    left = select(func.count()).select_from(left_prompts).where(*there).scalar_subquery().label("left")
    statement = select(instances.c.id, *HEALTH, left).where(instances.c.id.in_(sorted(ids))).order_by(instances.c.id)
    return {row["id"]: row for row in await tx.all(statement.with_for_update(of=instances, skip_locked=True))}


async def at_work(tx: Tx) -> list[Any]:
    """Account, status, instance, expected seconds and beginnings of every job in a worker's hands."""
    columns = (
        jobs.c.id, jobs.c.account_id, jobs.c.status, jobs.c.instance, jobs.c.expect_s, jobs.c.started_at, jobs.c.gpu_started_at,
    )  # fmt: skip
    return await tx.all(select(*columns).where(jobs.c.status.in_(AT_WORK), OPEN))


def loads(working: Sequence[Any]) -> Counter[str]:
    """Jobs per instance that it renders or will render next; one whose outputs are being fetched is off its hands."""
    return Counter(row["instance"] for row in working if row["status"] != JobStatus.COLLECTING)


async def last_instances(tx: Tx, ids: Iterable[str]) -> dict[str, str]:
    """Scope of these jobs -> the instance that served it last. One look at the end of an index for each, however many jobs
    it ever had."""
    of = select(jobs.c.scope).where(jobs.c.id.in_(sorted(ids))).distinct().subquery()
    before = jobs.alias()
    newest = select(before.c.instance).where(before.c.scope == of.c.scope, before.c.status == JobStatus.COMPLETED)
    last = newest.order_by(before.c.id.desc()).limit(1).scalar_subquery()
    rows = await tx.all(select(of.c.scope, last.label("instance")))
    return {row["scope"]: row["instance"] for row in rows if row["instance"]}


async def change_job(tx: Tx, job_id: str, statuses: Iterable[JobStatus], **values: Any) -> bool:
    """Whether the job is in one of these statuses, and is changed; never its status, which the setter alone writes."""
    _check(values)
    statement = update(jobs).where(jobs.c.id == job_id, jobs.c.status.in_(list(statuses))).values(**values)
    return bool((await tx.execute(statement)).rowcount)


def first_beginning(at: datetime) -> Any:
    """When its render began: what is noted already, else `at`, which is never before it was accepted or taken."""
    accepted, given = func.coalesce(jobs.c.submitted_at, jobs.c.started_at), literal(at, Moment)
    return func.coalesce(jobs.c.gpu_started_at, case((accepted > given, accepted), else_=given))


def _check(values: dict[str, Any]) -> None:
    if "status" in values:
        raise TypeError("a job's status is changed by executor.life.setting alone")


async def jobs_of(tx: Tx, run_id: str) -> list[Any]:
    """All columns, in the order in which they were made."""
    return await tx.all(select(jobs).where(jobs.c.run_id == run_id).order_by(jobs.c.id))


async def not_taken_up(tx: Tx) -> list[Any]:
    """Runs that were started again, of which whoever asked does not know."""
    statement = select(runs).where(runs.c.retry_of.is_not(None), runs.c.taken_up == false())
    return await tx.all(statement.order_by(runs.c.id).limit(100))


async def take_up(tx: Tx, run_id: str) -> bool:
    statement = update(runs).where(runs.c.id == run_id, runs.c.taken_up == false()).values(taken_up=True)
    return bool((await tx.execute(statement)).rowcount)


async def dead(tx: Tx, after: str | None, limit: int) -> list[Any]:
    """Given up last first, below the one with the id `after`: that may be the older job."""
    newest = (jobs.c.ended_at.desc(), jobs.c.id.desc())
    statement = select(jobs).where(jobs.c.status == JobStatus.DEAD).order_by(*newest).limit(limit)
    if after is None:
        return await tx.all(statement)
    ended = select(jobs.c.ended_at).where(jobs.c.id == after).scalar_subquery()
    return await tx.all(statement.where(or_(jobs.c.ended_at < ended, and_(jobs.c.ended_at == ended, jobs.c.id < after))))


async def dead_like(tx: Tx, start: str) -> list[Any]:
    """Up to two whose id begins so."""
    known = (jobs.c.status == JobStatus.DEAD, jobs.c.id.startswith(start, autoescape=True))
    return await tx.all(select(jobs).where(*known).limit(2))


async def tags_of_dead(tx: Tx) -> dict[str, Tag]:
    """Tool -> tag, of all jobs in runs that have a dead letter."""
    of_dead = select(jobs.c.run_id).where(jobs.c.status == JobStatus.DEAD)
    rows = await tx.all(select(jobs.c.tool, jobs.c.tag).where(jobs.c.run_id.in_(of_dead)).distinct())
    return {row["tool"]: Tag(row["tag"]) for row in rows}


async def setbacks_of(tx: Tx, job_ids: Sequence[str]) -> dict[str, list[Setback]]:
    """Job id -> what went wrong with it, in order; every id has an entry."""
    statement = select(job_faults).where(job_faults.c.job_id.in_(job_ids)).order_by(job_faults.c.job_id, job_faults.c.number)
    found: dict[str, list[Setback]] = {job_id: [] for job_id in job_ids}
    for row in await tx.all(statement):
        one = Setback(
            row["at"], row["instance"], FaultKind(row["kind"]), row["code"], row["submitted"], row["prompt_id"], row["excused"]
        )
        found[row["job_id"]].append(one)
    return found


async def add_setback(tx: Tx, job_id: str, number: int, setback: Setback) -> None:
    await tx.execute(insert(job_faults).values(job_id=job_id, number=number, **vars(setback)))


async def end_doubt(tx: Tx, job_id: str, prompt_id: str, **values: Any) -> None:
    """It is known what became of the prompt over which a connection was lost."""
    about = (job_faults.c.job_id == job_id, job_faults.c.prompt_id == prompt_id)
    await tx.execute(update(job_faults).where(*about).values({"prompt_id": None, **values}))


async def another_was_rendered(tx: Tx, row: Any) -> bool:
    """Whether the instance of this job, which has accepted it, had another one in hand: one that was seen being rendered or
    was accepted earlier, or one over which a connection or the server was lost since. An instance renders one at a time, in
    the order in which it accepted them."""
    here = (jobs.c.instance == row["instance"], jobs.c.id != row["id"], jobs.c.status.in_(AT_WORK))
    unfinished = (jobs.c.submitted_at.is_not(None), jobs.c.rendered_at.is_(None))
    first = or_(jobs.c.gpu_started_at.is_not(None), jobs.c.submitted_at < row["submitted_at"])
    if await tx.scalar(select(jobs.c.id).where(*here, *unfinished, first).limit(1)) is not None:
        return True  # asked first: who fails meanwhile goes from here to there in one transaction
    since = (job_faults.c.instance == row["instance"], job_faults.c.job_id != row["id"], job_faults.c.at >= row["submitted_at"])
    gone = or_(job_faults.c.prompt_id.is_not(None), job_faults.c.code == LOST)
    return await tx.scalar(select(job_faults.c.job_id).where(*since, gone).limit(1)) is not None


async def forgive(tx: Tx, job_id: str, instance: str) -> None:
    """The instance went on with the job: the connections to it that were lost until now say nothing any more."""
    lost = (job_faults.c.job_id == job_id, job_faults.c.instance == instance, job_faults.c.kind == FaultKind.CONNECTION)
    await tx.execute(update(job_faults).where(*lost).values(excused=True))


async def end_doubts(tx: Tx, prompt_id: str) -> None:
    """No server died of this prompt: it was found again."""
    await tx.execute(update(job_faults).where(job_faults.c.prompt_id == prompt_id).values(prompt_id=None))


async def change_leased(tx: Tx, job_id: str, token: str, **values: Any) -> bool:
    """Whether the lease still holds, and the job is changed; never its status."""
    _check(values)
    statement = update(jobs).where(jobs.c.id == job_id, jobs.c.lease_token == token, jobs.c.status.in_(AT_WORK))
    return bool((await tx.execute(statement.values(**values))).rowcount)


async def prolong(tx: Tx, owner: str, ids: Iterable[str], until: datetime) -> None:
    """Hold the leases of the jobs that are really being worked on."""
    mine = (jobs.c.id.in_(list(ids)), jobs.c.lease_owner == owner, jobs.c.status.in_(AT_WORK))
    await _lock_in_order(tx, *mine)
    await tx.execute(update(jobs).where(*mine).values(lease_until=until))


async def let_go(tx: Tx, job_id: str, token: str) -> None:
    """Give up the lease of one job, if it is still this one; it stays at work for whoever takes it over."""
    free = {"lease_owner": None, "lease_token": None}
    await tx.execute(update(jobs).where(jobs.c.id == job_id, jobs.c.lease_token == token).values(**free))


async def release(tx: Tx, owner: str) -> None:
    """Give up all leases of a worker; the jobs stay at work for whoever takes them over. Until when it had them stays: then
    somebody else should."""
    free = {"lease_owner": None, "lease_token": None}
    await _lock_in_order(tx, jobs.c.lease_owner == owner)
    await tx.execute(update(jobs).where(jobs.c.lease_owner == owner).values(**free))


async def _lock_in_order(tx: Tx, *which: Any) -> None:
    """An update takes rows as it finds them, and who stops a run by their ids."""
    if tx.connection.dialect.name == "postgresql":
        await tx.execute(select(jobs.c.id).where(*which).order_by(jobs.c.id).with_for_update())


async def abandoned(tx: Tx, owner: str, now: datetime, tags: Iterable[Tag], *, alone: bool) -> list[Any]:
    """Jobs at work with one of these tags whose worker is gone, with the lease it had: none, an expired one, or, where we are
    alone, anybody else's."""
    dead = or_(jobs.c.lease_owner.is_(None), jobs.c.lease_until < now)
    if alone:
        dead = or_(dead, jobs.c.lease_owner != owner)
    which = (jobs.c.status.in_(AT_WORK), OPEN, jobs.c.tag.in_(list(tags)), dead)
    return await tx.all(select(*PLAIN, jobs.c.lease_token, jobs.c.lease_until).where(*which).order_by(jobs.c.id))


async def stopped(tx: Tx, ids: Sequence[str]) -> set[str]:
    """Which of these jobs shall be interrupted."""
    rows = await tx.all(select(jobs.c.id).where(jobs.c.id.in_(ids), jobs.c.stop != false())) if ids else []
    return {row["id"] for row in rows}


async def open_jobs(tx: Tx, run_id: str) -> list[Any]:
    statement = select(*PLAIN).where(jobs.c.run_id == run_id, jobs.c.status.not_in(list(OVER)))
    return await tx.all(statement.order_by(jobs.c.id))


async def standing_still(tx: Tx) -> list[str]:
    """Runs that go on without a job at work or in the queue, which may wait for another run; and those that shall stop or are
    over, of which a job waits or does not know."""
    is_open = and_(jobs.c.status.not_in(list(OVER)), OPEN)
    has_jobs = exists().where(jobs.c.run_id == runs.c.id, is_open)
    idle = select(runs.c.id).where(runs.c.status == RunStatus.ACTIVE, runs.c.ended_at.is_(None), ~has_jobs)
    ended = or_(runs.c.status.not_in(list(OPEN_RUN)), runs.c.stopping != false())
    unaware = is_open & or_(jobs.c.status == JobStatus.QUEUED, jobs.c.stop == false())
    left = select(runs.c.id).join(jobs, jobs.c.run_id == runs.c.id).where(unaware, ended)
    return sorted({row["id"] for row in await tx.all(idle.union(left))})


async def progress_of(tx: Tx, run_id: str) -> list[Any]:
    columns = (jobs.c.id, jobs.c.scope, jobs.c.step_id, jobs.c.progress)
    return await tx.all(select(*columns).where(jobs.c.run_id == run_id, jobs.c.status.in_(AT_WORK)))
