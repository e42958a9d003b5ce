"""What every phase stands on: the rim's parts, the write under a lease, and the run's events."""

from __future__ import annotations

from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass, field, replace
from datetime import timedelta
from typing import Any, Protocol

from base.clock import Clock, rfc3339
from base.crypto import KeyStore
from base.db import Tx
from base.events import EventLog
from executor import rules, store
from executor.grouping import Joins
from executor.life.setting import enter, held, locked
from executor.life.steps import opened, planned
from executor.model import Claim, Fault, JobEnding, JobStatus, JobStep, Link, Owner, Tag
from executor.ringing import JobBell
from executor.waiting import store as waiting
from executor.waiting.line import Line
from executor.waiting.promising import Promise, late_words
from tools.model import Plan, StepRef


class StepMemory(Protocol):
    """Steps that were done before."""

    async def recall(self, tx: Tx, run_id: str, one: JobStep, owner: Owner) -> bool:
        """Whether this was done before: then what it gave are assets of this step of this run, too."""
        ...

    async def note(self, tx: Tx, run_id: str, one: JobStep, owner: Owner, instance: str) -> None:
        """The step is done on this instance, and what it gave are assets."""
        ...


@dataclass(frozen=True)
class Sight:
    """A run that is locked, with its plan and the rows of its steps: read once for all that follows in a transaction."""

    row: Any
    plan: Plan = field(repr=False)
    steps: Sequence[Any] = ()

    @property
    def statuses(self) -> dict[str, JobStatus]:
        return store.statuses(self.steps)

    @property
    def done(self) -> set[str]:
        return {name for name, status in self.statuses.items() if status is JobStatus.COMPLETED}


