"""The decisions of the executor, as plain functions of plain values."""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from datetime import datetime, timedelta
from itertools import takewhile
from typing import Any

from executor.model import OVER, JobEnding, JobStatus, Tag
from tools.model import AssetRef, MediaKind, Plan, Step, StepRef, Tool

S = JobStatus
#: From each status, where a job may go. Back to QUEUED means another attempt.
ALLOWED: dict[JobStatus, frozenset[JobStatus]] = {
    S.QUEUED: frozenset({S.DISPATCHING, S.COMPLETED, S.FAILED, S.CANCELLED, S.DEAD}),  # completed: known from before
    S.DISPATCHING: frozenset({S.RUNNING, S.COLLECTING, S.QUEUED, S.FAILED, S.CANCELLED, S.DEAD}),
    S.RUNNING: frozenset({S.COLLECTING, S.DISPATCHING, S.QUEUED, S.FAILED, S.CANCELLED, S.DEAD}),
    S.COLLECTING: frozenset({S.COMPLETED, S.DISPATCHING, S.QUEUED, S.FAILED, S.CANCELLED, S.DEAD}),
    S.COMPLETED: frozenset(),
    S.FAILED: frozenset(),
    S.CANCELLED: frozenset(),
    S.DEAD: frozenset({S.FAILED}),  # an operator tried it again elsewhere, or let it go
}
HIGH_VRAM_GB = 24.0
#: What a person can look at, listen to or read; a mask is for the next step.
_SEEN = frozenset(MediaKind) - {MediaKind.MASK}


class ForbiddenTransition(ValueError):
    """A bug: the transition table does not know this step."""


def check_transition(now: JobStatus, then: JobStatus) -> JobStatus:
    """`then`, when the table allows it. Raises ForbiddenTransition."""
    if then not in ALLOWED[now]:
        raise ForbiddenTransition(f"{now} -> {then}")
    return then


#: The moment at which a job enters a status.
MOMENTS = {
    S.DISPATCHING: "started_at", S.RUNNING: "submitted_at", S.COLLECTING: "rendered_at", S.COMPLETED: "collected_at",
}  # fmt: skip
#: A row's moments, in the order in which they come.
ORDER = ("created_at", "started_at", "submitted_at", "gpu_started_at", "rendered_at", "collected_at", "ended_at")
#: What an attempt leaves behind that the next one must not have.
UNSENT: Mapping[str, None] = dict.fromkeys(("submitted_at", "gpu_started_at", "rendered_at", "collected_at"))
FREE: Mapping[str, None] = {"lease_owner": None, "lease_token": None, "lease_until": None}


def entry(now: JobStatus, then: JobStatus, at: datetime, ending: JobEnding | None = None) -> dict[str, Any]:
    """What changes with the status: its moment, the lease, and the ending of what is over. Nothing when it is the same
    status again, as after a take-over. Raises ForbiddenTransition, also for an end without a reason."""
    if now is then and then not in OVER:
        return {}
    unsent = now is S.QUEUED and then is S.COMPLETED  # only what is known from before is done without being sent
    if (then in OVER) != (ending is not None) or unsent != (ending is JobEnding.CACHED):
        raise ForbiddenTransition(f"{now} -> {then} with the ending {ending}")
    values: dict[str, Any] = {"status": check_transition(now, then)}
    if then in MOMENTS:
        values[MOMENTS[then]] = at
    if then in OVER:
        values |= {"ended_at": at, "ending": ending, "progress": None}
    if then in OVER or then is S.QUEUED:
        values |= dict(FREE)
    return values


def no_sooner(row: Mapping[str, Any], at: datetime) -> datetime:
    """`at`, or the last of the row's moments where that is later: clocks of several machines differ, time goes one way."""
    known: list[datetime] = [row[name] for name in ORDER if row[name] is not None]
    return max([at, *known])


def began(row: Mapping[str, Any], gpu_s: float) -> datetime | None:
    """When a render began that took so long, by its end; never before it was accepted."""
    if row["rendered_at"] is None:
        return None
    accepted: datetime = row["submitted_at"] or row["started_at"] or row["created_at"]
    by_its_end: datetime = row["rendered_at"] - timedelta(seconds=gpu_s)
    return max(accepted, by_its_end)


def under_way(row: Any) -> bool:
    """Whether an instance has a job, was seen to render it, and is not through: what it holds next cannot kill it."""
    sent, begun, through = row["submitted_at"], row["gpu_started_at"], row["rendered_at"]
    return sent is not None and begun is not None and (through is None or through < sent)


