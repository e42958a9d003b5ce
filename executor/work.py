"""One job in a worker's hands: prepare, submit, follow, fetch, complete. No transaction spans the network."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from contextlib import AsyncExitStack
from dataclasses import dataclass, replace
from typing import Any, Protocol

from base.clock import Clock
from base.db import Database
from base.events import EventLog
from base.ids import new_id
from base.log import get_logger
from executor.assets.service import AssetService, Made
from executor.collecting import Collector, wanted
from executor.comfy.faults import Faulted, interrupted
from executor.comfy.follow import Follower, Stopped
from executor.comfy.http import FileGone
from executor.comfy.instance import Instance
from executor.comfy.meter import Reading
from executor.comfy.verdict import Ending, Verdict
from executor.lifecycle import Lifecycle, stream
from executor.model import VERSION, Claim, Cost, Fault, FaultKind, JobStatus, Parent
from executor.pace import Pace
from executor.sending import kept, send_inputs
from tools.model import Capabilities, Implementation, Size, Tool
from tools.protocols import Catalogue
from tools.rules import silence_s

log = get_logger(__name__)
_FRESH_NAMES = 2  # how often a job is run again because its file is gone


class Bound(Protocol):
    """A graph ready for an instance."""

    @property
    def graph(self) -> dict[str, dict[str, Any]]: ...

    @property
    def outputs(self) -> Mapping[str, str]: ...


class Build(Protocol):
    """tools.service.build_graph."""

    def __call__(
        self, tool: Tool, implementation: Implementation, params: Mapping[str, Any], inputs: Mapping[str, list[str]],
        sizes: Mapping[str, Size], capabilities: Capabilities, filename_prefix: str,
    ) -> Bound: ...  # fmt: skip


class Implement(Protocol):
    """tools.service.choose_implementation."""

    def __call__(
        self, tool: Tool, instance: Capabilities, params: Mapping[str, Any]
    ) -> Implementation | None: ...


@dataclass(frozen=True)
class Bench:
    """What every job needs."""

    db: Database
    lifecycle: Lifecycle
    assets: AssetService
    events: EventLog
    clock: Clock
    pace: Pace
    catalogue: Catalogue
    build: Build
    implement: Implement


class Work:
    """Do one claimed job."""

    def __init__(self, bench: Bench, claim: Claim, instance: Instance, stop: asyncio.Event) -> None:
        self._bench, self.claim, self._instance, self._stop = bench, claim, instance, stop
        self._tool = bench.catalogue.get(claim.step.tool)
        self._saved_at = float("-inf")
        self._saving: set[asyncio.Task[None]] = set()

    async def run(self) -> None:
        """To the end of the job. Raises Faulted, Stopped, LeaseLost, Problem."""
        async with AsyncExitStack() as stack:
            stack.push_async_callback(self._settle_saves)
            bound: Bound = self._implementation()  # unbound, it still says which nodes save and how heavy they are
            verdict = await self._rejoin(bound) if self.claim.status is not JobStatus.QUEUED else None
            if verdict is None:
                bound = await self._prepare()
                verdict = await self._render(bound)
            await self._conclude(bound, verdict)

    async def _rejoin(self, bound: Bound) -> Verdict | None:
        """A job that was sent before: its verdict if the instance still knows it, None when it must be sent again."""
        prompt_id, http = self.claim.prompt_id, self._instance.http
        with self._instance.board.channel(prompt_id) as channel:
            # The order closes the gap: what leaves the queue between the first two questions is in history at the third.
            known = await http.history(prompt_id) is not None or await http.is_queued(prompt_id)
            if not known and await http.history(prompt_id) is None:
                return None
            log.info("job_rejoined", job_id=self.claim.id, instance=self._instance.id)
            return await self._follower(bound).follow(channel)

    async def _render(self, bound: Bound) -> Verdict:
        if self._stop.is_set():
            raise Stopped
        if self.claim.status is not JobStatus.QUEUED:
            await self._rename()
        claim = self.claim
        with self._instance.board.channel(claim.prompt_id) as channel:
            extra = {"correlation_id": claim.correlation_id}
            await self._instance.http.submit(bound.graph, claim.prompt_id, self._instance.board.client_id, extra)
            async with self._bench.db.write() as tx:
                await self._bench.lifecycle.running(tx, claim, bound.graph)
            return await self._follower(bound).follow(channel)

    async def _rename(self) -> None:
        """A new prompt id, stored before it is sent."""
        claim = replace(self.claim, prompt_id=new_id())
        async with self._bench.db.write() as tx:
            await self._bench.lifecycle.resubmit(tx, claim, claim.prompt_id)
        self.claim = claim

    async def _conclude(self, bound: Bound, verdict: Verdict) -> None:
        for attempt in range(1, _FRESH_NAMES + 2):
            if verdict.ending is Ending.INTERRUPTED:
                raise Stopped if self._stop.is_set() else Faulted(interrupted(self._instance.where))
            if verdict.fault is not None:
                raise Faulted(verdict.fault)
            try:
                await self._collect(bound, verdict)
                return
            except FileGone:
                if attempt > _FRESH_NAMES:
                    break
            # The instance kept a result in its cache, whose file is gone: another name makes it save again.
            bound = await self._prepare(attempt)
            self.claim = replace(self.claim, status=JobStatus.COLLECTING)
            verdict = await self._render(bound)
        raise Faulted(Fault(FaultKind.JOB, "output_lost"))

    # --- before

    def _capabilities(self) -> Capabilities:
        if self._instance.capabilities is None:
            raise Faulted(Fault(FaultKind.CONNECTION, "instance_away"))
        return self._instance.capabilities

    def _implementation(self) -> Implementation:
        found = self._bench.implement(self._tool, self._capabilities(), self.claim.step.params)
        if found is None:
            raise Faulted(Fault(FaultKind.MODEL, "model_missing"))
        return found

    async def _prepare(self, attempt: int = 0) -> Bound:
        """Send the inputs and bind the graph. The prefix is the job's own, so that no two jobs ever name one file."""
        inputs = await send_inputs(self._bench.assets, self.claim.steps[0], self._tool, self.claim.owner, self._instance)
        prefix = f"stationthis/{self.claim.id}" + (f"-{attempt}" if attempt else "")
        return self._bench.build(
            self._tool, self._implementation(), self.claim.step.params, inputs.names, inputs.sizes,
            self._capabilities(), prefix,
        )  # fmt: skip

    # --- during

    def _follower(self, bound: Bound) -> Follower:
        return Follower(
            self._instance, self.claim.prompt_id, bound.graph, self._stop, self._bench.clock, self._bench.pace,
            self._report, self._show, max(silence_s(self._bench.catalogue.get(one.step.tool)) for one in self.claim.steps),
        )  # fmt: skip

    def _report(self, reading: Reading) -> None:
        data = reading.as_dict(self.claim.step.id)
        self._publish("run.progress", data)
        now = self._bench.clock.monotonic()
        if now - self._saved_at >= 2.0 and not self._saving:
            self._saved_at = now
            task = asyncio.create_task(self._save(data))
            self._saving.add(task)
            task.add_done_callback(self._saving.discard)

    async def _save(self, data: dict[str, Any]) -> None:
        """For whoever connects in the middle; who missed one sees the next."""
        async with self._bench.db.write() as tx:
            await self._bench.lifecycle.progressed(tx, self.claim, data)

    async def _settle_saves(self) -> None:
        await asyncio.gather(*self._saving, return_exceptions=True)

    def _show(self, image: str) -> None:
        self._publish("run.preview", {"step_id": self.claim.step.id, "image": image})

    def _publish(self, type: str, data: dict[str, Any]) -> None:
        head = {"run_id": self.claim.run_id, "job_id": self.claim.id, "correlation_id": self.claim.correlation_id}
        self._bench.events.publish(stream(self.claim.run_id), type, {**head, **data})

    # --- after

    async def _collect(self, bound: Bound, verdict: Verdict) -> None:
        """Fetch, clean and keep the outputs; the instance may begin the next job meanwhile."""
        sources = wanted(bound.outputs, verdict, self._tool)
        if not sources:
            raise Faulted(Fault(FaultKind.JOB, "no_output"))
        await self._settle_saves()
        await self._rendered()
        origin = await self._origin()
        async with AsyncExitStack() as stack:
            collector = Collector(self._bench.assets, self._instance, self._tool, self.claim.owner, stack)
            made = [one for port, files in sources.items() for one in await collector.collect(port, files, origin)]
            await self._complete(made, verdict)
        await self._tidy(verdict)

    async def _rendered(self) -> None:
        """The instance is free for another job while this one's outputs are fetched."""
        gpu = await self._instance.gpu()
        async with self._bench.db.write() as tx:
            await self._bench.lifecycle.collecting(tx, self.claim, gpu)

    async def _origin(self) -> dict[str, Any]:
        """What every output of this job says about where it came from."""
        step = self.claim.step
        return {
            "run_id": self.claim.run_id, "step_id": step.id, "tool": step.tool, "params": step.params,
            "sketch": await self._is_sketch(), "parents": self._parents(),
        }  # fmt: skip

    def _parents(self) -> tuple[Parent, ...]:
        """What entered the step, and the picture that it refines."""
        entered = [Parent(asset_id, name) for name, ids in kept(self.claim.steps[0], self._tool).items() for asset_id in ids]
        refined = self.claim.step.version_of
        return tuple(entered) if refined is None else (*entered, Parent(refined.asset_id, VERSION))

    async def _is_sketch(self) -> bool:
        """Painted by the embedded renderer, or made from such a painting by plain arithmetic."""
        if self._tool.generative:
            return self._instance.sketch
        ids = [asset_id for ids in kept(self.claim.steps[0], self._tool).values() for asset_id in ids]
        known = await self._bench.assets.many(ids, self.claim.owner.account_id)
        return any(asset.sketch for asset in known.values())

    async def _complete(self, made: list[Made], verdict: Verdict) -> None:
        claim, bench = self.claim, self._bench
        credits = 0.0 if self._instance.sketch else verdict.seconds * self._tool.cost.credits_per_s
        async with bench.db.write() as tx:
            if await bench.lifecycle.is_stopped(tx, claim):
                raise Stopped
            for one in made:
                await bench.assets.adopt(tx, one, claim.owner, new_id())
            await bench.lifecycle.complete(tx, claim, claim.step.id, {claim.step.id: Cost(verdict.seconds, credits)})
        log.info("job_completed", job_id=claim.id, tool=claim.step.tool, instance=claim.instance, gpu_s=verdict.seconds)

    async def _tidy(self, verdict: Verdict) -> None:
        self._instance.forget_files([ref for refs in verdict.files.values() for ref in refs])
        try:
            await self._instance.http.forget(self.claim.prompt_id)
        except Faulted:
            return  # it was only politeness
