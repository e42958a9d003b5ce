"""`/runs`: executions of plans."""

from __future__ import annotations

from typing import Annotated, Any

from fastapi import APIRouter, Header, Request
from starlette.responses import JSONResponse, Response

from accounts.model import Account
from agent.model import DraftStep, Order
from agent.protocols import Studio
from base.clock import rfc3339
from base.log import correlation_id
from executor.errors import JobProblem
from executor.model import Lane
from executor.model import Run as StoredRun
from executor.service import job_shape
from tools.shelf.names import pinned
from web.api.assets import shapes
from web.api.docs import READ, WRITE, Once
from web.auth import Reader, Writer, bearer
from web.bodies import NewRun, OrderedPlan, Sources
from web.errors import OperatorLane
from web.health import is_admin_key
from web.idempotency import Keeping, OnceRoute
from web.paging import Paged
from web.paths import PathId
from web.pointing import pointed
from web.run_shapes import Run, RunStarted
from web.shapes import Listed
from web.state import StudioNow

router = APIRouter(prefix="/api/v1/runs", tags=["runs"], route_class=OnceRoute)


OperatorKey = Annotated[str | None, Header(description="The operator's key, which the lane `high` needs.")]


@router.get("", response_model=Listed[Run], responses=READ)
async def list_runs(studio: StudioNow, account: Reader, page: Paged) -> Response:
    """Own runs, the newest first."""
    found, following = await studio.runs.page(account.id, page.after, page.limit)
    return page.answer([await _shape(studio, account, run) for run in found], following)


@router.post("", status_code=202, response_model=RunStarted, responses=WRITE, dependencies=[Once])
async def start_run(
    request: Request, studio: StudioNow, account: Writer, body: NewRun, keep: Keeping, x_admin_key: OperatorKey = None
) -> Response:
    """Work without a conversation: a plan, one tool, or a spell with its blanks filled. What is costly waits for `confirm`."""
    lane = chosen_lane(body.lane, by_token=bearer(request) is not None)
    if lane is Lane.HIGH and not (x_admin_key and is_admin_key(studio, x_admin_key)):
        raise OperatorLane
    order = await _order(studio, account, body)
    with pointed(body):
        made = await studio.commissions.start(
            account, order, correlation_id.get() or "", lambda tx, run_id: keep(tx, {"run_id": run_id}), lane
        )
    return JSONResponse({"run_id": made}, 202)


def chosen_lane(named: str | None, *, by_token: bool) -> Lane:
    """A program that names none is not watched; a page is."""
    return Lane[named.upper()] if named else Lane.LOW if by_token else Lane.NORMAL


@router.get("/{run_id}", response_model=Run, responses=READ)
async def get_run(studio: StudioNow, account: Reader, run_id: PathId) -> Response:
    """One run with all that came out of it so far, inner results too, and its jobs: where they are, or why they ended."""
    run = await studio.runs.get(run_id, account.id)
    jobs = [job_shape(job, studio.clock.now()) for job in await studio.runs.jobs(run_id)]
    return JSONResponse({**await _shape(studio, account, run), "jobs": jobs})


@router.post(
    "/{run_id}/confirm", status_code=202, response_model=RunStarted, responses=WRITE, dependencies=[Once]
)
async def confirm_run(studio: StudioNow, account: Writer, run_id: PathId) -> Response:
    """The yes that a costly run waits for."""
    await studio.runs.confirm(run_id, account.id)
    return JSONResponse({"run_id": run_id}, 202)


@router.post(
    "/{run_id}/cancel", status_code=202, response_model=RunStarted, responses=WRITE, dependencies=[Once]
)
async def cancel_run(studio: StudioNow, account: Writer, run_id: PathId) -> Response:
    """End a run; it reaches the GPU."""
    await studio.runs.cancel(run_id, account.id)
    return JSONResponse({"run_id": run_id}, 202)


async def _order(studio: Studio, account: Account, body: NewRun) -> Order:
    if body.plan is not None:
        return ordered(body.plan, fresh=body.fresh)
    if body.spell is None:
        return Order((DraftStep("s1", body.tool or "", body.params, named(body.inputs), fresh=body.fresh),))
    item = await studio.shelf.get(body.spell, account.id, body.version)
    step = DraftStep("s1", pinned(item.name, item.version), body.blanks, named(body.inputs), fresh=body.fresh)
    return Order((step,), item.content.title)


def ordered(plan: OrderedPlan, *, fresh: bool = False) -> Order:
    """A plan as a draft has it; `fresh` has every step done again."""
    steps = (DraftStep(s.id, s.tool, s.params, named(s.inputs), s.deliver, fresh=s.fresh or fresh) for s in plan.steps)
    return Order(tuple(steps), plan.summary)


def named(inputs: Sources) -> dict[str, tuple[str, ...]]:
    return {port: tuple(source.name for source in sources) for port, sources in inputs.items()}


async def _shape(studio: Studio, account: Account, run: StoredRun) -> dict[str, Any]:
    outputs = await shapes(studio, account, await studio.runs.assets(run.id))
    return {
        "id": run.id, "status": run.status.value, "plan": run.plan.model_dump(mode="json"),
        "created_at": rfc3339(run.created_at), "ended_at": None if run.ended_at is None else rfc3339(run.ended_at),
        "error": _fault(run), "outputs": outputs,
        "deleted_outputs": await studio.runs.deleted(run.id), "retry_of": run.retry_of,
        "cost": {"credits": round(run.credits, 4), "gpu_s": round(run.gpu_s, 3)},
    }  # fmt: skip


def _fault(run: StoredRun) -> dict[str, Any] | None:
    if run.error_code is None:
        return None
    known = {kind.code: kind for kind in JobProblem.__subclasses__()}
    fault = known.get(run.error_code, JobProblem)()
    return {"code": run.error_code, "message": fault.detail, "action": fault.next_step}
