"""What follows an attempt that failed: again and when, or the end and why. One pure decision over all setbacks so far.

A setback counts as an attempt when the instance had the job and the fault is the job's or the host's. A lost connection
does not: the job may well be done when the instance is back. Only where the instance is found without what it was rendering
then, or stays away, was it a death, which counts. Nor does what an instance did that fails everybody. What does not count is
bounded by time instead: from the first setback after which the job was not found again where it was.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from itertools import takewhile

from executor.comfy.attribution import DEADLY, DOUBTFUL
from executor.comfy.faults import LATE, LOST, NODE_FAILED, NOT_TAKEN
from executor.model import FaultKind, JobEnding, JobStatus, Setback

MOST = 4
POISON_HOSTS = 2
DEATHS = 2
#: Faults of the job that a server with more memory may not have.
ROOM = frozenset({"out_of_memory"})
#: Faults of the model that are as much the seed's: what trying the same again does not mend.
OF_THE_SEED = frozenset({"not_a_number"})
_TOO_LARGE = "This needs more memory than the render servers have: one with more of it ran out of it too."


@dataclass(frozen=True)
class Retry:
    """Try again after so many seconds."""

    after_s: float


@dataclass(frozen=True)
class Over:
    """The job's end."""

    status: JobStatus
    ending: JobEnding
    detail: str | None = None
    """What the person is told instead of what the last fault says."""


def decide(
    setbacks: Sequence[Setback], *, elsewhere: bool, patience_s: float, pauses: Sequence[float] = (0.0, 30.0, 120.0)
) -> Retry | Over:
    """What follows the last of the setbacks, of which there is at least one.

    `elsewhere`: another instance is there where it did not fail yet and that could do it (with more memory, where that is
    what was lacking). `patience_s`: for how long lost connections and the like may go on without an attempt that counts.
    """
    last = setbacks[-1]
    if last.kind is FaultKind.MODEL:
        return _of_model(setbacks, last, elsewhere=elsewhere)
    if last.kind is FaultKind.JOB and last.code in ROOM:
        return _of_room(setbacks, elsewhere=elsewhere)
    if last.kind is FaultKind.JOB and last.code == NODE_FAILED and elsewhere and _one_more(setbacks):
        return Retry(0.0)
    if last.kind is FaultKind.JOB:
        return Over(JobStatus.FAILED, JobEnding.DEADLINE if last.code == LATE else JobEnding.JOB_FAULT)
    if not counts(last) and not _enough([one for one in setbacks if counts(one)], pauses):
        return _sat_out(setbacks, last.at, patience_s, pauses)
    return _tried(setbacks, elsewhere=elsewhere, pauses=pauses)


def counts(setback: Setback) -> bool:
    """Whether it is an attempt: not where the instance was failing everybody."""
    return setback.submitted and setback.kind in (FaultKind.JOB, FaultKind.HOST) and not setback.excused


def healed(setback: Setback) -> bool:
    """Whether it was a lost connection, after which the instance was found to go on with the job."""
    return setback.kind is FaultKind.CONNECTION and setback.excused


def died_of(setbacks: Sequence[Setback], died: Collection[str]) -> list[Setback]:
    """The same setbacks, as it is known now that these prompts (ids) died with their servers."""
    return [
        replace(one, kind=FaultKind.HOST, code=LOST, prompt_id=None) if one.prompt_id in died else one for one in setbacks
    ]


def excused(setbacks: Sequence[Setback], failing: Collection[str]) -> list[Setback]:
    """The same setbacks, as it is known now that these instances fail everybody."""
    return [replace(one, excused=True) if one.instance in failing and of_the_host(one) else one for one in setbacks]


def of_the_host(setback: Setback) -> bool:
    """Whether an instance that fails everybody is why."""
    return setback.kind is FaultKind.HOST or setback.code == NODE_FAILED


def failed_on(setbacks: Sequence[Setback]) -> tuple[str, ...]:
    """The instances that are better avoided: where it failed in any way but a lost connection, or was not taken twice. After
    once it is asked for there again, since it may have been on its way."""
    untaken = Counter(one.instance for one in setbacks if one.code == NOT_TAKEN and not healed(one))
    failed = {one.instance for one in setbacks if one.kind is not FaultKind.CONNECTION}
    return tuple(sorted(failed | {instance for instance, times in untaken.items() if times > 1}))


def _one_more(setbacks: Sequence[Setback]) -> bool:
    """Whether what may be the server's fault as well is tried on another one: on two that fail nobody else it is the job's."""
    attempts = [one for one in setbacks if counts(one)]
    doubtful = sum(one.code in DOUBTFUL for one in attempts)
    hosts = {one.instance for one in attempts}
    return doubtful < POISON_HOSTS and len(hosts) < POISON_HOSTS and len(setbacks) < 2 * MOST


def _of_model(setbacks: Sequence[Setback], last: Setback, *, elsewhere: bool) -> Retry | Over:
    """Where the model is in order; nowhere, an operator can mend that."""
    if elsewhere and len(setbacks) < MOST:
        return Retry(0.0)
    return Over(JobStatus.FAILED if last.code in OF_THE_SEED else JobStatus.DEAD, JobEnding.MODEL_FAULT)


def _of_room(setbacks: Sequence[Setback], *, elsewhere: bool) -> Retry | Over:
    """Once where there is more memory, if no other host has failed over it: it takes no third one with it."""
    attempts = [one for one in setbacks if counts(one)]
    short = sum(one.code in ROOM for one in attempts)
    if elsewhere and short < POISON_HOSTS and len({one.instance for one in attempts}) < POISON_HOSTS:
        return Retry(0.0)
    if any(one.kind is FaultKind.HOST for one in attempts):
        return Over(JobStatus.DEAD, JobEnding.GIVEN_UP)
    return Over(JobStatus.FAILED, JobEnding.JOB_FAULT, _TOO_LARGE if short >= POISON_HOSTS else None)


def _sat_out(setbacks: Sequence[Setback], now: datetime, patience_s: float, pauses: Sequence[float]) -> Retry | Over:
    trail = list(takewhile(lambda one: not counts(one) and not healed(one), reversed(setbacks))) or [setbacks[-1]]
    if (now - trail[-1].at).total_seconds() >= patience_s:
        return Over(JobStatus.DEAD, JobEnding.DEADLINE)
    return Retry(pauses[min(len(trail), len(pauses)) - 1])


def _tried(setbacks: Sequence[Setback], *, elsewhere: bool, pauses: Sequence[float]) -> Retry | Over:
    attempts = [one for one in setbacks if counts(one)]
    deaths = len(list(takewhile(lambda one: one.code in DEADLY, reversed(attempts))))
    if _enough(attempts, pauses) or (deaths >= DEATHS and not elsewhere):
        return Over(JobStatus.DEAD, JobEnding.GIVEN_UP)
    return Retry(pauses[len(attempts) - 1])


def _enough(attempts: Sequence[Setback], pauses: Sequence[float]) -> bool:
    """Two hosts failed over it, or there is no attempt left."""
    return len({one.instance for one in attempts}) >= POISON_HOSTS or len(attempts) >= min(MOST, len(pauses) + 1)
