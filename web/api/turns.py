"""`/turns`: try again, thumbs up, thumbs down."""

from __future__ import annotations

from fastapi import APIRouter
from starlette.responses import JSONResponse, Response

from base.log import correlation_id
from web.api.docs import WRITE, Once
from web.auth import Writer
from web.bodies import NewFeedback
from web.idempotency import OnceRoute
from web.paths import PathId
from web.shapes import TurnStarted
from web.state import StudioNow

router = APIRouter(prefix="/api/v1/turns", tags=["turns"], route_class=OnceRoute)


@router.post(
    "/{turn_id}/retry", status_code=202, response_model=TurnStarted, responses=WRITE, dependencies=[Once]
)
async def retry_turn(studio: StudioNow, account: Writer, turn_id: PathId) -> Response:
    """The same message again, with another seed."""
    made = await studio.conversations.retry(turn_id, account.id, correlation_id.get() or "")
    return JSONResponse({"turn_id": made}, 202)


@router.post("/{turn_id}/feedback", status_code=204, responses=WRITE, dependencies=[Once])
async def rate_turn(studio: StudioNow, account: Writer, turn_id: PathId, body: NewFeedback) -> Response:
    """Thumbs up or down; null takes it back. The last one wins."""
    await studio.conversations.rate(turn_id, account.id, body.rating, body.comment)
    return Response(status_code=204)
