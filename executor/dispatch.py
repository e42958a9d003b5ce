"""Which waiting job goes to which instance now, and what the others are told."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Any

from base.db import Tx
from base.errors import KeyLost, Problem
from executor import rules, store
from executor.comfy.instance import Instance
from executor.model import Claim, Fault, FaultKind, JobStatus, Tag
from executor.places import all_places, queued_job
from executor.pool import InstancePool
from executor.work import Bench
from tools.model import Step, Tool

_START_S = 10.0  # the embedded renderer may take so long to start before anybody hears of it
_LOOKED_AT = 200  # jobs of a long line that are considered in one round


class Dispatcher:
    """Looks into the queue on behalf of one of several workers."""

    def __init__(self, bench: Bench, pool: InstancePool, deadline_s: float, tags: Sequence[Tag]) -> None:
        self._bench, self._pool, self._deadline_s, self._tags = bench, pool, deadline_s, tuple(tags)
        self._noted: set[str] = set()

    async def assign(self, owner: str) -> list[tuple[Claim, Instance]]:
        """Give waiting jobs to instances that have a place, as `owner`'s; jobs that cannot be taken wait or fail here.

        One short transaction: the instances and the jobs that are looked at are locked, so that whatever the rule decides
        is still true when it is written, however many workers do the same.
        """
        instances = self._pool.instances()
        async with self._bench.db.read() as tx:
            if not await store.any_due(tx, self._bench.clock.now(), self._tags):
                return []
            load = _load(await store.at_work(tx))
        if instances and all(i.up and load[i.id] >= i.slots for i in instances):
            return []
        async with self._bench.db.write() as tx:
            await self._note(tx, instances)
            return await self._assign(tx, owner)

    async def _assign(self, tx: Tx, owner: str) -> list[tuple[Claim, Instance]]:
        ours = await store.lock_instances(tx, [instance.id for instance in self._pool.instances()])
        queued = await store.due(tx, self._bench.clock.now(), self._tags, _LOOKED_AT)
        working = await store.at_work(tx)
        last = await store.last_instances(tx, {row["scope"] for row in queued}) if queued else {}
        load, given = _load(working), []
        for row in self._in_order(queued, working):
            claim = await self._claim(tx, row, owner, ours, load, last.get(row["scope"]))
            if claim is None:
                continue
            load[claim[1].id] += 1
            given.append(claim)
            if all(not i.up or load[i.id] >= i.slots for i in self._pool.instances()):
                break
        return given

    async def _claim(
        self, tx: Tx, row: Any, owner: str, ours: set[str], load: Mapping[str, int], last: str | None
    ) -> tuple[Claim, Instance] | None:
        match await self._choose(tx, row, load, last):
            case rules.Chosen(instance_id) if instance_id in ours:
                instance, lease_s = self._pool.get(instance_id), self._bench.pace.lease_s
                claim = await self._bench.lifecycle.claim(tx, row["id"], instance_id, owner, lease_s)
                return None if claim is None or instance is None else (claim, instance)
            case rules.Wait(str(reason), soon):
                await self._wait(tx, row, reason, soon)
            case rules.Unfit():
                await self._bench.lifecycle.give_up(tx, row, Fault(FaultKind.MODEL, "model_missing", self._lack(row)))
        return None

    async def _note(self, tx: Tx, instances: Sequence[Instance]) -> None:
        if not {instance.id for instance in instances} <= self._noted:
            await store.note_instances(tx, [instance.id for instance in instances])
            self._noted |= {instance.id for instance in instances}

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

    def _in_order(self, queued: Sequence[Any], working: Sequence[Any]) -> list[Any]:
        turns = Counter(row["account_id"] for row in working)
        rows = {row["id"]: row for row in queued}
        line = rules.line([queued_job(row) for row in queued], turns, self._bench.clock.now())
        return [rows[job.id] for job in line]

    async def _choose(
        self, tx: Tx, row: Any, load: Mapping[str, int], last: str | None
    ) -> rules.Chosen | rules.Wait | rules.Unfit:
        try:
            step = (await self._bench.lifecycle.steps_of(tx, row))[0].step
            tool = await self._bench.catalogue.fetch(step.tool)
        except KeyLost:
            await self._bench.lifecycle.forgotten(tx, row["id"], row["run_id"])
            return rules.Wait()
        except Problem as problem:
            await self._bench.lifecycle.give_up(tx, row, Fault(FaultKind.JOB, problem.code, problem.detail))
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

    async def _wait(self, tx: Tx, row: Any, reason: str, soon: bool) -> None:
        """Note since when, say why (once), give up at the deadline."""
        since = row["waiting_since"]
        waited = 0.0 if since is None else (self._bench.clock.now() - since).total_seconds()
        if since is not None and waited >= self._deadline_s:
            await self._bench.lifecycle.give_up(tx, row, Fault(FaultKind.CONNECTION, "instance_away", reason))
            return
        told = None if soon and waited < _START_S else reason[:200]
        if since is None or row["waiting_for"] != told:
            await self._bench.lifecycle.wait(tx, row, told)


def _load(working: Sequence[Any]) -> Counter[str]:
    """Jobs per instance that it renders or will render next; one whose outputs are being fetched is off its hands."""
    return Counter(row["instance"] for row in working if row["status"] != JobStatus.COLLECTING)


def _weighty(implementation: Any) -> bool:
    return rules.needs_weights(node["class_type"] for node in implementation.graph.values())
