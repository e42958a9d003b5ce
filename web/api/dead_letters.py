"""`/admin/dead-letters`: jobs that were given up, for the operator."""

from __future__ import annotations

from fastapi import APIRouter, Depends, Security
from starlette.responses import JSONResponse, Response

from executor.service import job_shape
from web.api.admin import scheme
from web.api.docs import Once, problems
from web.health import require_admin
from web.idempotency import OnceRoute
from web.paging import Paged
from web.paths import PathId
from web.run_shapes import Job, RunStarted
from web.shapes import Listed
from web.state import StudioNow

router = APIRouter(
    prefix="/api/v1/admin/dead-letters", tags=["admin"], route_class=OnceRoute,
    dependencies=[Security(scheme), Depends(require_admin)],
)  # fmt: skip


@router.get("", response_model=Listed[Job], responses=problems(401, 403, 422))
async def list_dead_letters(studio: StudioNow, page: Paged) -> Response:
    """The newest first: facts only, `facts` of content is always null here."""
    found, following = await studio.dead_letters.page(page.after, page.limit)
    return page.answer([job_shape(job) for job in found], following)


@router.get("/{job_id}", response_model=Job, responses=problems(401, 403, 404, 422))
async def get_dead_letter(studio: StudioNow, job_id: PathId) -> Response:
    """When each of its steps was, and what went wrong where."""
    return JSONResponse(job_shape(await studio.dead_letters.get(job_id)))


@router.post(
    "/{job_id}/retry", status_code=202, response_model=RunStarted, responses=problems(401, 403, 404, 410, 422),
    dependencies=[Once],
)  # fmt: skip
async def retry_dead_letter(studio: StudioNow, job_id: PathId) -> Response:
    """Try it again in a new run for the same person, who hears of it where they asked. What was done already is kept."""
    return JSONResponse({"run_id": await studio.dead_letters.retry(job_id)}, 202)


@router.delete("/{job_id}", status_code=204, responses=problems(401, 403, 404, 422))
async def drop_dead_letter(studio: StudioNow, job_id: PathId) -> Response:
    """Let it go; its owner was told already that it failed."""
    await studio.dead_letters.drop(job_id)
    return Response(status_code=204)
