"""Alive, ready, and in numbers."""

from __future__ import annotations

import hmac
import ipaddress
from typing import Any

from fastapi import APIRouter, Request
from starlette.responses import JSONResponse, Response

from agent.protocols import Studio
from base import schema
from base.errors import Problem
from executor.errors import StorageAway
from web import auth, counts
from web.errors import AdminOnly, NotReady, WrongAdminKey
from web.state import metrics_of, studio_of

_DATABASE_S = 2.0
router = APIRouter(include_in_schema=False)
_NO_WORKER = {
    "code": "no_worker", "detail": "No worker has run yet, so nobody knows what the render servers can do.",
    "action": "Start `stationthis worker` on the same database.",
}  # fmt: skip


@router.get("/healthz")
async def healthz() -> Response:
    """The process answers."""
    return JSONResponse({"alive": True})


@router.get("/readyz")
async def readyz(request: Request) -> Response:
    """Everything that a request may need is there; `degraded` names what is away and only makes things slower. Raises
    NotReady with what is missing."""
    fault, database = await _storage_fault(request), await studio_of(request).db.answers(_DATABASE_S)
    state = {**await readiness(request), "database": database, "storage": fault is None}
    missing = sorted(name for name, there in state.items() if not there)
    if not missing:
        await studio_of(request).operations.look()
        degraded = studio_of(request).operations.degraded()
        return JSONResponse({"ready": True, **state, **({"degraded": degraded} if degraded else {})})
    reasons = {} if fault is None else {"storage": {"code": fault.code, "detail": fault.detail, "action": fault.next_step}}
    if not state["pool"] and "workers" in studio_of(request).operations.degraded():
        reasons["pool"] = _NO_WORKER
    told = " ".join([f"Still missing: {', '.join(missing)}.", *(reason["detail"] for reason in reasons.values())])
    raise NotReady(told, missing=missing, reasons=reasons, retry_after=1)


@router.get("/metrics")
async def metrics(request: Request) -> Response:
    """For Prometheus, from this machine or with the admin key."""
    if not from_here(request):
        require_admin(request)
    rows = await counts.by_state(studio_of(request).db)
    measures = await studio_of(request).operations.measures()
    return Response(metrics_of(request).render(rows, measures), media_type="text/plain; version=0.0.4; charset=utf-8")


async def readiness(request: Request) -> dict[str, bool]:
    """`models`, `pool` and `schema`, each there or not. A schema that was current once stays so."""
    state: Any = request.app.state
    if not state.schema_current:
        state.schema_current = await schema.is_current(studio_of(request).settings.resolved_database_url)
    return {**studio_of(request).ready(), "schema": state.schema_current}


async def _storage_fault(request: Request) -> Problem | None:
    """Why nothing could be kept. A storage that was there once stays so: what it says later, each upload tells."""
    state: Any = request.app.state
    if state.storage_seen:
        return None
    try:
        await studio_of(request).assets.check()
    except StorageAway as problem:
        return problem
    state.storage_seen = True
    return None


def require_admin(request: Request) -> None:
    """Raises AdminOnly without a key, WrongAdminKey with another one."""
    given = auth.bearer(request)
    if given is None:
        raise AdminOnly
    if not is_admin_key(studio_of(request), given):
        raise WrongAdminKey


def is_admin_key(studio: Studio, given: str) -> bool:
    """Compared in the same time, however much of it is right."""
    return hmac.compare_digest(given.encode(), studio.secrets.admin.encode())


def from_here(request: Request) -> bool:
    """Whether the connection comes from this very machine."""
    try:
        return request.client is not None and ipaddress.ip_address(request.client.host).is_loopback
    except ValueError:
        return False
