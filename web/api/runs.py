"""`/runs`: executions of plans."""

from __future__ import annotations

from typing import Any

from fastapi import APIRouter
from starlette.responses import JSONResponse, Response

from accounts.model import Account
from agent.protocols import Studio
from base.clock import rfc3339
from executor.errors import JobProblem
from executor.model import Run as StoredRun
from web.api.assets import shapes
from web.api.docs import READ, WRITE, Once
from web.auth import Reader, Writer
from web.idempotency import OnceRoute
from web.paging import Paged
from web.paths import PathId
from web.shapes import Listed, Run, RunStarted
from web.state import StudioNow

router = APIRouter(prefix="/api/v1/runs", tags=["runs"], route_class=OnceRoute)


@router.get("", response_model=Listed[Run], responses=READ)
async def list_runs(studio: StudioNow, account: Reader, page: Paged) -> Response:
    """Own runs, the newest first."""
    found, following = await studio.runs.page(account.id, page.after, page.limit)
    return page.answer([await _shape(studio, account, run) for run in found], following)


@router.get("/{run_id}", response_model=Run, responses=READ)
async def get_run(studio: StudioNow, account: Reader, run_id: PathId) -> Response:
    """One run with all that came out of it so far, inner results too."""
    return JSONResponse(await _shape(studio, account, await studio.runs.get(run_id, account.id)))


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


async def _shape(studio: Studio, account: Account, run: StoredRun) -> dict[str, Any]:
    outputs = await shapes(studio, account, await studio.runs.assets(run.id))
    return {
        "id": run.id, "status": run.status.value, "plan": run.plan.model_dump(mode="json"),
        "created_at": rfc3339(run.created_at), "ended_at": None if run.ended_at is None else rfc3339(run.ended_at),
        "error": _fault(run), "outputs": outputs,
    }  # fmt: skip


def _fault(run: StoredRun) -> dict[str, Any] | None:
    if run.error_code is None:
        return None
    known = {kind.code: kind for kind in JobProblem.__subclasses__()}
    fault = known.get(run.error_code, JobProblem)()
    return {"code": run.error_code, "message": fault.detail, "action": fault.next_step}
