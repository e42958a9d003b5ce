"""`/tools`: what can be done. Public, and for whoever is known their own spells and workflows too."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Query
from starlette.responses import JSONResponse, Response

from tools.protocols import Found
from web.api.docs import problems
from web.auth import Visitor
from web.idempotency import OnceRoute
from web.shapes import Listed, Tool, ToolHead
from web.state import StudioNow

router = APIRouter(prefix="/api/v1/tools", tags=["tools"], route_class=OnceRoute)


@router.get("", response_model=Listed[ToolHead], responses=problems(401, 422))
async def search_tools(
    studio: StudioNow,
    account: Visitor,
    q: Annotated[str, Query(max_length=1000, description="What is wanted, in words; empty lists all.")] = "",
    limit: Annotated[int, Query(ge=1, le=100)] = 50,
) -> Response:
    """Tools that fit the words, best first."""
    own = None if account is None else account.id
    found = await studio.catalogue.search(q, studio.pool.capabilities(), limit, own)
    return JSONResponse({"items": [each.shape() for each in found], "next": None})


@router.get("/{name:path}", response_model=Tool, responses=problems(401, 404, 422))
async def get_tool(studio: StudioNow, account: Visitor, name: str) -> Response:
    """One tool with its parameters and examples."""
    tool = studio.catalogue.get(name) if account is None else await studio.catalogue.fetch(name, account.id)
    head = Found(tool, 0.0, studio.catalogue.availability(tool, studio.pool.capabilities())).shape()
    detail = tool.model_dump(mode="json", include={"params", "examples", "generative", "version"})
    return JSONResponse({**head, **detail})
