"""The door of the line: asked in the transaction that would insert, so that what it says is true when that is written."""

from __future__ import annotations

from base.db import Tx
from base.settings import Limits
from executor import rules
from executor.errors import LineFull, NotAdmitted, TooManyWaiting
from executor.model import JobStatus, Lane
from executor.waiting import store
from executor.waiting.admission import Bounds, Crowd, Refusal, refusal, retry_after_s
from executor.waiting.line import Line
from executor.waiting.promising import in_words
from tools.model import Plan


class Door:
    """Lets runs in or says when to come again."""

    def __init__(self, limits: Limits, line: Line) -> None:
        self._bounds = Bounds(limits.queued_jobs, limits.line_seconds_low, limits.line_seconds)
        self._line = line

    async def admit(self, tx: Tx, account_id: str, lane: Lane, plan: Plan) -> None:
        """Raises TooManyWaiting, LineFull: with a sentence, and `retry_after` in seconds."""
        if lane is Lane.HIGH:
            return
        await store.hold_door(tx, account_id, lane)
        crowd = Crowd(await store.own_waiting(tx, account_id), await store.waiting_s(tx) / self._line.width())
        why = refusal(lane, beginning(plan), crowd, self._bounds)
        if why is not None:
            raise await self._refused(tx, account_id, lane, why, crowd)

    async def _refused(self, tx: Tx, account_id: str, lane: Lane, why: Refusal, crowd: Crowd) -> NotAdmitted:
        start = await self._own_start(tx, account_id) if why is Refusal.OWN else 0.0
        after = retry_after_s(lane, why, crowd, self._bounds, start)
        when = f"Try again in {in_words(after)}"
        if why is Refusal.OWN:
            detail = f"{crowd.own} of your jobs wait already; {self._bounds.own} may."
            return TooManyWaiting(detail, action=f"{when}, or cancel some.", retry_after=after, maximum=self._bounds.own)
        detail = f"So much waits already that this would start in {in_words(crowd.wait_s)}."
        more = ", or send it with normal priority." if lane is Lane.LOW else "."
        return LineFull(detail, action=f"{when}{more}", retry_after=after)

    async def _own_start(self, tx: Tx, account_id: str) -> float:
        """Seconds until one of the person's own jobs starts."""
        rows = await store.standing(tx)
        given = await self._line.promises(tx, rows)
        mine = [row["id"] for row in rows if row["account_id"] == account_id and row["status"] == JobStatus.QUEUED]
        return min((given[job_id].high_s for job_id in mine), default=0.0)


def beginning(plan: Plan) -> int:
    """How many jobs of a plan may wait at once in the beginning: its steps that need no other."""
    return max(1, sum(not rules.step_refs(step) for step in plan.steps))
