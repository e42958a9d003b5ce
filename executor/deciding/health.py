"""Which instances fail whatever they are given. Pure.

An instance that fails two different jobs, and does none in between, is failing itself: a full disk, a GPU that is gone. It
would be idle again in no time and draw every job there is. What may be the job's fault as well (`DOUBTFUL`) speaks against it
only where the same job is done elsewhere then, or where jobs of different people or tools fail so, one after the other: what
one person sends again and again puts nothing to rest. So it rests, longer each time; then one job at a time is sent
there, where no other instance is idle, until one is done. One that was away since may have been mended: it need not rest.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from enum import StrEnum

from executor.comfy.attribution import DOUBTFUL
from executor.model import Fault, FaultKind, Setback

STRIKES = 2


class Trust(StrEnum):
    """What may be sent to an instance."""

    WHOLE = "whole"
    #: one job, to see
    TRIAL = "trial"
    #: nothing
    NONE = "none"


@dataclass(frozen=True)
class Health:
    """What an instance failed since it did a job: how many that were different, the last of them, why, when, and until when
    nothing is sent there."""

    strikes: int = 0
    job: str | None = None
    code: str | None = None
    at: datetime | None = None
    rests_until: datetime | None = None

    @property
    def failing(self) -> bool:
        """Whether that is the instance's fault, and not its jobs'."""
        return self.strikes >= STRIKES

    @property
    def blank(self) -> bool:
        """Whether nothing is noted that a job that it does would wipe out."""
        return self.job is None


def strikes(fault: Fault) -> bool:
    """Whether it speaks against the instance; not what somebody else stopped there."""
    return fault.kind is FaultKind.HOST and fault.code != "interrupted" and not doubtful(fault)


def doubtful(fault: Fault) -> bool:
    """Whether it may be the job's fault as well as the instance's."""
    return fault.code in DOUBTFUL


def struck(
    before: Health, job_id: str, code: str, now: datetime, since: datetime, rest_s: tuple[float, float]
) -> Health:
    """After it failed a job. `rest_s`: how long it rests first, and at the most; `since`: as in `trust`. What it still had
    when it began to rest changes nothing."""
    if trust(before, since, now) is Trust.NONE:
        return before
    another = before.failing or before.strikes == 0 or before.job != job_id
    return _rested(Health(before.strikes + another, job_id, code, now), rest_s)


def doubted(
    before: Health, job_id: str, code: str, now: datetime, since: datetime, rest_s: tuple[float, float], *, unlike: bool
) -> Health:
    """After it failed a job in a way that may be the job's fault. `unlike`: the job that it failed before was another
    person's, or of another tool, so that both were its own doing; else it is only noted."""
    if trust(before, since, now) is Trust.NONE:
        return before
    count = max(before.strikes, 1) + 1 if unlike and before.job is not None else before.strikes
    return _rested(Health(count, job_id, code, now), rest_s)


def suspects(setbacks: Iterable[Setback], done_by: str) -> list[Setback]:
    """Of a job that is done: the last of what each other instance did that may have been the job's fault, and was not."""
    return list({one.instance: one for one in setbacks if one.code in DOUBTFUL and one.instance != done_by}.values())


def convicted(
    before: Health, job_id: str, code: str, failed_at: datetime, now: datetime, since: datetime, rest_s: tuple[float, float]
) -> Health:
    """After a job was done elsewhere that it had failed (`failed_at`) in a way that may have been the job's fault. Nothing
    where it did another one since."""
    if before.at is None or before.at < failed_at or trust(before, since, now) is Trust.NONE:
        return before
    return _rested(Health(before.strikes + 1, job_id, code, now), rest_s)


def _rested(health: Health, rest_s: tuple[float, float]) -> Health:
    """Where it is failing by now, it rests from its last strike on."""
    first, longest = rest_s
    if not health.failing or health.at is None:
        return health
    pause_s = min(longest, first * 2 ** min(health.strikes - STRIKES, 20))
    return replace(health, rests_until=health.at + timedelta(seconds=pause_s))


def trust(health: Health, since: datetime, now: datetime) -> Trust:
    """`since`: from when on it is there."""
    if not health.failing:
        return Trust.WHOLE
    rests = health.at is not None and health.rests_until is not None and since <= health.at and now < health.rests_until
    return Trust.NONE if rests else Trust.TRIAL
