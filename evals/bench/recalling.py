"""What a step costs that was done before: handed over and there again, beside rendered, on one warm server."""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import Any

from base.ids import new_id
from evals.bench.assembly import Bench, open_bench
from evals.bench.figures import Figure, median
from evals.bench.house import comfy
from tools.model import MediaKind, Plan, Step, StepRef

TIMES, STEP_S, SIDE = 20, 0.05, 256
BOUND_S = 300.0


async def figures(folder: Path) -> list[Figure]:
    """Milliseconds from handing over a plan to its end: rendered, known, and known with its second step rendered."""
    async with comfy(folder / "comfy", STEP_S) as url, open_bench(folder / "studio", url) as bench:
        await bench.capabilities()
        await _each(bench, [_plan(0)])
        rendered = await _each(bench, [_plan(seed) for seed in range(1, TIMES + 1)])
        known = await _each(bench, [_plan(seed) for seed in range(1, TIMES + 1)])
        partly = await _each(bench, [_plan(seed, halved=True) for seed in range(1, TIMES + 1)])
    return [
        median("a step that is rendered", rendered, "ms"), median("the same step, known", known, "ms", 100),
        median("known, and another step upon it", partly, "ms"),
    ]  # fmt: skip


async def _each(bench: Bench, plans: list[Plan]) -> list[float]:
    """Milliseconds of each, one after the other."""
    async with asyncio.timeout(BOUND_S):
        return [1000 * await bench.render([plan]) for plan in plans]


def _plan(seed: int, *, halved: bool = False) -> Plan:
    params: dict[str, Any] = {"prompt": "a lighthouse", "width": SIDE, "height": SIDE, "steps": 10, "seed": seed}
    outputs = {"image": MediaKind.IMAGE}
    painted = Step(id="s1", tool="text_to_image", title="Text to image", params=params, outputs=outputs)
    small = Step(
        id="s2", tool="resize_image", title="Resize", params={"factor": 0.5}, inputs={"image": (StepRef(step_id="s1"),)},
        outputs=outputs,
    )  # fmt: skip
    return Plan(id=new_id(), summary="bench", steps=(painted, small) if halved else (painted,))
