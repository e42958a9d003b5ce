"""What the API says of runs and their jobs."""

from __future__ import annotations

from typing import Any, Literal

from web.shapes import Asset, Fault, Plan, Shape


class Moments(Shape):
    """When a job did each of its steps; null: not yet, or never."""

    queued: str
    due: str
    dispatched: str | None
    submitted: str | None
    gpu_started: str | None
    rendered: str | None
    collected: str | None
    ended: str | None


class GpuFigures(Shape):
    """What a job was rendered with, in GB of 2**30 bytes; null: not known."""

    name: str | None
    vram_total_gb: float | None
    vram_used_gb: float | None
    seconds: float


class SetbackShape(Shape):
    """An attempt that failed: whose fault it was, and whether the render server had the job."""

    at: str
    instance: str
    fault: Literal["job", "model", "host", "connection"]
    code: str
    submitted: bool


class Job(Shape):
    """One graph on one render server. `facts`: the models, seeds and samplers of the graph. `place` in the line, 1 is
    next; `eta_s`: between how many seconds from now it starts; `left_s`: how long its render still takes. All three as
    was told last, null where nobody knows."""

    id: str
    run_id: str
    step_ids: list[str]
    tool: str
    tag: str
    status: Literal["queued", "dispatching", "running", "collecting", "completed", "failed", "cancelled", "dead"]
    sentence: str
    ending: str | None
    error_code: str | None
    instance: str | None
    attempts: int
    times: Moments
    gpu: GpuFigures
    credits: float
    graph_hash: str | None
    setbacks: list[SetbackShape]
    facts: dict[str, Any] | None
    place: int | None = None
    eta_s: tuple[float, float] | None = None
    left_s: float | None = None


class Cost(Shape):
    """What a run cost."""

    credits: float
    gpu_s: float


class Run(Shape):
    """One execution of a plan. `jobs` only where one run is asked for; `retry_of`: the run that
    an operator started again with this one; `deleted_outputs`: ids of what came out and was deleted since."""

    id: str
    status: Literal["waiting", "active", "completed", "failed", "cancelled"]
    plan: Plan
    created_at: str
    ended_at: str | None
    error: Fault | None
    outputs: list[Asset]
    deleted_outputs: list[str]
    cost: Cost
    jobs: list[Job] | None = None
    retry_of: str | None = None


class RunStarted(Shape):
    """The id of the run that was started, confirmed or cancelled: `GET /runs/{run_id}` tells how it goes."""

    run_id: str
