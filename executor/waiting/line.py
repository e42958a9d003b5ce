"""The line as it stands: rows in, a promise for every job that waits out."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Protocol

from base.clock import Clock
from base.db import Tx
from base.errors import Problem
from executor import looking, rules
from executor.comfy.instance import Instance
from executor.deciding.line import line
from executor.deciding.model import Queued, Served
from executor.model import Claim, Cost, JobStatus, Lane
from executor.waiting import store
from executor.waiting.durations import UNKNOWN_DEVICE, Guess, Kind, Learned, Spread, guessed, together
from executor.waiting.measures import Measures
from executor.waiting.promising import HANDLING, Promise, Server, Waiter, behind, promise, promises
from tools.model import Capabilities, Implementation, Step, Tool
from tools.protocols import Catalogue

_LAST = "~"  # an id that sorts behind every real one
QUANTILE = 1.28  # standard deviations between which four of five lie
NO_WORKER = "No worker runs just now; this starts as soon as one does."
UNKNOWN_S = (2.0, 60.0)  # what a job takes of which nothing is known
Implement = Callable[[Tool, Capabilities, Mapping[str, Any]], Implementation | None]


@dataclass(frozen=True)
class Newcomer:
    """A job that is not in the line yet: whose, which lane, its tool, and the seconds that it will probably take."""

    account_id: str
    lane: Lane
    tool: str
    expect_s: float


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

    async def promises(self, tx: Tx, rows: Sequence[Any]) -> dict[str, Promise]:
        """Job id -> promise, for those of the rows (`store.standing`) that wait, in the queue or on an instance."""
        learned, now = await self._measures.refresh(tx), self._clock.now()
        work = _Work(learned, await store.steps_standing(tx))
        queued = [row for row in rows if row["status"] == JobStatus.QUEUED]
        working = [row for row in rows if row["status"] not in (JobStatus.QUEUED, JobStatus.COLLECTING)]
        held = self._held(working, work, now)
        servers = self._servers(held)
        served = await looking.served_at(tx, {row["account_id"] for row in queued})
        waiters = self._waiters(queued, rows, work, servers, served, now)
        return held.next | promises(waiters, servers, self._at_once, held.left)

    def in_reach(self, row: Any) -> bool:
        """Whether a server that is up could start this job: what a line would promise it means nothing where none is."""
        there = [instance for instance in self._pool.instances() if instance.up]
        if row["status"] != JobStatus.QUEUED:
            return any(instance.id == row["instance"] for instance in there)
        return any(self._can(instance, row["tool"]) for instance in there)

    async def wait_s(self, tx: Tx, rows: Sequence[Any], comer: Newcomer) -> float:
        """Seconds until this would start, the line of the rows played through with it in its place."""
        row = {
            "id": _LAST, "run_id": _LAST, "account_id": comer.account_id, "lane": comer.lane, "tool": comer.tool,
            "expect_s": comer.expect_s, "created_at": self._clock.now(), "status": JobStatus.QUEUED,
        }  # fmt: skip
        given = await self.promises(tx, [*rows, row])
        return sum(given[_LAST].eta_s) / 2

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
        there = [i for i in self._pool.instances() if i.up] or self._pool.instances()
        return [Server(i.id, device_of(i), tuple(held.by_instance[i.id])) for i in there]

    def _waiters(
        self, queued: Sequence[Any], rows: Sequence[Any], work: _Work, servers: Sequence[Server], served: Served, now: datetime
    ) -> list[Waiter]:
        turns = Counter(row["account_id"] for row in rows if row["status"] != JobStatus.QUEUED)
        order = line([queued_job(row) for row in queued], turns, now, served)
        later = {}
        for row in queued:
            waited = (now - row["created_at"]).total_seconds()
            later[row["id"]] = behind(Lane.of(row["lane"]), turns[row["account_id"]], waited)
            turns[row["account_id"]] += 1
        known, devices = {row["id"]: row for row in queued}, {server.device for server in servers}
        return [
            Waiter(
                job.id, job.account_id, self._where(work.tools(known[job.id]), servers),
                {device: work.takes(known[job.id], device) for device in devices}, later[job.id],
            )
            for job in order
        ]  # fmt: skip

    def _where(self, tools: Sequence[str], servers: Sequence[Server]) -> frozenset[str]:
        """The instances that can run all of these; all of them where nobody can say."""
        instances = [instance for server in servers if (instance := self._pool.get(server.id)) is not None]
        able = frozenset(i.id for i in instances if all(self._can(i, tool) for tool in tools))
        return able or frozenset(server.id for server in servers)

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

    def tools(self, row: Any) -> list[str]:
        return [step["tool"] for step in self._steps[row["id"]]] or [row["tool"]]

    def takes(self, row: Any, device: str) -> Guess:
        steps = self._steps[row["id"]]
        if not steps or any(step["size"] is None for step in steps):
            return guessed(*spread_around(row["expect_s"])).guess()
        return together(self._learned.guess(_kind(step, device), (step["low_s"], step["high_s"])) for step in steps)

    def left(self, row: Any, device: str, spent: float | None) -> Guess:
        """Of what is under way for `spent` seconds; None: it has not begun."""
        steps = self._steps[row["id"]]
        if spent is None:
            return self.takes(row, device)
        if len(steps) == 1 and steps[0]["size"] is not None:
            spread = self._learned.spread(_kind(steps[0], device), (steps[0]["low_s"], steps[0]["high_s"]))
            return spread.left(spent)
        whole = self.takes(row, device)
        return guessed(*whole.range(QUANTILE)).left(spent)


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
