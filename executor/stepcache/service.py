"""Look a step up before it is sent, and note it when it is done.

A step is looked up as every instance that could take it now would run it: under the graph that is bound for what that
instance has. So a new model file, another implementation or a newer tool is another step, and what the embedded renderer
painted never stands for what a connected GPU could sample.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Protocol

from accounts.model import account_scope
from base.clock import Clock
from base.crypto import KeyStore
from base.db import Tx
from base.errors import Problem
from base.ids import new_id
from base.log import get_logger
from executor import locks, rules
from executor.assets.service import AssetService, Given
from executor.binding import Build, Implement
from executor.model import Asset, JobStep, Link, Owner
from executor.sending import kept, parents_of
from executor.stepcache import store
from executor.stepcache.facts import Facts, facts
from executor.stepcache.key import NotComparable, is_determined, secret_of, step_key
from executor.stepcache.store import Entry
from tools.model import AssetRef, Capabilities, Implementation, Plan, Size, Step, StepRef, Tool
from tools.protocols import Catalogue

log = get_logger(__name__)
STANDARD = "standard"
MOST = 2_000
"""Steps that are known of one account."""


class Instances(Protocol):
    """What instances have: those that are away, and those that could be started, too."""

    def capabilities(self) -> list[Capabilities]: ...

    def having(self, instance_id: str) -> Capabilities | None:
        """What one of them has; None when it is no longer there."""
        ...


class StepCache:
    """Implements executor.life.telling.StepMemory: the steps that an account has done."""

    def __init__(
        self, keys: KeyStore, clock: Clock, assets: AssetService, catalogue: Catalogue, build: Build, implement: Implement,
        pool: Instances, most: int = MOST,
    ) -> None:  # fmt: skip
        self._keys, self._clock, self._assets, self._catalogue = keys, clock, assets, catalogue
        self._build, self._implement, self._pool, self._most = build, implement, pool, most
        self._facts: Facts | None = None

    async def prepare(self) -> None:
        """Read what keys need to know; without it nothing is ever found or noted."""
        self._facts = await asyncio.to_thread(facts)

    async def recall(self, tx: Tx, run_id: str, one: JobStep, owner: Owner) -> bool:
        """Whether this was done before: then what it gave are assets of this step of this run, too."""
        given, step = await self.known(tx, one, owner), one.step
        if not given:
            return False
        parents = parents_of(one, await self._catalogue.fetch(step.tool))
        origin = {"run_id": run_id, "step_id": step.id, "tool": step.tool, "params": step.params, "parents": parents}
        for each in given:
            await self._assets.share(tx, each, owner, new_id(), **origin)
        log.info("step_recalled", run_id=run_id, tool=step.tool, outputs=len(given))
        return True

    async def known(self, tx: Tx, one: JobStep, owner: Owner) -> list[Given]:
        """What this step gave when it was done before; nothing when it was not, or shall be done anew."""
        if one.step.fresh or owner.tier != STANDARD or not await store.has_any(tx, owner.account_id, one.step.tool):
            return []
        keys = await self._keys_on(tx, one, owner, lambda tool: self._able(tool, one.step))
        for entry in await store.find(tx, owner.account_id, keys) if keys else ():
            if given := await self._held(tx, entry):
                await store.used(tx, entry, self._clock.now())
                return given
            await store.drop(tx, entry)
        return []

    async def covers(self, tx: Tx, plan: Plan, owner: Owner) -> bool:
        """Whether every step of the plan was done before, so that nothing of it would run."""
        await locks.turn_of(tx, owner.account_id)
        made: dict[str, list[Given]] = {}
        for step in plan.steps:
            inputs = _inputs(step, made)
            given = [] if inputs is None else await self.known(tx, JobStep(step, inputs), owner)
            if not given:
                return False
            made[step.id] = given
        return True

    async def note(self, tx: Tx, run_id: str, one: JobStep, owner: Owner, instance: str) -> None:
        """The step is done on this instance, and what it gave are assets."""
        on = self._pool.having(instance)
        if owner.tier != STANDARD or on is None:
            return
        for key in await self._keys_on(tx, one, owner, lambda _tool: [on]):
            outputs = len(await self._assets.of_step(tx, run_id, one.step.id))
            entry = Entry(owner.account_id, key, run_id, one.step.id, outputs)
            await store.put(tx, entry, one.step.tool, self._clock.now(), self._most)

    # --- within

    def _able(self, tool: Tool, step: Step) -> list[Capabilities]:
        """Instances that differ and could run it; a painter only where there is nothing else for what needs a sampler."""
        known = {each.key: each for each in self._pool.capabilities() if not each.unknown}
        able = [each for each in known.values() if self._runs(tool, step, each) is not None]
        real = [each for each in able if not each.sketch]
        return real if real and tool.generative else able

    def _runs(self, tool: Tool, step: Step, on: Capabilities) -> Implementation | None:
        chosen = self._implement(tool, on, step.params)
        if chosen is None or on.samplers:
            return chosen
        return None if rules.needs_weights(node["class_type"] for node in chosen.graph.values()) else chosen

    async def _keys_on(
        self, tx: Tx, one: JobStep, owner: Owner, able: Callable[[Tool], Iterable[Capabilities]]
    ) -> set[str]:
        """Nothing where the step cannot be known again: what is wrong with a step shows when it is run."""
        try:
            secret = secret_of((await self._keys.key(account_scope(owner.account_id))).secret)
            tool = await self._catalogue.fetch(one.step.tool)
            entering = kept(one, tool)
            assets = await self._assets.many_in(tx, [i for ids in entering.values() for i in ids], owner.account_id)
            ports = {port: [assets[asset_id] for asset_id in ids] for port, ids in entering.items()}
            made = (self._key(secret, tool, one.step, ports, each) for each in able(tool))
            return {key for key in made if key is not None}
        except (KeyError, NotComparable, Problem):
            return set()

    def _key(
        self, secret: bytes, tool: Tool, step: Step, ports: Mapping[str, Sequence[Asset]], on: Capabilities
    ) -> str | None:
        chosen = self._runs(tool, step, on)
        if chosen is None or self._facts is None:
            return None
        names = {port: [asset.sha256 for asset in assets] for port, assets in ports.items()}
        bound = self._build(tool, chosen, step.params, names, _sizes(ports), on, "")
        if not is_determined(bound.graph, self._facts.core):
            return None
        sketch = on.sketch and tool.generative
        return step_key(secret, tool.name, tool.version, bound.graph, bound.outputs, self._facts.files, sketch=sketch)

    async def _held(self, tx: Tx, entry: Entry) -> list[Given]:
        """All that the step gave, or nothing: the owner may have deleted a part of it."""
        given = await self._assets.given(tx, entry.run_id, entry.step_id)
        whole = len(given) == entry.outputs and all(self._lasts(one.asset, entry) for one in given)
        return given if whole else []

    def _lasts(self, asset: Asset, entry: Entry) -> bool:
        mine = asset.owner.account_id == entry.account_id and asset.owner.tier == STANDARD
        return mine and (asset.expires_at is None or asset.expires_at > self._clock.now())


def _inputs(step: Step, made: Mapping[str, Sequence[Given]]) -> dict[str, list[str | Link]] | None:
    """What enters a step, when the steps before it gave what they gave before; None where that is still being made."""
    if any(ref.step_id not in made or ref.run_id is not None for ref in rules.step_refs(step)):
        return None
    return {port: [asset_id for ref in refs for asset_id in _meant(ref, made)] for port, refs in step.inputs.items()}


def _meant(ref: AssetRef | StepRef, made: Mapping[str, Sequence[Given]]) -> list[str]:
    if isinstance(ref, AssetRef):
        return [ref.asset_id]
    given = [one.asset.id for one in made[ref.step_id] if one.port == ref.port]
    return given if ref.index is None else given[ref.index : ref.index + 1]


def _sizes(ports: Mapping[str, Sequence[Asset]]) -> dict[str, Size]:
    first = {port: assets[0] for port, assets in ports.items() if assets}
    return {port: Size(one.width, one.height) for port, one in first.items() if one.width and one.height}


