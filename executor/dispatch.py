"""Which waiting job goes to which instance now, and what the others are told."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Any

from base.errors import KeyLost, Problem
from executor import rules, store
from executor.comfy.instance import Instance
from executor.lifecycle import all_places
from executor.model import Fault, FaultKind
from executor.pool import InstancePool
from executor.work import Bench
from tools.model import Step, Tool

_START_S = 10.0  # the embedded renderer may take so long to start before anybody hears of it
_LOOKED_AT = 200  # jobs of a long line that are considered in one round


class Dispatcher:
    """Looks into the queue on behalf of the worker."""

    def __init__(self, bench: Bench, pool: InstancePool, deadline_s: float) -> None:
        self._bench, self._pool, self._deadline_s = bench, pool, deadline_s

    async def next(self, load: Mapping[str, int]) -> tuple[Any, Instance] | None:
        """The next job that an instance with a free place can take; jobs that cannot be taken wait or fail here."""
        instances = self._pool.instances()
        if instances and all(not i.up or load[i.id] >= i.slots for i in instances) and not self._any_away(instances):
            return None
        async with self._bench.db.read() as tx:
            queued, working = await store.queued(tx), await store.at_work(tx)
            last = await store.last_instances(tx, {row["scope"] for row in queued[:_LOOKED_AT]}) if queued else {}
        for row in self._due(queued, working):
            choice = await self._choose(row, load, last.get(row["scope"]))
            match choice:
                case rules.Chosen(instance_id):
                    if (instance := self._pool.get(instance_id)) is not None:
                        return row, instance
                case rules.Wait(str(reason), soon):
                    await self._wait(row, reason, soon)
                case rules.Unfit():
                    await self._give_up(row, Fault(FaultKind.MODEL, "model_missing", self._lack(row)))
        return None

    async def tell_places(self) -> None:
        """Those whose place in the line changed hear of it."""
        async with self._bench.db.read() as tx:
            queued = await store.queued(tx)
            if not queued:
                return
            working = await store.at_work(tx)
        places = all_places(queued, working, self._bench.clock.now(), sum(i.up for i in self._pool.instances()))
        changed = [row for row in queued if rules.worth_telling(row["place"], places[row["id"]][0])]
        if changed:
            async with self._bench.db.write() as tx:
                for row in changed:
                    try:
                        await self._bench.lifecycle.place(tx, row, *places[row["id"]])
                    except KeyLost:
                        await self._bench.lifecycle.forgotten(tx, row["id"], row["run_id"])

    # --- within

    def _any_away(self, instances: Sequence[Instance]) -> bool:
        return any(not instance.up for instance in instances)

    def _due(self, queued: Sequence[Any], working: Sequence[Any]) -> list[Any]:
        now = self._bench.clock.now()
        turns = Counter(row["account_id"] for row in working)
        rows = {row["id"]: row for row in queued if row["due_at"] <= now}
        waiting = [rules.Queued(r["id"], r["account_id"], r["created_at"], r["expect_s"]) for r in rows.values()]
        return [rows[job.id] for job in rules.line(waiting, turns, now)][:_LOOKED_AT]

    async def _choose(self, row: Any, load: Mapping[str, int], last: str | None) -> rules.Chosen | rules.Wait | rules.Unfit:
        try:
            step = await self._bench.lifecycle.step_of(row)
            tool = await self._bench.catalogue.fetch(step.tool)
        except KeyLost:
            async with self._bench.db.write() as tx:
                await self._bench.lifecycle.forgotten(tx, row["id"], row["run_id"])
            return rules.Wait()
        except Problem as problem:
            await self._give_up(row, Fault(FaultKind.JOB, problem.code, problem.detail))
            return rules.Wait()
        choice = rules.choose_instance([self._option(i, tool, step, load, last) for i in self._pool.instances()])
        if isinstance(choice, rules.Unfit) and self._startable(tool, step):
            return rules.Wait("A render server is prepared for this; it starts as soon as that is ready.")
        return choice

    def _startable(self, tool: Tool, step: Step) -> bool:
        kinds = [known for known in self._pool.capabilities() if known.kind is not None]
        return any(self._bench.implement(tool, kind, step.params) is not None for kind in kinds)

    def _option(
        self, instance: Instance, tool: Any, step: Step, load: Mapping[str, int], last: str | None
    ) -> rules.Option:
        rank = None
        if (capabilities := instance.capabilities) is not None:
            chosen = self._bench.implement(tool, capabilities, step.params)
            if chosen is not None and (capabilities.samplers or not _weighty(chosen)):
                rank = tool.implementations.index(chosen)
        return rules.Option(
            instance=instance.id, where=instance.where, up=instance.up, known=capabilities is not None, rank=rank,
            load=load[instance.id], slots=instance.slots, served_last=instance.id == last, cpu=instance.sketch,
        )  # fmt: skip

    def _lack(self, row: Any) -> str | None:
        """What is missing, in the words of the tools."""
        try:
            tool = self._bench.catalogue.get(row["tool"])
        except Problem:
            return None
        reason = self._bench.catalogue.availability(tool, self._pool.capabilities()).reason
        return reason and f"{reason[0].upper()}{reason[1:]}."

    async def _wait(self, row: Any, reason: str, soon: bool) -> None:
        """Note since when, say why (once), give up at the deadline."""
        since = row["waiting_since"]
        waited = 0.0 if since is None else (self._bench.clock.now() - since).total_seconds()
        if since is not None and waited >= self._deadline_s:
            await self._give_up(row, Fault(FaultKind.CONNECTION, "instance_away", reason))
            return
        told = None if soon and waited < _START_S else reason[:200]
        if since is None or row["waiting_for"] != told:
            async with self._bench.db.write() as tx:
                await self._bench.lifecycle.wait(tx, row, told)

    async def _give_up(self, row: Any, fault: Fault) -> None:
        async with self._bench.db.write() as tx:
            await self._bench.lifecycle.give_up(tx, row, fault)


def _weighty(implementation: Any) -> bool:
    return rules.needs_weights(node["class_type"] for node in implementation.graph.values())