# --- steps of a plan


def ready_steps(plan: Plan, made: Iterable[str], is_done: Callable[[StepRef], bool]) -> list[Step]:
    """Steps that have no job yet and whose inputs all exist."""
    known = set(made)
    return [s for s in plan.steps if s.id not in known and all(is_done(ref) for ref in step_refs(s))]


def step_refs(step: Step) -> list[StepRef]:
    """The inputs of a step that another step makes."""
    return [ref for refs in step.inputs.values() for ref in refs if isinstance(ref, StepRef)]


def rest_of(plan: Plan, made: Mapping[str, Mapping[str, Sequence[str]]]) -> Plan:
    """The plan without the steps that are done: what they made (step -> port -> asset ids) enters the others as it is."""

    def given(ref: AssetRef | StepRef) -> list[AssetRef | StepRef]:
        if isinstance(ref, AssetRef) or ref.run_id is not None or ref.step_id not in made:
            return [ref]
        ids = made[ref.step_id].get(ref.port, ())
        chosen = ids if ref.index is None else ids[ref.index : ref.index + 1]
        return [AssetRef(asset_id=asset_id, handle=ref.handle) for asset_id in chosen]

    def without(step: Step) -> Step:
        inputs = {port: tuple(one for ref in refs for one in given(ref)) for port, refs in step.inputs.items()}
        return step.model_copy(update={"inputs": inputs})

    return plan.model_copy(update={"steps": tuple(without(step) for step in plan.steps if step.id not in made)})


def now_tellable(plan: Plan, done: Collection[str], step_id: str) -> list[str]:
    """The delivered steps whose outputs may be told because `step_id` is done too: in the order of the plan, whatever
    order they were rendered in, so that handles follow the plan. One that is ready waits for those before it."""
    order = [step.id for step in plan.steps if step.deliver]
    before = list(takewhile(lambda name: name in done and name != step_id, order))
    after = list(takewhile(lambda name: name in done or name == step_id, order))
    return after[len(before) :]


def held_back(plan: Plan, done: Collection[str]) -> list[str]:
    """The delivered steps that are done and were not told, because one before them never was."""
    order = [step.id for step in plan.steps if step.deliver]
    told = list(takewhile(lambda name: name in done, order))
    return [name for name in order[len(told) :] if name in done]


def came_to(plan: Plan, done: Collection[str]) -> list[str]:
    """The inner steps with which a plan that stopped broke off: done, for somebody to see, and nothing made of them yet."""
    used = {ref.step_id for step in plan.steps if step.id in done for ref in step_refs(step)}
    last = [step for step in plan.steps if step.id in done and step.id not in used and not step.deliver]
    return [step.id for step in last if _SEEN.intersection(step.outputs.values())]


def expected_seconds(plan: Plan, steps: Collection[Step]) -> float:
    """What a job of these steps takes: their share of the estimate that the person saw; at least a tenth of a second."""
    low, high = plan.estimate.seconds
    whole, part = sum(map(_weight, plan.steps)), sum(map(_weight, steps))
    return max(0.1, (low + high) / 2 * part / whole)


def _weight(step: Step) -> float:
    """How much a step takes beside others of its plan, by what its tool says; all the same where it says nothing."""
    return 1.0 if step.seconds is None else max(0.01, sum(step.seconds))


# --- the line


def tag_of(tool: Tool) -> Tag:
    """What kind of worker a job of this tool wants."""
    if any(port.kind is MediaKind.VIDEO for port in tool.outputs.values()):
        return Tag.VIDEO
    return Tag.HIGH_VRAM if (tool.vram_gb or 0.0) >= HIGH_VRAM_GB else Tag.DEFAULT


# --- graphs


NEEDS_WEIGHTS = re.compile(r"Sampler|Loader|^Load\w*(?:Model|Landmarker)$|VAEEncode|VAEDecode|CLIPTextEncode")


def needs_weights(class_types: Iterable[str]) -> bool:
    """Whether a graph has nodes that only real weights can run honestly."""
    return any(NEEDS_WEIGHTS.search(name) for name in class_types)


def lacks_room(free: int, bound: int, *, lacked: bool, missed: bool) -> bool:
    """Whether a disk with so many free bytes is full: below the bound, and once it was, below twice that, so that nothing goes to
    and fro; and for a while after something found no room on it (`missed`)."""
    return missed or free < (2 * bound if lacked else bound)
