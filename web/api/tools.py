"""`/tools`: what can be done. Public, and for whoever is known their own spells and workflows too."""

from __future__ import annotations

from typing import Annotated, Any

from fastapi import APIRouter, Query, Request
from starlette.responses import JSONResponse, Response

from agent.protocols import Studio
from tools import model as tools
from tools.protocols import Found
from tools.registry import terms
from web.api.docs import problems
from web.auth import Visitor
from web.errors import InvalidCursor
from web.idempotency import OnceRoute
from web.paging import After, page_of
from web.shapes import Listed, Tool, ToolHead
from web.state import StudioNow

router = APIRouter(prefix="/api/v1/tools", tags=["tools"], route_class=OnceRoute)


MOST = 500
"""So many are ranked for one search, however they are paged, so that a page goes on where the one before ended."""
ALL = 100_000


@router.get("", response_model=Listed[ToolHead], responses=problems(401, 422))
async def search_tools(
    request: Request,
    studio: StudioNow,
    account: Visitor,
    q: Annotated[str, Query(max_length=1000, description="What is wanted, in words; empty lists all.")] = "",
    after: After = None,
    limit: Annotated[int, Query(ge=1, le=MOST, description="Items per page.")] = 50,
) -> Response:
    """Tools that fit the words, best first; without words all of them, your own and the everyday ones first."""
    page = page_of(request, after, limit)
    own = None if account is None else account.id
    start = 0 if page.after is None else _place(page.after)
    found = await studio.catalogue.search(q, studio.pool.capabilities(), MOST if q.strip() else ALL, own)
    end = start + limit
    return page.answer([each.shape() for each in found[start:end]], f"tools-{end}" if end < len(found) else None)


def _place(cursor: str) -> int:
    """How many tools stand on the pages before. Raises InvalidCursor for another list's."""
    name, _, number = cursor.partition("-")
    if name != "tools" or not number.isdecimal():
        raise InvalidCursor
    return int(number)


@router.get("/{name:path}", response_model=Tool, responses=problems(401, 404, 422))
async def get_tool(studio: StudioNow, account: Visitor, name: str) -> Response:
    """One tool with its parameters, examples, models and variants."""
    tool = studio.catalogue.get(name) if account is None else await studio.catalogue.fetch(name, account.id)
    head = Found(tool, 0.0, studio.catalogue.availability(tool, studio.pool.capabilities())).shape()
    detail = tool.model_dump(
        mode="json", include={"params", "examples", "generative", "version", "base", "vram_gb"}
    )
    if "seed" in detail["params"]:  # who names none gets a new one with every run
        detail["params"]["seed"]["default"] = None
    return JSONResponse({**head, **detail, "models": _models(tool), "variants": _variants(studio, tool)})


def _models(tool: tools.Tool) -> list[dict[str, Any]]:
    files = tool.implementations[0].models if tool.implementations else ()
    facts = {"file", "folder", "bytes", "gated"}
    return [
        {**each.model_dump(include=facts), "licence": terms.licence_of(each), "commercial": terms.of_file(each).value}
        for each in files
    ]


def _variants(studio: Studio, tool: tools.Tool) -> list[dict[str, Any]]:
    """The rest of its group, what runs now first."""
    if tool.group is None:
        return []
    rest = [
        other for other in studio.catalogue.all() if other.group == tool.group and other.name != tool.name
    ]
    able = studio.pool.capabilities()
    found = [(studio.catalogue.availability(other, able).available, other) for other in rest]
    found.sort(key=lambda each: (not each[0], -each[1].popularity, each[1].name))
    return [{"name": other.name, "title": other.title, "available": can} for can, other in found]
