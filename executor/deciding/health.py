"""Which instances fail whatever they are given. Pure.

An instance that fails two different jobs, and does none in between, is failing itself: a full disk, a GPU that is gone. It
would be idle again in no time and draw every job there is. So it rests, longer each time; then one job at a time is sent
there, where no other instance is idle, until one is done. One that was away since may have been mended: it need not rest.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from enum import StrEnum

from executor.model import Fault, FaultKind

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


def strikes(fault: Fault) -> bool:
    """Whether it speaks against the instance; not what somebody else stopped there."""
    return fault.kind is FaultKind.HOST and fault.code != "interrupted"


def struck(
    before: Health, job_id: str, code: str, now: datetime, since: datetime, rest_s: tuple[float, float]
) -> Health:
    """After it failed a job. `rest_s`: how long it rests first, and at the most; `since`: as in `trust`. What it still had
    when it began to rest changes nothing."""
    if trust(before, since, now) is Trust.NONE:
        return before
    first, longest = rest_s
    count = before.strikes + (before.failing or before.job != job_id)
    after = Health(count, job_id, code, now)
    if not after.failing:
        return after
    return replace(after, rests_until=now + timedelta(seconds=min(longest, first * 2 ** min(count - STRIKES, 20))))


def trust(health: Health, since: datetime, now: datetime) -> Trust:
    """`since`: from when on it is there."""
    if not health.failing:
        return Trust.WHOLE
    rests = health.at is not None and health.rests_until is not None and since <= health.at and now < health.rests_until
    return Trust.NONE if rests else Trust.TRIAL
