"""`/admin`: for the operator."""

from __future__ import annotations

from fastapi import APIRouter, Depends, Request, Security
from fastapi.security import HTTPBearer
from starlette.responses import JSONResponse, Response

from web import counts
from web.api.docs import problems
from web.api.info import capabilities, version
from web.health import readiness, require_admin
from web.idempotency import OnceRoute
from web.shapes import AdminStatus
from web.state import StudioNow

_scheme = HTTPBearer(scheme_name="admin", auto_error=False, description="The key in STATIONTHIS_ADMIN_KEY.")
router = APIRouter(
    prefix="/api/v1/admin", tags=["admin"], route_class=OnceRoute,
    dependencies=[Security(_scheme), Depends(require_admin)],
)  # fmt: skip


@router.get("/status", response_model=AdminStatus, responses=problems(401, 403))
async def get_status(request: Request, studio: StudioNow) -> Response:
    """How many of what in which state, and what the pool can do."""
    answer = {
        "version": version(),
        "counts": await counts.by_state(studio.db),
        "instances": len(studio.pool.capabilities()),
        "capabilities": capabilities(studio),
        "ready": await readiness(request),
    }
    return JSONResponse(answer)
