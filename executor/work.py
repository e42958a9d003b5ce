"""One job in a worker's hands: prepare, submit, follow, fetch, complete. No transaction spans the network."""

from __future__ import annotations

import asyncio
import math
from collections.abc import Sequence
from contextlib import AsyncExitStack, suppress
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import Any

from base.clock import Clock
from base.db import Database
from base.errors import DatabaseUnreachable
from base.events import EventLog
from base.ids import new_id
from base.log import get_logger
from executor import left, store
from executor.assets.service import AssetService
from executor.binding import Apart, Binder, Build, Implement, Whole
from executor.comfy.faults import Faulted, interrupted, lost
from executor.comfy.follow import Follower, Patience, Stopped
from executor.comfy.http import FileGone, Found
from executor.comfy.instance import Instance
from executor.comfy.meter import Meter, Reading
from executor.comfy.verdict import Ending, Verdict, read_outputs
from executor.doubts import Doubts
from executor.keeping import Keeper
from executor.lifecycle import LeaseLost, Lifecycle, stream
from executor.model import Claim, Cost, Fault, FaultKind, JobStatus, JobStep
from executor.pace import Pace
from executor.waiting.durations import guessed, time_left
from executor.waiting.line import UNKNOWN_S, Line
from tools.protocols import Catalogue
from tools.rules import deadline_s, silence_s

log = get_logger(__name__)
_TOO_MUCH = frozenset({"out_of_memory", "graph_refused"})
_FRESH_NAMES = 2  # how often a job is run again because its file is gone


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
    line: Line
    doubts: Doubts
    at_once: int
    """Jobs of one person that run at the same time."""


