"""What the steps of a job gave, on its way to become assets: each step's as soon as it can be, those it was made of first."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from contextlib import AsyncExitStack
from dataclasses import replace
from typing import Any

from base.db import Database
from base.ids import new_id
from base.log import get_logger
from executor.assets.service import AssetService, Made
from executor.binding import Whole
from executor.blackness import shall_show
from executor.collecting import Collector, wanted
from executor.comfy.faults import Faulted
from executor.comfy.instance import Instance
from executor.comfy.verdict import Verdict
from executor.lifecycle import Lifecycle
from executor.model import Claim, Cost, Fault, FaultKind, JobStep, Link
from executor.sending import kept, parents_of
from tools.model import Tool

log = get_logger(__name__)


class Keeper:
    """For one job on one instance; `claim` is as it is now, with the steps that are done."""

    def __init__(
        self, db: Database, lifecycle: Lifecycle, assets: AssetService, tools: Mapping[str, Tool], claim: Claim,
        instance: Instance, stop: asyncio.Event,
    ) -> None:  # fmt: skip
        self._db, self._lifecycle, self._assets = db, lifecycle, assets
        self._tools, self._instance, self._stop = tools, instance, stop
        self.claim = claim
        self._made: dict[tuple[str, str], list[str]] = {}

    def can(self, one: JobStep) -> bool:
        """Whether all that it was made of is kept."""
        left = {other.step.id for other in self.claim.left}
        return not any(link.step_id in left for link in one.links)

    async def keep(
        self, one: JobStep, whole: Whole, verdict: Verdict, costs: Mapping[str, Cost] | None = None
    ) -> None:
        """Fetch, clean and store what a step gave. With `costs` it was the last one, and the job is done.

        Raises Faulted where there is nothing or it is broken, FileGone, Stopped, LeaseLost.
        """
        tool, outputs = self._tools[one.step.id], whole.outputs[one.step.id]
        sources = wanted(outputs, verdict, tool)
        if not sources:
            raise Faulted(Fault(FaultKind.JOB, "no_output"))
        origin = await self._origin(self._resolved(one), tool)
        async with AsyncExitStack() as stack:
            collector = Collector(self._assets, self._instance, tool, self.claim.owner, stack, self._stop)
            made = [
                each
                for port, files in sources.items()
                for each in await collector.collect(port, files, origin, shall_show=self._shall_show(one, whole, outputs[port]))
            ]
            await self._store(one, made, costs)
        steps = tuple(replace(each, done=True) if each.step.id == one.step.id else each for each in self.claim.steps)
        self.claim = replace(self.claim, steps=steps)

    def _shall_show(self, one: JobStep, whole: Whole, node: str) -> bool:
        entered = any(one.inputs.values())
        return not self._instance.sketch and shall_show(whole.graph, node, one.step.params, entered=entered)

    async def _store(self, one: JobStep, made: list[Made], costs: Mapping[str, Cost] | None) -> None:
        ids: dict[tuple[str, str], list[str]] = {}
        async with self._db.write() as tx:
            row = await self._lifecycle.hold(tx, self.claim)
            for each in made:
                ids.setdefault((one.step.id, each.port), []).append(new_id())
                await self._assets.adopt(tx, each, self.claim.owner, ids[one.step.id, each.port][-1])
            if costs is None:
                await self._lifecycle.step_done(tx, self.claim, one.step.id)
            else:
                await self._lifecycle.complete(tx, self.claim, row, one.step.id, costs)
        self._made |= ids

    def _resolved(self, one: JobStep) -> JobStep:
        """With assets in the place of links."""
        inputs = {port: [each for given in many for each in self._ids(given)] for port, many in one.inputs.items()}
        return replace(one, inputs=inputs)

    def _ids(self, given: str | Link) -> list[str | Link]:
        if isinstance(given, str):
            return [given]
        made = self._made.get((given.step_id, given.port), [])
        return [*(made if given.index is None else made[given.index : given.index + 1])]

    async def _origin(self, one: JobStep, tool: Tool) -> dict[str, Any]:
        """What every output of this step says about where it came from."""
        step = one.step
        return {
            "run_id": self.claim.run_id, "step_id": step.id, "tool": step.tool, "params": step.params,
            "sketch": await self._is_sketch(one, tool), "parents": parents_of(one, tool),
        }  # fmt: skip

    async def _is_sketch(self, one: JobStep, tool: Tool) -> bool:
        """Painted by the embedded renderer, or made from such a painting by plain arithmetic."""
        if tool.generative:
            return self._instance.sketch
        ids = [asset_id for ids in kept(one, tool).values() for asset_id in ids]
        known = await self._assets.many(ids, self.claim.owner.account_id)
        return any(asset.sketch for asset in known.values())
