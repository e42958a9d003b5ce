"""`/me`: the account that asks, its tokens and credits."""

from __future__ import annotations

from fastapi import APIRouter
from starlette.responses import JSONResponse, Response

from base.clock import rfc3339
from web.api.docs import READ, WRITE, Once
from web.auth import Reader, Writer
from web.bodies import NewTokenBody
from web.idempotency import OnceRoute
from web.paging import Paged
from web.paths import PathId
from web.shapes import Credits, Listed, Me, TokenMade, TokenShape
from web.state import StudioNow

router = APIRouter(prefix="/api/v1/me", tags=["me"], route_class=OnceRoute)
_NOTE = "Nothing is charged: the embedded studio is free, and this version keeps no ledger."


@router.get("", response_model=Me, responses=READ)
async def get_me(studio: StudioNow, account: Reader) -> Response:
    """Who am I?"""
    return JSONResponse(await studio.accounts.me(account))


@router.get("/credits", response_model=Credits, responses=READ)
async def get_credits(account: Reader) -> Response:
    """What is left."""
    return JSONResponse({"balance": None, "currency": "credits", "note": _NOTE})


@router.post("/tokens", status_code=201, response_model=TokenMade, responses=WRITE, dependencies=[Once])
async def make_token(studio: StudioNow, account: Writer, body: NewTokenBody) -> Response:
    """An API token. It is shown this once."""
    made = await studio.accounts.create_token(account, body.name)
    return JSONResponse({"id": made.id, "token": made.token}, 201)


@router.get("/tokens", response_model=Listed[TokenShape], responses=READ)
async def list_tokens(studio: StudioNow, account: Reader, page: Paged) -> Response:
    """The tokens that work, the newest first."""
    tokens, following = await studio.accounts.tokens(account.id, page.after, page.limit)
    items = [
        {
            "id": token.id,
            "name": token.name,
            "created_at": rfc3339(token.created_at),
            "last_used_at": None if token.last_used_at is None else rfc3339(token.last_used_at),
        }
        for token in tokens
    ]
    return page.answer(items, following)


@router.delete("/tokens/{token_id}", status_code=204, responses=WRITE)
async def revoke_token(studio: StudioNow, account: Writer, token_id: PathId) -> Response:
    """End a token at once."""
    await studio.accounts.revoke_token(account.id, token_id)
    return Response(status_code=204)
