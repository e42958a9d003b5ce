"""`/info`: what this installation is and what it can make."""

from __future__ import annotations

from importlib import metadata
from typing import Any

from fastapi import APIRouter
from starlette.responses import JSONResponse, Response

from agent.protocols import Studio
from web.idempotency import OnceRoute
from web.shapes import Info
from web.state import StudioNow

router = APIRouter(prefix="/api/v1/info", tags=["studio"], route_class=OnceRoute)
KINDS = ("image", "video", "audio", "model3d")


@router.get("", response_model=Info)
async def get_info(studio: StudioNow) -> Response:
    """Version, mode, and for each kind of media whether it is made for real, as a sketch, or not at all."""
    settings = studio.settings
    connected = bool(settings.comfy_urls or settings.model)
    answer = {
        "version": version(),
        "mode": "connected" if connected else "embedded",
        "planner": "model" if settings.model else "embedded",
        "capabilities": capabilities(studio),
        "limits": settings.limits.model_dump(include={"text_chars", "upload_bytes", "upload_pixels"}),
        "starting": not studio.ready()["models"],
    }
    return JSONResponse(answer)


def capabilities(studio: Studio) -> dict[str, Any]:
    """Kind -> status and reason; what the pool does not mention is unavailable."""
    known = studio.pool.info()
    absent = {"status": "unavailable", "reason": "No tool of this installation makes it."}
    return {kind: {"reason": None, **known.get(kind, absent)} for kind in KINDS}


def version() -> str:
    """The installed version."""
    try:
        return metadata.version("stationthis")
    except metadata.PackageNotFoundError:
        return "0+source"
