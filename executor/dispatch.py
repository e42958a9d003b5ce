"""Which waiting job goes to which instance now, and what the others are told: `deciding/` decides, here is the rim."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Awaitable, Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from functools import partial
from typing import Any

from base.db import Tx
from base.errors import KeyLost, Problem
from executor import grouping, looking, roster, store
from executor.assets import store as assets
from executor.beyond import WRONG, Beyond
from executor.comfy.faults import too_large
from executor.comfy.instance import Instance
from executor.deciding.choosing import decide
from executor.deciding.health import Health, Trust, trust
from executor.deciding.model import Answer, Fit, Given, Host, Unfit, Waiting, Waits
from executor.deciding.warmth import Warm, after, still_warm
from executor.fitting import Fitting, Part
from executor.model import Claim, Fault, FaultKind, JobStatus, JobStep, Lane, Tag
from executor.passing import NotMine, unknown, without_room
from executor.pool import InstancePool
from executor.sending import kept
from executor.striking import health_of
from executor.waiting.line import queued_job
from executor.work import Bench
from tools.errors import ToolUnknown
from tools.model import Step

_START_S = 10.0  # the embedded renderer may take so long to start before anybody hears of it
_INCOGNITO = "incognito"
_NEWER = "It was asked for with a newer version of this studio; it starts as soon as a worker of that version is there."
Wanted = tuple[Part, ...] | Problem
"""The steps of a job with their tools, or why it cannot be done at all."""


@dataclass
class _Round:
    """What is known under the locks of one round."""

    jobs: dict[str, Any]
    fits: dict[str, dict[str, Fit]]
    warm: dict[str, list[Warm]]
    hosts: list[Host]
    working: list[Any]
    now: datetime
    done: dict[str, set[str]] = field(default_factory=dict)
    """Of jobs that are given away now, the steps that are done."""


class Dispatcher:
    """Looks into the queue on behalf of one of several workers."""

    def __init__(
        self, bench: Bench, pool: InstancePool, deadline_s: float, tags: Sequence[Tag], fitting: Fitting
    ) -> None:
        self._bench, self._pool, self._deadline_s, self._tags = bench, pool, deadline_s, tuple(tags)
        self._fitting = fitting
        self._noted: set[str] = set()
        self._unsure = True
        """Whether somebody waits for a server, as far as the last look went: it is looked whether that is still so."""
        self.beyond = Beyond(bench.clock, bench.pace.lease_s)
        self._later: list[tuple[Any, Callable[[Tx], Awaitable[None]]]] = []
        self._steps: dict[str, tuple[tuple[int, bytes] | None, tuple[tuple[Step, int], ...]]] = {}

    async def assign(self, owner: str, *, full: bool = False) -> list[tuple[Claim, Instance]]:
        """Give waiting jobs to instances that have a place, as `owner`'s; what becomes of those that cannot be taken is
        left for `tell`. `full`: our own disk has no room, so that all of them are left to others.

        What the jobs want is read first. Then one short transaction: the instances and the jobs that are looked at are
        locked, so that whatever is decided is still true when it is written, however many workers do the same.
        """
        self._later = []
        wanted = await self._look(owner, full)
        if not wanted:
            return []
        async with self._bench.db.write() as tx:
            await self._note(tx, self._pool.instances())
            return await self._assign(tx, owner, wanted)

    async def tell(self) -> None:
        """Jobs that cannot be taken wait, and say for what, or end. One by one: whoever ends a run locks it before its jobs,
        and here the jobs came first."""
        later, self._later = self._later, []
        for row, change in later:
            try:
                async with self._bench.db.write() as tx:
                    await change(tx)
            except KeyLost:  # since it was read
                async with self._bench.db.write() as tx:
                    await self._bench.lifecycle.forgotten(tx, row["id"], row["run_id"])
            except WRONG as error:
                self.beyond.note(row["id"], error)

    # --- before

    async def _look(self, owner: str, full: bool) -> dict[str, Wanted]:
        """Job -> what it wants, for the first of the line; nothing while no instance has a place."""
        instances, now, lease_s = self._pool.instances(), self._bench.clock.now(), self._bench.pace.lease_s
        async with self._bench.db.read() as tx:
            if not await store.any_due(tx, now, self._tags):
                return {}
            load = store.loads(await store.at_work(tx))
            if not self._unsure and instances and all(i.up and load[i.id] >= i.slots for i in instances):
                return {}
            self._unsure = False
            rows = await looking.window(tx, now, self._tags)
            done = await store.steps_done(tx, [row["id"] for row in rows if self._known(row) is None])
            wanted = {}
            for row in rows:
                if not self.beyond.holds(row["id"]):
                    try:
                        here = without_room(tx, row, owner, now, lease_s) if full else self._wanted(tx, row, owner, done)
                        wanted[row["id"]] = await here
                    except WRONG as error:
                        await self._leave(tx, row, owner, error)
        self._fitting.keep_only(wanted)
        self._steps = {job_id: self._steps[job_id] for job_id in wanted if job_id in self._steps}
        return wanted

    async def _leave(self, tx: Tx, row: Any, owner: str, error: Exception) -> None:
        """It is for a newer worker; while there is none it waits, to its deadline."""
        self.beyond.note(row["id"], error)
        now, lease_s = self._bench.clock.now(), self._bench.pace.lease_s
        if not await roster.others_serve(tx, owner, row["tag"], now, lease_s):
            self._wait(row, _NEWER, False)

    async def _wanted(self, tx: Tx, row: Any, owner: str, done: Mapping[str, Collection[str]]) -> Wanted:
        try:
            left = await self._left(tx, row, done)
            return tuple([Part(await self._bench.catalogue.fetch(step.tool), step, largest) for step, largest in left])
        except ToolUnknown as problem:
            return await unknown(tx, problem.name, row, owner, self._bench.clock.now(), self._bench.pace.lease_s)
        except Problem as problem:
            return problem

    async def _left(self, tx: Tx, row: Any, done: Mapping[str, Collection[str]]) -> tuple[tuple[Step, int], ...]:
        """The steps that are still to be done, each with the bytes of its largest input: read once for each attempt, and
        when the job was divided."""
        steps = self._known(row)
        if steps is None:
            every = await self._bench.lifecycle.steps_of(tx, row, done[row["id"]])
            for one in every:  # what is done already is known by its tool, too
                await self._bench.catalogue.fetch(one.step.tool)
            left = [one for one in every if not one.done]
            steps = tuple([(one.step, await self._largest(tx, one)) for one in left])
            self._steps[row["id"]] = ((row["attempts"], row["step"]), steps)
        return steps

    def _known(self, row: Any) -> tuple[tuple[Step, int], ...] | None:
        known, steps = self._steps.get(row["id"], (None, ()))
        return steps if known == (row["attempts"], row["step"]) else None

    async def _largest(self, tx: Tx, one: JobStep) -> int:
        entering = kept(one, await self._bench.catalogue.fetch(one.step.tool))
        ids = {asset_id for ids in entering.values() for asset_id in ids}
        return await assets.largest_file(tx, ids) if ids else 0

    # --- under the locks

    async def _assign(self, tx: Tx, owner: str, wanted: Mapping[str, Wanted]) -> list[tuple[Claim, Instance]]:
        able = await self._read(tx, wanted)
        answers = await self._decide(tx, able, wanted)
        given: list[tuple[Claim, Instance]] = []
        await self._hear_no_more(tx, able, answers)
        spare = _spare(able.hosts, answers)
        able.done |= await store.steps_done(tx, [answer.job_id for answer in answers if isinstance(answer, Given)])
        for answer in answers:
            row = able.jobs[answer.job_id]
            try:
                taken = await self._answer(tx, row, able, answer, wanted[answer.job_id], spare, owner)
            except KeyLost:  # since it was read
                self._forgotten(row)
                continue
            given += [] if taken is None else [taken]
        if given:
            await self._note_given(tx, able, given)
        return given

    async def _hear_no_more(self, tx: Tx, able: _Round, answers: Sequence[Answer]) -> None:
        """Who could be taken by now and only waits for a turn has waited long enough for a server: with the next one that is
        away for a moment, that wait begins anew."""
        turn = [answer.job_id for answer in answers if isinstance(answer, Waits) and answer.reason is None]
        ids = [job_id for job_id in turn if able.jobs[job_id]["waiting_since"] is not None]
        if ids:
            self._unsure = True  # of a long line others may be next
            await looking.end_wait(tx, ids)

    async def _answer(
        self, tx: Tx, row: Any, able: _Round, answer: Answer, wanted: Wanted, spare: list[Host], owner: str
    ) -> tuple[Claim, Instance] | None:
        if not isinstance(answer, Given):
            await self._not_now(tx, row, answer, wanted)
            return None
        instance, lifecycle, lease_s = self._pool.get(answer.instance), self._bench.lifecycle, self._bench.pace.lease_s
        if instance is None:
            return None
        if not isinstance(wanted, Problem) and len(wanted) > 1 and await self._spread(tx, row, able, instance.id, spare):
            claim = await lifecycle.claim(tx, row["id"], instance.id, owner, lease_s)
        else:
            claim = await lifecycle.claim_locked(tx, row, instance.id, owner, lease_s, able.done[row["id"]])
        return None if claim is None else (claim, instance)

    async def _read(self, tx: Tx, wanted: Mapping[str, Wanted]) -> _Round:
        """Lock what is looked at; what can never be done shall end."""
        instances, now = self._pool.instances(), self._bench.clock.now()
        ours = await store.lock_instances(tx, [instance.id for instance in instances])
        rows = {row["id"]: row for row in await looking.lock(tx, wanted)}
        if rows and self._bench.at_once is not None:
            await looking.hold_people(tx, {row["account_id"] for row in rows.values()})
        working = await store.at_work(tx)
        noted = await looking.warm(tx, [instance.id for instance in instances])
        warm = {each.id: still_warm(noted[each.id], each.cold_at) for each in instances}
        fits: dict[str, dict[str, Fit]] = {}
        for job_id, row in rows.items():
            match wanted[job_id]:
                case KeyLost():
                    self._forgotten(row)
                case NotMine() as problem:
                    self._pass(row, problem)
                case Problem() as problem:
                    self._give_up(row, Fault(FaultKind.JOB, problem.code, problem.detail))
                case parts:
                    fits[job_id] = self._fitting.fits(job_id, parts, _roomy(row, instances))
        hosts = _hosts(instances, working, warm, ours, now)
        return _Round(rows, fits, warm, hosts, working, now)

    async def _decide(self, tx: Tx, able: _Round, wanted: Mapping[str, Wanted]) -> list[Answer]:
        rows = [able.jobs[job_id] for job_id in able.fits]
        if not rows:
            return []
        last = await store.last_instances(tx, [row["id"] for row in rows])
        served = await looking.served_at(tx, {row["account_id"] for row in rows})
        waiting = [_waiting(row, able.fits[row["id"]], last.get(row["scope"]), wanted[row["id"]]) for row in rows]
        at_work = Counter(row["account_id"] for row in able.working)
        return decide(waiting, able.hosts, at_work, served, able.now, self._bench.at_once)

    async def _note_given(self, tx: Tx, able: _Round, given: Sequence[tuple[Claim, Instance]]) -> None:
        """Remember whose turn it was, and what instances load now; of what is incognito nothing is learned."""
        rows = [able.jobs[claim.id] for claim, _ in given]
        await looking.note_served(tx, {(row["account_id"], Lane.of(row["lane"])) for row in rows}, able.now)
        for claim, instance in given:
            weights = able.fits[claim.id][instance.id].weights
            if weights and not instance.sketch and claim.owner.tier != _INCOGNITO:
                room_gb = None if instance.capabilities is None else instance.capabilities.vram_gb
                able.warm[instance.id] = after(able.warm[instance.id], weights, room_gb, able.now)
        loaded = {instance.id: able.warm[instance.id] for _, instance in given if able.warm[instance.id]}
        if loaded:
            await looking.note_warm(tx, loaded)

    async def _spread(self, tx: Tx, row: Any, able: _Round, instance: str, spare: list[Host]) -> bool:
        """A job of several steps leaves nobody idle: what is not of a piece is dealt out to instances that are spare. Whether
        it was divided."""
        fits = able.fits[row["id"]]
        idle = [host for host in spare if host.id in fits and fits[host.id].rank <= fits[instance].rank]
        left = await self._pieces(tx, row) if idle else []
        if len(left) <= 1:
            return False
        parts = grouping.dealt(left, 1 + len(idle))
        await self._bench.lifecycle.divide(tx, row["id"], parts)
        for host in idle[: len(parts) - 1]:
            spare.remove(host)
        return True

    async def _took_apart(self, tx: Tx, row: Any, wanted: Sequence[Part]) -> bool:
        """Whether a job that no instance there can take as a whole can at least begin: then it goes on step by step."""
        left = await self._pieces(tx, row) if len(wanted) > 1 else []
        tools = {part.step.id: part for part in wanted}
        present = [instance for instance in self._pool.instances() if instance.up]
        alone = grouping.singles(left)
        if not any(self._fitting.fits(f"{row['id']}:{one.step.id}", [tools[one.step.id]], present) for [one] in alone):
            return False
        await self._bench.lifecycle.divide(tx, row["id"], alone)
        return True

    async def _pieces(self, tx: Tx, row: Any) -> list[JobStep]:
        return [one for one in await self._bench.lifecycle.steps_of(tx, row) if not one.done]

    async def _not_now(self, tx: Tx, row: Any, answer: Waits | Unfit, wanted: Wanted) -> None:
        hindered = isinstance(answer, Unfit) or (answer.reason is not None and not answer.there)
        if hindered and not isinstance(wanted, Problem) and await self._took_apart(tx, row, wanted):
            return
        if isinstance(answer, Waits):
            if answer.reason is not None:
                self._wait(row, answer.reason, answer.soon)
        elif not isinstance(wanted, Problem) and self._fitting.startable(wanted, self._pool.capabilities()):
            self._wait(row, "A render server is prepared for this; it starts as soon as that is ready.", False)
        else:
            self._give_up(row, self._lack(row, () if isinstance(wanted, Problem) else wanted))

    def _lack(self, row: Any, wanted: Sequence[Part]) -> Fault:
        """What is missing, in the words of the tools, or which file no instance takes."""
        if row["over_gb"] is not None:  # the one with more memory has left
            return Fault(FaultKind.JOB, "out_of_memory")
        largest = max((part.largest for part in wanted), default=0)
        if largest and (small := self._fitting.too_small(wanted, self._pool.instances())) is not None:
            return too_large(small.where, largest, small.takes_bytes)
        try:
            tool = self._bench.catalogue.get(row["tool"])
        except Problem:
            return Fault(FaultKind.MODEL, "model_missing")
        reason = self._bench.catalogue.availability(tool, self._pool.capabilities()).reason
        return Fault(FaultKind.MODEL, "model_missing", reason and f"{reason[0].upper()}{reason[1:]}.")

    async def _note(self, tx: Tx, instances: Sequence[Instance]) -> None:
        if not {instance.id for instance in instances} <= self._noted:
            await store.note_instances(tx, [instance.id for instance in instances])
            self._noted |= {instance.id for instance in instances}

    def _pass(self, row: Any, problem: NotMine) -> None:
        """Whoever can take it does. While nobody can, it waits."""
        if not problem.elsewhere:
            self._wait(row, problem.detail, False, problem.kind.code)

    def _wait(self, row: Any, reason: str, soon: bool, code: str = "instance_away") -> None:
        """Note since when, say why (once), give up at the deadline."""
        self._unsure, since = True, row["waiting_since"]
        waited = 0.0 if since is None else (self._bench.clock.now() - since).total_seconds()
        if since is not None and waited >= self._deadline_s:
            self._give_up(row, Fault(FaultKind.CONNECTION, code, reason))
            return
        told = None if soon and waited < _START_S else reason[:200]
        if since is None or row["waiting_for"] != told:
            wait = partial(self._bench.lifecycle.wait, row=row, reason=told, patience_s=self._deadline_s)
            self._later.append((row, wait))

    def _give_up(self, row: Any, fault: Fault) -> None:
        self._later.append((row, partial(self._bench.lifecycle.give_up, row=row, fault=fault)))

    def _forgotten(self, row: Any) -> None:
        self._later.append((row, partial(self._bench.lifecycle.forgotten, job_id=row["id"], run_id=row["run_id"])))


def _spare(hosts: Sequence[Host], answers: Sequence[Answer]) -> list[Host]:
    """Instances that are idle and that no waiting job was given to."""
    taken = {answer.instance for answer in answers if isinstance(answer, Given)}
    return [host for host in hosts if host.free and host.load == 0 and host.id not in taken]


def _hosts(
    instances: Sequence[Instance], working: Sequence[Any], warm: Mapping[str, Sequence[Warm]], ours: Mapping[str, Any],
    now: datetime,
) -> list[Host]:  # fmt: skip
    load, left = store.loads(working), _through(working, now)
    return [
        Host(
            id=each.id, where=each.where, up=each.up, known=each.capabilities is not None,
            load=load[each.id] + (ours[each.id]["left"] if each.id in ours else 0),
            trust=_trust(each, ours.get(each.id), now),
            left_s=left[each.id], slots=each.slots, locked=each.id not in ours, cpu=each.sketch,
            measured=each.capabilities is not None and each.capabilities.vram_gb is not None,
            warm=frozenset(file.file for file in warm[each.id]),
        )
        for each in instances
    ]  # fmt: skip


def _roomy(row: Any, instances: Sequence[Instance]) -> list[Instance]:
    """Of those with more memory than where it ran out of that, the ones that have the most: it is tried only once more."""
    least = row["over_gb"]
    if least is None:
        return list(instances)
    more = [each for each in instances if each.memory_gb > least]
    most = max((each.memory_gb for each in more if each.up), default=None)
    return [each for each in more if most in (None, each.memory_gb)]


def _trust(instance: Instance, row: Any | None, now: datetime) -> Trust:
    """Of one that another worker gives work to just now nothing is asked anyway."""
    health = Health() if row is None else health_of(row)
    instance.struck = not health.blank
    return trust(health, instance.since, now)


def _waiting(row: Any, fits: Mapping[str, Fit], last: str | None, wanted: Wanted) -> Waiting:
    failed_on = frozenset(name for name in row["failed_on"].split(",") if name)
    heavy = not isinstance(wanted, Problem) and any(part.tool.vram_gb for part in wanted)
    return Waiting(queued_job(row), fits, last, failed_on, heavy)


def _held(working: Sequence[Any]) -> list[Any]:
    """What instances render or will render next; a job whose outputs are being fetched is off their hands."""
    return [row for row in working if row["status"] != JobStatus.COLLECTING]


def _through(working: Sequence[Any], now: datetime) -> dict[str, float]:
    """Instance -> seconds until it is through with what it has, probably: the first of it is under way, the others wait."""
    by_instance: dict[str, list[Any]] = defaultdict(list)
    for row in sorted(_held(working), key=lambda row: (row["gpu_started_at"] is None, row["started_at"], row["id"])):
        by_instance[row["instance"]].append(row)
    left: dict[str, float] = defaultdict(float)
    for instance, rows in by_instance.items():
        spent = (now - (rows[0]["gpu_started_at"] or now)).total_seconds()
        left[instance] = max(0.0, rows[0]["expect_s"] - spent) + sum(row["expect_s"] for row in rows[1:])
    return left
