"""Run a plan through the real executor and look at what came: the outcome layer."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from base.db import Database
from base.errors import Problem
from base.events import EventLog
from base.ids import new_id
from evals import pictures
from evals.errors import RunEnded
from evals.model import Answer, Case, PictureFacts
from evals.stage import Stage
from executor.model import Asset, Owner
from executor.protocols import Assets, Runs
from tools.model import AssetRef, Plan, Step, StepRef

RUN_S = 180.0


class ExecutorDarkroom:
    """Implements Darkroom. What a case shows is a sample picture of that size; what its plans make is real."""

    def __init__(self, runs: Runs, assets: Assets, db: Database, events: EventLog, owner: Owner) -> None:
        self._runs, self._assets, self._db, self._events, self._owner = runs, assets, db, events, owner
        self._case = ""
        self._real: dict[str, str] = {}

    async def develop(self, case: Case, stage: Stage, answer: Answer) -> Answer:
        if stage.turn == 0 or case.key != self._case:
            self._case, self._real = case.key, {}
        if answer.plan is None:
            return answer.model_copy(update={"pictures": ()})
        try:
            plan = await self._with_real_inputs(answer.plan, stage)
            async with asyncio.timeout(RUN_S):
                made = await self._run(plan)
        except Problem as problem:
            return answer.model_copy(update={"error": problem.code, "detail": problem.detail, "pictures": ()})
        except TimeoutError:
            late = {"error": "run_took_too_long", "detail": f"The run took over {RUN_S:g} s.", "pictures": ()}
            return answer.model_copy(update=late)
        self._remember(stage, made)
        return answer.model_copy(update={"pictures": await self._facts(plan, made)})

    async def _with_real_inputs(self, plan: Plan, stage: Stage) -> Plan:
        steps = []
        for step in plan.steps:
            inputs = {port: tuple([await self._input(ref, stage) for ref in refs]) for port, refs in step.inputs.items()}
            steps.append(step.model_copy(update={"inputs": inputs}))
        return plan.model_copy(update={"id": new_id(), "steps": tuple(steps)})

    async def _input(self, ref: AssetRef | StepRef, stage: Stage) -> AssetRef | StepRef:
        if isinstance(ref, AssetRef):
            known = stage.assets[ref.asset_id]
            size = (known.width or 512, known.height or 512)
            return AssetRef(asset_id=await self._sample(ref.asset_id, *size), handle=ref.handle)
        if ref.run_id is None:
            return ref
        name = f"run:{ref.run_id}:{ref.step_id}"
        size_now = next((item.size for item in stage.rendering if item.ref == name), None)
        width, height = (size_now.width, size_now.height) if size_now else (512, 512)
        return AssetRef(asset_id=await self._sample(name, width, height))

    async def _sample(self, name: str, width: int, height: int) -> str:
        if name not in self._real:
            content = await asyncio.to_thread(pictures.sample, name, width, height)
            upload = self._assets.upload(_once(content), owner=self._owner, name="sample.png", asset_id=new_id())
            self._real[name] = (await upload).id
        return self._real[name]

    async def _run(self, plan: Plan) -> Sequence[Asset]:
        async with self._db.write() as tx:
            run = await self._runs.start(tx, plan, self._owner, origin=None, correlation_id=new_id())
        async for event in self._events.follow(f"run:{run}"):
            if event.type == "run.completed":
                break
            if event.type in ("run.failed", "run.cancelled"):
                raise RunEnded(event.data.get("message") or event.type, reason=event.data.get("code"))
        return await self._runs.assets(run)

    def _remember(self, stage: Stage, made: Sequence[Asset]) -> None:
        """Later turns of the case go on with what was really made."""
        places: dict[str | None, int] = {}
        for asset in made:
            place = places.get(asset.step_id, 0)
            places[asset.step_id] = place + 1
            self._real[f"asset-turn{stage.turn}-{asset.step_id}-{place}"] = asset.id

    async def _facts(self, plan: Plan, made: Sequence[Asset]) -> tuple[PictureFacts, ...]:
        steps = {step.id: step for step in plan.steps}
        found = []
        for asset in made:
            step = steps[asset.step_id or ""]
            if step.deliver and asset.kind == "image":
                parent = await self._parent(step, steps)
                found.append(await asyncio.to_thread(pictures.facts, step.id, self._assets.path(asset), parent))
        return tuple(found)

    async def _parent(self, step: Step, steps: Mapping[str, Step]) -> Path | None:
        """The file of the picture that the person sees this one as made from: the first that entered the chain."""
        while True:
            ref: Any = next((ref for refs in step.inputs.values() for ref in refs), None)
            if ref is None:
                return None
            if isinstance(ref, AssetRef):
                asset = await self._assets.get(ref.asset_id, self._owner.account_id)
                return Path(self._assets.path(asset))
            step = steps[ref.step_id]


async def _once(content: bytes) -> AsyncIterator[bytes]:
    yield content