class Work:
    """Do one claimed job."""

    def __init__(self, bench: Bench, claim: Claim, instance: Instance, stop: asyncio.Event) -> None:
        self._bench, self._instance, self._stop = bench, instance, stop
        self._binder = Binder(bench.build, bench.implement, bench.catalogue, bench.assets, claim, instance)
        self._keeper = Keeper(bench.db, bench.lifecycle, bench.assets, self._binder.tools, claim, instance, stop)
        self._saved_at = float("-inf")
        self._began = claim.gpu_started_at
        self._expected = guessed(*UNKNOWN_S)
        self._node = ""
        self._meter: Meter | None = None
        self._shown: dict[str, Any] = {}
        self._news: dict[str, Any] | None = None
        self._saving: set[asyncio.Task[None]] = set()
        self._keeping = asyncio.Lock()
        self._early: set[asyncio.Task[None]] = set()
        self._unsure: DatabaseUnreachable | None = None
        """A commit of a step whose answer never came: only the rows know now what is kept."""

    @property
    def claim(self) -> Claim:
        """As it is now."""
        return self._keeper.claim

    async def run(self) -> None:
        """To the end of the job. Raises Faulted, Stopped, LeaseLost, Problem, Apart."""
        async with AsyncExitStack() as stack:
            stack.push_async_callback(self._settle)
            whole = self._binder.unbound(self.claim)
            verdict = await self._rejoin(whole) if self.claim.status is not JobStatus.QUEUED else None
            if verdict is None:
                whole = await self._binder.bind(self.claim)
                verdict = await self._render(whole)
            await self._conclude(whole, verdict)

    async def _rejoin(self, whole: Whole) -> Verdict | None:
        """A job that was sent before: its verdict if the instance still knows it, None when it must be sent again. Raises
        Faulted where the server died of it."""
        prompt_id, http = self.claim.prompt_id, self._instance.http
        with self._instance.board.channel(prompt_id) as channel:
            found = await http.find(prompt_id)
            if not await self._bench.doubts.met(self.claim, found):
                raise lost(self._instance.where)
            if found is Found.NOTHING:
                return None
            log.info("job_rejoined", job_id=self.claim.id, instance=self._instance.id)
            # Its time goes on, and with it that of the steps that are kept already. Its messages go to whoever sent it.
            return await self._follower(whole, self.claim.steps, heard=False).follow(channel)

    async def _render(self, whole: Whole) -> Verdict:
        if self._stop.is_set():
            raise Stopped(confirmed=self.claim.status is JobStatus.QUEUED)
        if self.claim.status is not JobStatus.QUEUED:
            await self._rename()
        claim = self.claim
        with self._instance.board.channel(claim.prompt_id) as channel:
            extra = {"correlation_id": claim.correlation_id}
            try:
                await self._instance.http.submit(whole.graph, claim.prompt_id, self._instance.board.client_id, extra)
            except Faulted as error:
                raise _of_several(whole, error.fault) from None
            await self._accepted(claim, whole)
            return await self._follower(whole, claim.left).follow(channel)

    async def _accepted(self, claim: Claim, whole: Whole) -> None:
        try:
            async with self._bench.db.write() as tx:
                await self._bench.lifecycle.running(tx, claim, whole.graph)
        except LeaseLost:
            async with self._bench.db.write() as tx:
                await self._bench.lifecycle.strayed(tx, claim)
            raise

    async def _rename(self) -> None:
        """A new prompt id, stored before it is sent."""
        claim = replace(self.claim, prompt_id=new_id())
        async with self._bench.db.write() as tx:
            await self._bench.lifecycle.resubmit(tx, claim, claim.prompt_id)
        self._keeper.claim, self._began = claim, None

    async def _conclude(self, whole: Whole, verdict: Verdict) -> None:
        for attempt in range(1, _FRESH_NAMES + 2):
            await self._settle()
            if self._unsure is not None:  # whoever goes on reads what is kept
                raise self._unsure
            if verdict.ending is Ending.INTERRUPTED:
                await self._tidy(verdict)
                raise Stopped(confirmed=True) if self._stop.is_set() else Faulted(interrupted(self._instance.where))
            if verdict.fault is not None:
                await self._keep_some(whole, verdict)
                await self._tidy(verdict)
                raise _of_several(whole, verdict.fault)
            try:
                await self._collect(whole, verdict)
                return
            except FileGone:
                if attempt > _FRESH_NAMES:
                    break
            # The instance kept a result in its cache, whose file is gone: another name makes it save again.
            whole = await self._binder.bind(self.claim, attempt)
            self._keeper.claim = replace(self.claim, status=JobStatus.COLLECTING)
            verdict = await self._render(whole)
        raise Faulted(Fault(FaultKind.JOB, "output_lost"))

    # --- during

    def _follower(self, whole: Whole, steps: Sequence[JobStep], *, heard: bool = True) -> Follower:
        self._shown = {}
        self._expected = self._bench.line.expected([one.step for one in steps], self._instance)
        follower = Follower(
            self._instance, self.claim.prompt_id, whole.graph, self._stop, self._bench.clock, self._bench.pace,
            self._report, self._show, lambda node, output: self._executed(whole, node, output), self._begins,
            self._patience(steps), self._hold, None if self._began is None else self._spent_s(), heard=heard,
        )  # fmt: skip
        self._meter = follower.meter
        return follower

    def _patience(self, steps: Sequence[JobStep]) -> Patience:
        """What all of these together may take."""
        tools = [self._binder.tools[one.step.id] for one in steps]
        return Patience(max(map(silence_s, tools), default=math.inf), sum(map(deadline_s, tools)) or math.inf)

    def _begins(self) -> None:
        self._began = self._began or self._bench.clock.now()
        self._save_soon()

    async def _hold(self) -> None:
        """Prolong the lease. Raises LeaseLost: then the job is in other hands, and is not stopped by these."""
        until = self._bench.clock.now() + timedelta(seconds=self._bench.pace.lease_s)
        async with self._bench.db.write() as tx:
            if not await store.change_leased(tx, self.claim.id, self.claim.token, lease_until=until):
                raise LeaseLost

    def _spent_s(self) -> float:
        """Seconds for which it is being rendered."""
        now = self._bench.clock.now()
        return max(0.0, (now - (self._began or now)).total_seconds())

    def _report(self, reading: Reading) -> None:
        self._node = reading.node or self._node
        data = {**reading.as_dict(self._binder.step_of(self._node)), "left_s": self._left_s(reading)}
        if len(self.claim.steps) > 1:
            data["message"] = f"{self._title(str(data['step_id']))}: {data['message']}"
        self._publish("run.progress", data)
        self._news = data
        if self._bench.clock.monotonic() - self._saved_at >= 2.0:
            self._save_soon()

    def _save_soon(self) -> None:
        """What there is to tell by the time it is written."""
        if self._saving:
            return
        self._saved_at = self._bench.clock.monotonic()
        task = asyncio.create_task(self._save())
        self._saving.add(task)
        task.add_done_callback(self._saving.discard)

    def _left_s(self, reading: Reading) -> float:
        """Seconds that the render probably still takes."""
        return round(time_left(reading.fraction, self._spent_s(), self._expected), 1)

    def _title(self, step_id: str) -> str:
        return next(one.step.title for one in self.claim.steps if one.step.id == step_id)

    async def _save(self) -> None:
        """For whoever connects in the middle, and for whoever takes over; who missed one sees the next."""
        began = self._began or self._bench.clock.now()
        with suppress(DatabaseUnreachable, LeaseLost):  # the heartbeat hears of it, and sees to it
            async with self._bench.db.write() as tx:
                await self._bench.lifecycle.progressed(tx, self.claim, self._news, began)

    def _show(self, image: str) -> None:
        self._publish("run.preview", {"step_id": self._binder.step_of(self._node), "image": image})

    def _publish(self, type: str, data: dict[str, Any]) -> None:
        head = {"run_id": self.claim.run_id, "job_id": self.claim.id, "correlation_id": self.claim.correlation_id}
        self._bench.events.publish(stream(self.claim.run_id), type, {**head, **data})

    def _executed(self, whole: Whole, node: str, output: Any) -> None:
        """Somebody who asked for four pictures sees the first while the second is painted."""
        self._shown[node] = output
        if len(whole.outputs) > 1 and node in whole.nodes:
            task = asyncio.create_task(self._keep_early(whole, read_outputs(dict(self._shown))))
            self._early.add(task)
            task.add_done_callback(self._early.discard)

    async def _keep_early(self, whole: Whole, verdict: Verdict) -> None:
        try:
            await self._keep_some(whole, verdict)
        except DatabaseUnreachable as error:
            self._unsure = error

    async def _keep_some(self, whole: Whole, verdict: Verdict) -> None:
        """Of several steps those that are through; the last one ends the job and is left for that. What does not work out
        now is seen to at the end."""
        shown = verdict.files.keys() | verdict.texts.keys()
        async with self._keeping:
            if self._unsure is not None:
                return
            for one in self.claim.left:
                outputs = whole.outputs.get(one.step.id, {})
                if len(self.claim.left) > 1 and shown >= set(outputs.values()) and self._keeper.can(one):
                    try:
                        await self._keeper.keep(one, whole, verdict)
                    except (Faulted, FileGone, Stopped, LeaseLost) as error:
                        log.info("step_kept_later", job_id=self.claim.id, reason=type(error).__name__)
                        return

    async def _settle(self) -> None:
        await asyncio.gather(*self._saving, *self._early, return_exceptions=True)

    # --- after

    async def _collect(self, whole: Whole, verdict: Verdict) -> None:
        """Keep what is not kept yet; the instance may begin the next job meanwhile."""
        await self._rendered()
        costs = self._costs(whole, verdict)
        for one in self.claim.left:
            last = len(self.claim.left) == 1
            await self._keeper.keep(one, whole, verdict, costs if last else None)
        log.info("job_completed", job_id=self.claim.id, tool=self.claim.step.tool, steps=len(costs),
                 instance=self.claim.instance, gpu_s=verdict.seconds)  # fmt: skip
        await self._tidy(verdict)

    async def _rendered(self) -> None:
        """The instance is free for another job while this one's outputs are fetched."""
        gpu = await self._instance.gpu()
        async with self._bench.db.write() as tx:
            await self._bench.lifecycle.collecting(tx, self.claim, gpu)

    def _costs(self, whole: Whole, verdict: Verdict) -> dict[str, Cost]:
        """Each step pays for the time of its own nodes; what steps share is the first one's, as it would have been."""
        assert self._meter is not None
        shares = self._meter.shares(self._binder.step_of)
        return {name: self._cost(name, verdict.seconds * shares.get(name, 0.0)) for name in whole.outputs}

    def _cost(self, step_id: str, gpu_s: float) -> Cost:
        price = 0.0 if self._instance.sketch else self._binder.tools[step_id].cost.credits_per_s
        return Cost(gpu_s, gpu_s * price)

    async def _tidy(self, verdict: Verdict) -> None:
        self._instance.forget_files([ref for refs in verdict.files.values() for ref in refs])
        try:
            await self._instance.http.forget(self.claim.prompt_id)
        except Faulted:  # its history holds somebody's words: it is asked again
            async with self._bench.db.write() as tx:
                await left.leave(tx, vars(self.claim), self._bench.clock.now())


def _of_several(whole: Whole, fault: Fault) -> Apart | Faulted:
    """What is too much at once, or not wanted as one graph, is tried step by step before it counts."""
    return Apart(fault) if len(whole.outputs) > 1 and fault.code in _TOO_MUCH else Faulted(fault)
