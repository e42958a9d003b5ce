"""What follows an attempt that failed: again and when, or the end and why. One pure decision over all setbacks so far.

A setback counts as an attempt when the instance had the job and the fault is the job's or the host's. A lost connection
does not: the job may well be done when the instance is back. Only where the instance is found without what it was rendering
then, or stays away, was it a death, which counts. What does not count is bounded by time instead.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from itertools import takewhile

from executor.comfy.attribution import DEADLY
from executor.comfy.faults import LATE, LOST
from executor.model import FaultKind, JobEnding, JobStatus, Setback

MOST = 4
POISON_HOSTS = 2
DEATHS = 2
#: Faults of the job that a server with more memory may not have.
ROOM = frozenset({"out_of_memory"})


@dataclass(frozen=True)
class Retry:
    """Try again after so many seconds."""

    after_s: float


@dataclass(frozen=True)
class Over:
    """The job's end."""

    status: JobStatus
    ending: JobEnding


def decide(
    setbacks: Sequence[Setback], *, elsewhere: bool, patience_s: float, pauses: Sequence[float] = (0.0, 30.0, 120.0)
) -> Retry | Over:
    """What follows the last of the setbacks, of which there is at least one.

    `elsewhere`: another instance is there where it did not fail yet and that could do it (with more memory, where that is
    what was lacking). `patience_s`: for how long lost connections and the like may go on without an attempt that counts.
    """
    last = setbacks[-1]
    if last.kind is FaultKind.MODEL or (last.kind is FaultKind.JOB and last.code in ROOM):
        return _elsewhere(setbacks, last, elsewhere=elsewhere)
    if last.kind is FaultKind.JOB:
        return Over(JobStatus.FAILED, JobEnding.DEADLINE if last.code == LATE else JobEnding.JOB_FAULT)
    if not counts(last) and not _enough([one for one in setbacks if counts(one)], pauses):
        return _sat_out(setbacks, last.at, patience_s, pauses)
    return _tried(setbacks, elsewhere=elsewhere, pauses=pauses)


def counts(setback: Setback) -> bool:
    """Whether it is an attempt."""
    return setback.submitted and setback.kind in (FaultKind.JOB, FaultKind.HOST)


def died_of(setbacks: Sequence[Setback], died: Collection[str]) -> list[Setback]:
    """The same setbacks, as it is known now that these prompts (ids) died with their servers."""
    return [
        replace(one, kind=FaultKind.HOST, code=LOST, prompt_id=None) if one.prompt_id in died else one for one in setbacks
    ]


def failed_on(setbacks: Sequence[Setback]) -> tuple[str, ...]:
    """The instances that are better avoided: where it failed in any way but a lost connection."""
    return tuple(sorted({one.instance for one in setbacks if one.kind is not FaultKind.CONNECTION}))


def _elsewhere(setbacks: Sequence[Setback], last: Setback, *, elsewhere: bool) -> Retry | Over:
    if elsewhere and len(setbacks) < MOST:
        return Retry(0.0)
    return Over(JobStatus.FAILED, JobEnding.MODEL_FAULT if last.kind is FaultKind.MODEL else JobEnding.JOB_FAULT)


def _sat_out(setbacks: Sequence[Setback], now: datetime, patience_s: float, pauses: Sequence[float]) -> Retry | Over:
    trail = list(takewhile(lambda one: not counts(one), reversed(setbacks)))
    if (now - trail[-1].at).total_seconds() >= patience_s:
        return Over(JobStatus.FAILED, JobEnding.DEADLINE)
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
