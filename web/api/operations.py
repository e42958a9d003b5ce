"""`/admin`: workers, queue, instances, periodic tasks and alerts."""

from __future__ import annotations

from collections.abc import AsyncIterator, Sequence
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Header, Path, Query, Security
from sse_starlette import EventSourceResponse
from starlette.responses import JSONResponse, Response

from executor.model import WorkerState
from web.api.admin import scheme
from web.api.docs import Once, problems
from web.errors import InvalidEventNumber
from web.health import require_admin
from web.idempotency import OnceRoute
from web.operations_shapes import (
    AlertShape,
    InstanceShape,
    PeriodicShape,
    QueueShape,
    Told,
    Verb,
    WorkerShape,
)
from web.paging import Paged
from web.shapes import Listed
from web.state import StudioNow
from web.stream import cursor, event_stream

router = APIRouter(
    prefix="/api/v1/admin", tags=["admin"], route_class=OnceRoute,
    dependencies=[Security(scheme), Depends(require_admin)],
)  # fmt: skip
_WANTED = {Verb.PAUSE: WorkerState.PAUSED, Verb.RESUME: WorkerState.ACTIVE, Verb.DRAIN: WorkerState.DRAINING}
_ONLY = problems(401, 403)
_STREAM: dict[int | str, dict[str, Any]] = {200: {"content": {"text/event-stream": {"schema": {"type": "string"}}}}}


@router.get("/workers", response_model=Listed[WorkerShape], responses=_ONLY)
async def list_workers(studio: StudioNow) -> Response:
    """Who works, on how much, and when each was last heard of."""
    return _all(await studio.operations.workers())


@router.post("/workers/{verb}", response_model=Told, status_code=202, responses=problems(401, 403, 422), dependencies=[Once])
async def tell_workers(studio: StudioNow, verb: Verb) -> Response:
    """Tell all of them: `pause` finishes what is at work and takes nothing new, `resume` takes jobs again, `drain` finishes
    and ends (a worker within `serve` only pauses)."""
    return JSONResponse({"told": await studio.operations.tell(None, _WANTED[verb])}, 202)


@router.post(
    "/workers/{worker_id}/{verb}", response_model=Told, status_code=202, responses=problems(401, 403, 404, 422),
    dependencies=[Once],
)  # fmt: skip
async def tell_worker(
    studio: StudioNow, verb: Verb, worker_id: Annotated[str, Path(description="The id, or its first characters.", min_length=1)]
) -> Response:
    """Tell one of them."""
    return JSONResponse({"told": await studio.operations.tell(worker_id, _WANTED[verb])}, 202)


@router.get("/queue", response_model=QueueShape, responses=_ONLY)
async def get_queue(studio: StudioNow) -> Response:
    """How many jobs wait and are at work, by lane, tag and status, and since when the oldest waits."""
    return JSONResponse(await studio.operations.queue())


@router.get("/instances", response_model=Listed[InstanceShape], responses=_ONLY)
async def list_instances(studio: StudioNow) -> Response:
    """The servers that render, as the process that answers knows them."""
    return _all(await studio.operations.instances())


@router.get("/periodic", response_model=Listed[PeriodicShape], responses=_ONLY)
async def list_periodic(studio: StudioNow) -> Response:
    """What comes round again: when it ran, when it runs next, and what went wrong the last time it did."""
    return _all(await studio.operations.periodic())


@router.post("/periodic/{name}/run", status_code=204, responses=problems(401, 403, 404, 422), dependencies=[Once])
async def run_periodic(studio: StudioNow, name: Annotated[str, Path(max_length=80)]) -> Response:
    """Have it run now, unless it is running."""
    await studio.operations.hasten(name)
    return Response(status_code=204)


@router.get("/alerts", response_model=Listed[AlertShape], responses=problems(401, 403, 422))
async def list_alerts(studio: StudioNow, page: Paged) -> Response:
    """What an operator was told, newest first; what is over stays for 30 days."""
    found, following = await studio.operations.alerts(page.after, page.limit)
    return page.answer(found, following)


@router.get("/events", response_class=EventSourceResponse, responses={**problems(401, 403, 422), **_STREAM})
async def follow_house(
    studio: StudioNow,
    after: Annotated[str | None, Query(description="Begin after this event's number.", max_length=20)] = None,
    last_event_id: Annotated[str | None, Header(description="As `after`, and wins over it.", max_length=20)] = None,
) -> Response:
    """`alert.raised` and `alert.resolved`, from the beginning or after a number, then live."""
    start = cursor(last_event_id, after)
    newest = await studio.operations.last_event()
    if start > newest:
        raise InvalidEventNumber("There is no event of that number yet.", last_event_id=newest)

    def events() -> AsyncIterator[dict[str, Any]]:
        return studio.operations.events(start)

    return event_stream(events)


def _all(items: Sequence[dict[str, Any]]) -> Response:
    """A list that is always whole."""
    return JSONResponse({"items": list(items), "next": None})
