"""`/admin`: for the operator."""

from __future__ import annotations

from fastapi import APIRouter, Depends, Request, Security
from fastapi.security import HTTPBearer
from starlette.responses import JSONResponse, Response

from tools.model import SourceKind
from tools.shelf.model import Visibility
from web import counts
from web.api.docs import problems
from web.api.info import capabilities, version
from web.health import readiness, require_admin
from web.idempotency import OnceRoute
from web.paging import Paged
from web.paths import PathId
from web.registry_shapes import Decision, RegistrationShape
from web.shapes import AdminStatus, Listed
from web.state import StudioNow
from web.workflow_answers import whole
from web.workflow_shapes import WorkflowDecision, WorkflowShape

scheme = HTTPBearer(scheme_name="admin", auto_error=False, description="The key in STATIONTHIS_ADMIN_KEY.")
router = APIRouter(
    prefix="/api/v1/admin", tags=["admin"], route_class=OnceRoute,
    dependencies=[Security(scheme), Depends(require_admin)],
)  # fmt: skip


@router.get("/registrations", response_model=Listed[RegistrationShape], responses=problems(401, 403))
async def list_registrations(studio: StudioNow) -> Response:
    """Models and LoRAs that people propose for everybody."""
    waiting = await studio.registrations.proposed()
    items = [{"id": e.id, "kind": e.kind, "state": e.state, "content": dict(e.content)} for e in waiting]
    return JSONResponse({"items": items, "next": None})


@router.patch(
    "/registrations/{registration_id}", status_code=204, responses=problems(401, 403, 404, 409, 422)
)
async def decide_registration(studio: StudioNow, registration_id: PathId, body: Decision) -> Response:
    """Let everybody see what is proposed, or leave it to its owner."""
    if body.state == "public":
        await studio.registrations.approve(registration_id)
    else:
        await studio.registrations.refuse(registration_id)
    return Response(status_code=204)


@router.get("/workflows", response_model=Listed[WorkflowShape], responses=problems(401, 403, 422))
async def list_waiting_workflows(studio: StudioNow, page: Paged) -> Response:
    """Workflows that shall be public and wait for an answer."""
    found, following = await studio.shelf.asked(SourceKind.WORKFLOW, page.after, page.limit)
    return page.answer([whole(studio, item, None) for item in found], following)


@router.patch("/workflows/{workflow_id}", status_code=204, responses=problems(401, 403, 404, 422))
async def decide_workflow(studio: StudioNow, workflow_id: PathId, body: WorkflowDecision) -> Response:
    """Let everybody use the version that was looked at, or leave the workflow to its owner."""
    await studio.shelf.decide(workflow_id, body.version, SourceKind.WORKFLOW, Visibility(body.visibility))
    return Response(status_code=204)


@router.get("/status", response_model=AdminStatus, responses=problems(401, 403))
async def get_status(request: Request, studio: StudioNow) -> Response:
    """How many of what in which state, and what the pool can do."""
    answer = {
        "version": version(),
        "counts": await counts.by_state(studio.db),
        "instances": len(await studio.operations.instances()),
        "capabilities": capabilities(studio),
        "ready": await readiness(request),
    }
    return JSONResponse(answer)
