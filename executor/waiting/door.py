"""The door of the line: asked in the transaction that would insert, so that what it says is true when that is written."""

from __future__ import annotations

from accounts.service import place_of_account
from base.db import Tx
from base.settings import Limits
from executor import rules
from executor.errors import LineFull, NotAdmitted, TooManyWaiting
from executor.model import Lane
from executor.waiting import store
from executor.waiting.admission import Bounds, Crowd, Refusal, bound_s, refusal, retry_after_s
from executor.waiting.line import Line
from executor.waiting.picture import Newcomer
from executor.waiting.promising import in_words
from tools.model import Plan


class Door:
    """Lets runs in or says when to come again."""

    def __init__(self, limits: Limits, line: Line) -> None:
        self._bounds = Bounds(
            limits.queued_jobs, limits.line_seconds_low, limits.line_seconds, limits.address_jobs
        )
        self._line = line

    async def admit(self, tx: Tx, account_id: str, lane: Lane, plan: Plan) -> None:
        """Raises TooManyWaiting, LineFull: with a sentence, and `retry_after` in seconds."""
        if lane is Lane.HIGH:
            return
        place = await place_of_account(tx, account_id)
        await store.hold_door(tx, place or account_id)
        picture = await self._line.picture(tx)
        total = picture.total_s / self._line.width()
        wait = await self._line.wait_s(tx, newcomer(account_id, lane, plan))
        near = 0 if place is None else await store.waiting_from(tx, place)
        crowd = Crowd(await store.own_waiting(tx, account_id), wait, total, near)
        why = refusal(lane, beginning(plan), crowd, self._bounds)
        if why is not None:
            whose = [account_id] if why is not Refusal.PLACE else await store.accounts_from(tx, place or "")
            start = picture.first_start(whose) if why in (Refusal.OWN, Refusal.PLACE) else 0.0
            raise self._refused(lane, why, crowd, start)

    def _refused(self, lane: Lane, why: Refusal, crowd: Crowd, start: float) -> NotAdmitted:
        after = retry_after_s(lane, why, crowd, self._bounds, start)
        when = f"Try again in {in_words(after)}"
        if why is Refusal.OWN:
            detail = f"{crowd.own} of your jobs wait already; {self._bounds.own} may."
            return TooManyWaiting(detail, action=f"{when}, or cancel some.", retry_after=after, maximum=self._bounds.own)
        if why is Refusal.PLACE:
            detail = f"{crowd.place} jobs of accounts made from your network address wait already; {self._bounds.place} may."
            return TooManyWaiting(detail, action=f"{when}.", retry_after=after, maximum=self._bounds.place)
        if why is Refusal.HOUSE:
            detail = f"Everybody's work together takes {in_words(crowd.total_s)}; nothing more is taken until some of it is done."
            return LineFull(detail, action=f"{when}.", retry_after=after)
        sooner = lane is Lane.LOW and crowd.wait_s <= bound_s(Lane.NORMAL, self._bounds)
        more = ", or send it with normal priority." if sooner else "."
        return LineFull(too_late(lane, crowd.wait_s, self._bounds), action=f"{when}{more}", retry_after=after)


def newcomer(account_id: str, lane: Lane, plan: Plan) -> Newcomer:
    """The first job of a plan, as the line sees it."""
    first = next((step for step in plan.steps if not rules.step_refs(step)), plan.steps[0])
    return Newcomer(account_id, lane, (first.tool,), rules.expected_seconds(plan, [first]))


def too_late(lane: Lane, wait_s: float, bounds: Bounds) -> str:
    """When it would start and what is taken at most: two figures that differ in words too, or one."""
    start, most = in_words(wait_s), in_words(bound_s(lane, bounds))
    whose = "of low priority " if lane is Lane.LOW else ""
    beyond = f"in {start}" if start != most else f"a little later than in {most}"
    return f"So much waits before you that this would start {beyond}; what is taken {whose}starts within {most}."


def beginning(plan: Plan) -> int:
    """How many jobs of a plan may wait at once in the beginning: its steps that need no other."""
    return max(1, sum(not rules.step_refs(step) for step in plan.steps))
