"""The page itself, and what it is made of."""

from __future__ import annotations

import asyncio
from pathlib import Path

from fastapi import APIRouter, Request
from starlette.responses import FileResponse, HTMLResponse, RedirectResponse, Response
from starlette.staticfiles import StaticFiles
from starlette.types import Scope

from accounts.errors import TooManyAccounts
from web import auth

router = APIRouter(include_in_schema=False)
_NOT_BUILT = """<!doctype html><html lang="en"><meta charset="utf-8"><title>StationThis</title>
<h1>The page is not built yet</h1>
<p>The studio itself is running: the API answers under <code>/api/v1</code>, and <code>stationthis chat</code> works.</p>
<p>Run <code>make run</code>, which builds the page, or
<code>npm ci &amp;&amp; npm run build</code> in <code>web/client</code>, then reload.</p></html>
"""


_NOT_NOW = """<!doctype html><html lang="en"><meta charset="utf-8"><title>StationThis</title>
<h1>{title}</h1><p>{detail}</p><p>{action}</p></html>
"""


class Files(StaticFiles):
    """The built files. Those with a hash in their name never change."""

    def file_response(
        self, full_path: object, stat_result: object, scope: Scope, status_code: int = 200
    ) -> Response:
        response = super().file_response(full_path, stat_result, scope, status_code)  # type: ignore[arg-type]
        hashed = "/assets/" in scope["path"]
        response.headers["Cache-Control"] = "public, max-age=31536000, immutable" if hashed else "no-cache"
        return response


@router.get("/")
async def root() -> Response:
    """The studio is the agent's page."""
    return RedirectResponse("/agent")


@router.api_route("/agent", methods=["GET", "HEAD"])
@router.api_route("/chat", methods=["GET", "HEAD"])
async def agent(request: Request) -> Response:
    """The page; whoever opens it for the first time gets an anonymous account."""
    index: Path = request.app.state.static / "index.html"
    if not await asyncio.to_thread(index.is_file):
        return HTMLResponse(_NOT_BUILT, 503)
    if await auth.known(request) is None:
        try:
            await auth.newcomer(request)
        except TooManyAccounts as error:
            said = _NOT_NOW.format(title=error.title, detail=error.detail, action=error.next_step)
            return HTMLResponse(said, error.status, {"Retry-After": str(error.facts["retry_after"])})
    return FileResponse(index, headers={"Cache-Control": "no-cache"}, media_type="text/html")


@router.api_route("/admin", methods=["GET", "HEAD"])
async def admin(request: Request) -> Response:
    """The operator's page; it asks for the key, and holds nothing without it."""
    page: Path = request.app.state.static / "admin.html"
    if not await asyncio.to_thread(page.is_file):
        return HTMLResponse(_NOT_BUILT, 503)
    return FileResponse(page, headers={"Cache-Control": "no-cache"}, media_type="text/html")