class Telling:
    """What a finished step gave is looked up through `find_outputs` (asset ids of a port) and `read_outputs` (the assets);
    `joins` says which steps could be one graph, None: none shall be."""

    def __init__(
        self, keys: KeyStore, events: EventLog, clock: Clock, find_outputs: Any, read_outputs: Any, bell: JobBell,
        tag_of: Callable[[str], Tag], line: Line, memory: StepMemory,
        sha256_of: Callable[[str, str], str | None] = lambda folder, file: None,
        joins: Joins | None = None,
    ) -> None:  # fmt: skip
        self._memory, self._joins = memory, joins
        self._keys, self._events, self._clock, self._bell = keys, events, clock, bell
        self._find_outputs, self._read_outputs, self._tag_of = find_outputs, read_outputs, tag_of
        self._sha256_of, self._line = sha256_of, line

    async def steps_of(self, tx: Tx, row: Any, done: Collection[str] | None = None) -> tuple[JobStep, ...]:
        """All that a job shall do, with what is done already; links to that are replaced by what it made. `done`: whoever
        asks has read what is. Raises KeyLost."""
        key = await self._keys.key(row["scope"])
        known = (await store.steps_done(tx, [row["id"]]))[row["id"]] if done is None else done
        steps = opened(key.open(row["step"]), known)
        if not any(one.done for one in steps):
            return steps
        finished = {each.step.id for each in steps if each.done}
        return tuple([await self._resolved_links(tx, row["run_id"], one, finished) for one in steps])

    async def wait(self, tx: Tx, row: Any, reason: str | None, patience_s: float) -> None:
        """Note that a queued job waits for an instance that is away, and tell the reason if there is one, the place in the
        line as it was told last, and until when it is tried: so long from when the wait began, whatever the reasons."""
        run = await store.run(tx, row["run_id"], lock=True)  # before job and stream
        now = await locked(tx, row["id"], [JobStatus.QUEUED])
        if run is None or now is None:
            return
        since = now["waiting_since"] or self._clock.now()
        await store.change_job(tx, row["id"], [JobStatus.QUEUED], waiting_for=reason, waiting_since=since)
        if reason is not None and reason != now["waiting_for"]:  # another worker may have said so just now
            until = rfc3339(since + timedelta(seconds=patience_s))
            data = {"reason": reason, "step_id": now["step_id"], "place": now["place"], "until": until}
            await self._tell_row(tx, now, "run.waiting", data)

    async def idle(self, tx: Tx, row: Any, reason: str) -> None:
        """Tell a queued job that nobody takes it now. Its place is forgotten, so that it is told anew when somebody does; its
        deadline, which is for servers that are away, does not begin."""
        run = await store.run(tx, row["run_id"], lock=True)  # before job and stream
        now = await locked(tx, row["id"], [JobStatus.QUEUED])
        if run is None or now is None or (now["place"] is None and now["waiting_for"] == reason):
            return
        values = {"waiting_for": reason, "place": None, "promised_from": None, "promised_until": None}
        await store.change_job(tx, row["id"], [JobStatus.QUEUED], **values)
        data = {"reason": reason, "step_id": now["step_id"], "place": None, "until": None}
        await self._tell_row(tx, now, "run.waiting", data)

    async def place(self, tx: Tx, row: Any, given: Promise) -> None:
        """Tell place in the line and when the job starts; aloud where that was promised for sooner."""
        run, now = await store.run(tx, row["run_id"], lock=True), self._clock.now()  # before job and stream
        if run is None:
            return
        if await waiting.promise(tx, row["id"], given.place, given.since(now), given.until(now), now):
            late = row.get("promised_until") is not None and row["promised_until"] < now
            more = {"message": late_words(given.eta_s)} if late else {}
            await self._tell_row(tx, row, "run.queued", {"place": given.place, "eta_s": list(given.eta_s), **more})

    # --- within

    async def _sight(self, tx: Tx, row: Any) -> Sight:
        """Of a run that is locked. Raises KeyLost, Unreadable."""
        key = await self._keys.key(row["scope"])
        return Sight(row, planned(key.open(row["plan"])), await store.steps_of_run(tx, row["id"]))

    async def _tell_outputs(self, tx: Tx, sight: Sight, step_id: str | None = None, *, stopped: bool = False) -> None:
        """What may be told now that this step is done; without one the run ends, and what was held back is told. Where a
        person stopped it, so is how far it came."""
        run_id, correlation_id, plan, done = sight.row["id"], sight.row["correlation_id"], sight.plan, sight.done
        steps = {step["step_id"]: step for step in sight.steps}
        now = rules.held_back(plan, done) if step_id is None else rules.now_tellable(plan, done, step_id)
        inner = rules.came_to(plan, done) if stopped else []
        for name in [*now, *inner]:
            more = {"unfinished": True} if name in inner else {}
            for asset in await self._read_outputs(tx, run_id, name):
                data = {"step_id": name, "asset_id": asset.id, "asset": asset.shape(), "cached": steps[name]["cached"], **more}
                await self._tell(tx, run_id, "run.output", steps[name]["job_id"], correlation_id, data)

    async def _resolved_links(self, tx: Tx, run_id: str, one: JobStep, done: Collection[str]) -> JobStep:
        inputs: dict[str, list[str | Link]] = {}
        for port, many in one.inputs.items():
            inputs[port] = []
            for given in many:
                if isinstance(given, Link) and given.step_id in done:
                    inputs[port] += await self._made(tx, run_id, given)
                else:
                    inputs[port].append(given)
        return replace(one, inputs=inputs)

    async def _made(self, tx: Tx, run_id: str, what: Link | StepRef) -> list[str]:
        """Asset ids of what a step that is done has made."""
        made: list[str] = await self._find_outputs(tx, run_id, what.step_id, what.port)
        return made if what.index is None else made[what.index : what.index + 1]

    async def _enter(
        self, tx: Tx, claim: Claim, then: JobStatus, ending: JobEnding | None = None, **values: Any
    ) -> None:
        """A job in this worker's hands changes its status. Raises LeaseLost."""
        await enter(tx, await held(tx, claim), then, self._clock.now(), ending, **values)

    async def _error(self, scope: str, fault: Fault) -> dict[str, Any]:
        key = await self._keys.key(scope)
        return {"error_code": fault.code, "error": key.seal({"detail": fault.detail, "record": fault.record})}

    async def _tell_row(self, tx: Tx, row: Any, type: str, data: dict[str, Any]) -> None:
        await self._tell(tx, row["run_id"], type, row["id"], row["correlation_id"], data)

    async def _tell(
        self, tx: Tx, run_id: str, type: str, job_id: str | None, correlation_id: str, data: dict[str, Any]
    ) -> None:
        head = {"run_id": run_id, "correlation_id": correlation_id, **({} if job_id is None else {"job_id": job_id})}
        await self._events.append(tx, stream(run_id), type, {**head, **data})


def stream(run_id: str) -> str:
    """The stream of a run's events."""
    return f"run:{run_id}"
