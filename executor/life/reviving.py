"""Dead letters: what was given up is tried again in a new run, or let go."""

from __future__ import annotations

from typing import Any

from base.db import Tx
from base.ids import new_id
from executor import locks, rules, store
from executor.life.ending import Ending
from executor.life.setting import enter, locked
from executor.life.steps import planned
from executor.model import JobEnding, JobStatus, Lane, Owner
from tools.model import Plan


class Reviving(Ending):
    """The operator's verbs."""

    async def revive(self, tx: Tx, job_id: str) -> str | None:
        """A new run of all that the old one did not get done, for the same owner and origin; None for what is no dead letter.

        The old run has told its end and keeps it: a run ends once. What it did get done is not done again. Raises KeyLost.
        """
        known = await store.job(tx, job_id)
        if known is None:
            return None
        await locks.turn_of(tx, known["account_id"])
        row = await self.let_go(tx, job_id)
        if row is None:
            return None
        run = await store.run(tx, row["run_id"])
        assert run is not None  # a job has its run: the database says so
        key = await self._keys.key(run["scope"])
        plan = planned(key.open(run["plan"]))
        rest = rules.rest_of(plan, await self._made_by(tx, run["id"], plan))
        owner = Owner(run["account_id"], run["tier"], run["scope"])
        return await self.start(
            tx, rest.model_copy(update={"id": new_id()}), owner, origin=run["origin"], waiting=False,
            correlation_id=run["correlation_id"], lane=Lane.of(run["lane"]), retry_of=run["id"],
        )  # fmt: skip

    async def let_go(self, tx: Tx, job_id: str) -> Any | None:
        """It is no dead letter any more, and stays as failed as it was. None for what was none."""
        row = await locked(tx, job_id, [JobStatus.DEAD])
        if row is not None:
            why, ended = JobEnding(row["ending"] or JobEnding.GIVEN_UP), row["ended_at"]
            await enter(tx, row, JobStatus.FAILED, self._clock.now(), why, ended_at=ended)
        return row

    async def _made_by(self, tx: Tx, run_id: str, plan: Plan) -> dict[str, dict[str, list[str]]]:
        """Step that is done -> port -> asset ids."""
        statuses = await store.step_statuses(tx, run_id)
        done = [step for step in plan.steps if statuses.get(step.id) is JobStatus.COMPLETED]
        return {
            step.id: {port: list(await self._find_outputs(tx, run_id, step.id, port)) for port in step.outputs}
            for step in done
        }
