"""The line as it stands: rows in, a promise for every job that waits out."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from functools import lru_cache
from typing import Any, Protocol
from weakref import ref

from base.clock import Clock
from base.db import Tx
from base.errors import Problem
from executor import looking, rules
from executor.comfy.instance import Instance
from executor.deciding.line import keyed
from executor.deciding.model import Queued
from executor.model import Claim, Cost, JobStatus, Lane
from executor.waiting import store
from executor.waiting.durations import UNKNOWN_DEVICE, Guess, Kind, Learned, Spread, guessed, together
from executor.waiting.measures import Measures
from executor.waiting.picture import Newcomer, Picture
from executor.waiting.promising import HANDLING, Playing, Promise, Server, Waiter, behind, promise
from tools.model import Capabilities, Implementation, Step, Tool
from tools.protocols import Catalogue

SHARE = 10  # of the time, so much may go into playing the line through for those who come
SHORT = 24  # jobs: such a line is played anew for everybody who comes
AT_MOST_S = 5.0  # and a picture of it is never older
QUANTILE = 1.28  # standard deviations between which four of five lie
NO_WORKER = "No worker runs just now; this starts as soon as one does."
UNKNOWN_S = (2.0, 60.0)  # what a job takes of which nothing is known
Implement = Callable[[Tool, Capabilities, Mapping[str, Any]], Implementation | None]


class Instances(Protocol):
    """The pool, as far as lines form in front of it."""

    def instances(self) -> list[Instance]: ...

    def get(self, instance_id: str | None) -> Instance | None: ...

    def attended(self) -> bool:
        """Whether a worker is there for them."""
        ...


class Line:
    """Plays the line through over the instances that are there."""

    def __init__(
        self, pool: Instances, catalogue: Catalogue, implement: Implement, measures: Measures, clock: Clock, at_once: int
    ) -> None:
        self._pool, self._catalogue, self._implement = pool, catalogue, implement
        self._measures, self._clock, self._at_once = measures, clock, at_once
        self._able: dict[str, tuple[Capabilities, dict[str, bool]]] = {}
        self._picture: Picture | None = None
        self._good_until = float("-inf")
        self._seen_in: Callable[[], Tx | None] = lambda: None

    async def promises(self, tx: Tx, rows: Sequence[Any]) -> dict[str, Promise]:
        """Job id -> promise, for those of the rows (`store.standing`) that wait, in the queue or on an instance."""
        began = self._clock.monotonic()
        learned, now = await self._measures.refresh(tx), self._clock.now()
        work = _Work(learned, await store.steps_standing(tx))
        queued = [row for row in rows if row["status"] == JobStatus.QUEUED]
        working = [row for row in rows if row["status"] not in (JobStatus.QUEUED, JobStatus.COLLECTING)]
        held = self._held(working, work, now)
        servers = self._servers(held)
        served = await looking.served_at(tx, {row["account_id"] for row in queued})
        turns = Counter(row["account_id"] for row in rows if row["status"] != JobStatus.QUEUED)
        order = keyed([queued_job(row) for row in queued], turns, now, served)
        waiters = self._waiters([job for _, job in order], {row["id"]: row for row in queued}, turns, work, servers, now)
        playing = Playing(waiters, servers, self._at_once, held.left)
        self._keep(Picture(playing, [job for _, job in order], [key for key, _ in order], turns, served, self.width()), began)
        return held.next | playing.found

    def in_reach(self, row: Any) -> bool:
        """Whether a server that is up could start this job: what a line would promise it means nothing where none is."""
        there = [instance for instance in self._pool.instances() if instance.up]
        if row["status"] != JobStatus.QUEUED:
            return any(instance.id == row["instance"] for instance in there)
        return any(self._can(instance, row["tool"]) for instance in there)

    async def wait_s(self, tx: Tx, comer: Newcomer) -> float:
        """Seconds until this would start."""
        return sum((await self.given(tx, comer)).eta_s) / 2

    async def given(self, tx: Tx, comer: Newcomer) -> Promise:
        """What somebody would be told who came now."""
        picture = await self.picture(tx)
        return picture.promise(comer, self._where(comer.tools, list(self._present())), self._clock.now())

    async def enter(self, tx: Tx, job: Mapping[str, Any], tools: Sequence[str]) -> Promise:
        """What a job is told that is about to be made, and stands in the line with that."""
        comer = Newcomer(job["account_id"], Lane.of(job["lane"]), tuple(tools), job["expect_s"])
        given = await self.given(tx, comer)
        (await self.picture(tx)).enter(comer, self._clock.now())
        return given

    async def picture(self, tx: Tx) -> Picture:
        """The line as it was a moment ago. To play it through may take a tenth of the time; who comes while somebody is at it
        looks at the one before."""
        if self._seen_in() is not tx and (self._picture is None or self._clock.monotonic() >= self._good_until):
            self._good_until = self._clock.monotonic() + AT_MOST_S
            await self.promises(tx, await store.standing(tx))
            self._seen_in = ref(tx)
        assert self._picture is not None
        return self._picture

    def expected(self, steps: Sequence[Step], instance: Instance) -> Spread:
        """How long these steps take there, for as much as is known in this process."""
        learned, device = self._measures.learned, device_of(instance)
        sized = [step for step in steps if step.size is not None and step.seconds is not None]
        spreads = [learned.spread(Kind(s.tool, s.size or 0, device), s.seconds or (0.0, 0.0)) for s in sized]
        if len(spreads) == 1:
            return spreads[0]
        whole = together(spread.guess() for spread in spreads)
        return guessed(*(whole.range(QUANTILE) if spreads else UNKNOWN_S))

    async def learn(self, tx: Tx, claim: Claim, costs: Mapping[str, Cost]) -> None:
        """Count what a job took that is done now."""
        instance = self._pool.get(claim.instance)
        if instance is not None:
            await self._measures.note(tx, claim, costs, device_of(instance))

    def hindrance(self) -> str | None:
        """Why nothing of the line starts, where no worker is there."""
        return None if self._pool.attended() else NO_WORKER

    def width(self) -> int:
        """How many jobs are rendered at the same time, at least one."""
        up = [instance for instance in self._pool.instances() if instance.up]
        return max(1, len([instance for instance in up if not instance.sketch] or up))

    # --- within

    def _keep(self, picture: Picture, began: float) -> None:
        """Good for ten times as long as it took; of a short line, which costs next to nothing, for one transaction."""
        ended = self._clock.monotonic()
        good_s = min(AT_MOST_S, SHARE * (ended - began)) if len(picture.order) > SHORT else 0.0
        self._picture, self._good_until = picture, ended + good_s

    def _present(self) -> list[Instance]:
        instances = self._pool.instances()
        return [instance for instance in instances if instance.up] or instances

    def _held(self, working: Sequence[Any], work: _Work, now: datetime) -> _Held:
        held = _Held()
        devices = {instance.id: device_of(instance) for instance in self._pool.instances()}
        for row in sorted(working, key=lambda row: (row["gpu_started_at"] is None, row["started_at"] or now, row["id"])):
            before = held.by_instance[row["instance"]]
            spent = None
            if before:
                held.next[row["id"]] = promise(1, together(before))
            else:  # the first is under way, whether or not its instance said so
                spent = (now - (row["gpu_started_at"] or row["started_at"] or now)).total_seconds()
            before.append(work.left(row, devices.get(row["instance"], UNKNOWN_DEVICE), spent) + HANDLING)
            held.left[row["account_id"]].append(together(before))
        return held

    def _servers(self, held: _Held) -> list[Server]:
        return [Server(i.id, device_of(i), tuple(held.by_instance[i.id])) for i in self._present()]

    def _waiters(
        self, order: Sequence[Queued], rows: Mapping[str, Any], at_work: Mapping[str, int], work: _Work,
        servers: Sequence[Server], now: datetime,
    ) -> list[Waiter]:  # fmt: skip
        later, turns = {}, Counter(at_work)
        for job_id, row in rows.items():
            later[job_id] = behind(Lane.of(row["lane"]), turns[row["account_id"]], (now - row["created_at"]).total_seconds())
            turns[row["account_id"]] += 1
        devices = {server.device for server in servers}
        instances = [instance for server in servers if (instance := self._pool.get(server.id)) is not None]
        able: dict[tuple[str, ...], frozenset[str]] = {}
        found = []
        for job in order:
            tools = work.tools(rows[job.id])
            if tools not in able:
                able[tools] = self._where(tools, instances)
            takes = {device: work.takes(rows[job.id], device) for device in devices}
            found.append(Waiter(job.id, job.account_id, able[tools], takes, later[job.id]))
        return found

    def _where(self, tools: Sequence[str], instances: Sequence[Instance]) -> frozenset[str]:
        """The instances that can run all of these; all of them where nobody can say."""
        able = frozenset(i.id for i in instances if all(self._can(i, tool) for tool in tools))
        return able or frozenset(instance.id for instance in instances)

    def _can(self, instance: Instance, tool: str) -> bool:
        if instance.capabilities is None:
            return False
        capabilities, known = self._able.get(instance.id, (None, {}))
        if capabilities is not instance.capabilities:
            capabilities, known = instance.capabilities, {}
            self._able[instance.id] = capabilities, known
        if tool not in known:
            known[tool] = self._runs(tool, capabilities)
        return known[tool]

    def _runs(self, name: str, capabilities: Capabilities) -> bool:
        try:
            tool: Tool = self._catalogue.get(name)
        except Problem:  # somebody's own that was never fetched here
            return True
        chosen = self._implement(tool, capabilities, {})
        weighty = chosen is not None and rules.needs_weights(node["class_type"] for node in chosen.graph.values())
        return chosen is not None and (capabilities.samplers or not weighty)


class _Held:
    """What instances have already."""

    def __init__(self) -> None:
        self.by_instance: dict[str, list[Guess]] = defaultdict(list)
        self.left: dict[str, list[Guess]] = defaultdict(list)
        """Of each person."""
        self.next: dict[str, Promise] = {}
        """For jobs that are on an instance, behind another."""


class _Work:
    """What the steps of each job take."""

    def __init__(self, learned: Learned, steps: Sequence[Any]) -> None:
        self._learned = learned
        self._steps: dict[str, list[Any]] = defaultdict(list)
        for step in steps:
            self._steps[step["job_id"]].append(step)

    def tools(self, row: Any) -> tuple[str, ...]:
        return tuple(step["tool"] for step in self._steps.get(row["id"], ())) or (row["tool"],)

    def takes(self, row: Any, device: str) -> Guess:
        steps = self._steps.get(row["id"], ())
        if not steps or any(step["size"] is None for step in steps):
            return _around(row["expect_s"])
        return together(self._learned.guess(_kind(step, device), (step["low_s"], step["high_s"])) for step in steps)

    def left(self, row: Any, device: str, spent: float | None) -> Guess:
        """Of what is under way for `spent` seconds; None: it has not begun."""
        steps = self._steps.get(row["id"], ())
        if spent is None:
            return self.takes(row, device)
        if len(steps) == 1 and steps[0]["size"] is not None:
            spread = self._learned.spread(_kind(steps[0], device), (steps[0]["low_s"], steps[0]["high_s"]))
            return spread.left(spent)
        whole = self.takes(row, device)
        return guessed(*whole.range(QUANTILE)).left(spent)


@lru_cache(maxsize=1024)
def _around(expect_s: float) -> Guess:
    return guessed(*spread_around(expect_s)).guess()


def queued_job(row: Any) -> Queued:
    """A row as the rule of the line sees it."""
    return Queued(row["id"], row["account_id"], row["created_at"], row["expect_s"], Lane.of(row["lane"]))


def device_of(instance: Instance) -> str:
    """What durations on this instance are learned for."""
    return (None if instance.capabilities is None else instance.capabilities.device) or UNKNOWN_DEVICE


def spread_around(expect_s: float) -> tuple[float, float]:
    """A range for what only a middle is known of."""
    return expect_s * 0.7, expect_s * 1.5


def _kind(step: Mapping[str, Any], device: str) -> Kind:
    return Kind(step["tool"], step["size"], device)
