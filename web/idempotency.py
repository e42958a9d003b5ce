"""`Idempotency-Key` on every POST: the first request is done, its repetitions hear the same answer.

The key belongs to the account and the path. A JSON body is compared by its hash before the work begins. An upload
streams to storage while it is hashed, so its hash is known only at the end: a repetition is read to its end, without
being kept, to see that it is the same file.

A refusal takes no key: nothing was done, so the same request is looked at anew, and a corrected one is taken.
"""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Awaitable, Callable, Coroutine
from datetime import timedelta
from typing import Annotated, Any

from fastapi import Depends, Request
from fastapi.routing import APIRoute
from starlette.responses import Response
from starlette.types import Message, Receive

from accounts.model import Fresh, Replay, Ticket
from accounts.rules import same_body
from accounts.service import AT_WORK, FENCED
from base.db import Tx
from web import auth, uploads
from web.errors import BodyTooLarge, UnsupportedBody
from web.state import studio_of

MAX_BODY = 1024 * 1024  # bytes of JSON; the longest message is a small part of it
_KEPT_HEADERS = frozenset({"location", "content-type", "retry-after"})
ADMIN = "/api/v1/admin/"
_NAMED = re.compile(r"[\w.+-]{1,60}/[\w.+-]{1,60}")  # a content type that may be said back
Handler = Callable[[Request], Coroutine[Any, Any, Response]]
Keep = Callable[[Tx, dict[str, Any]], Awaitable[None]]
"""Keeps the body of a 202 in the transaction that does what was asked."""


async def keeping(request: Request) -> Keep:
    """For handlers that do all they do in one transaction: killed at whatever moment, a repetition finds it done or does it."""
    ticket: Ticket | None = getattr(request.state, "ticket", None)

    async def keep(tx: Tx, body: dict[str, Any]) -> None:
        if ticket is not None:
            headers = {"content-type": "application/json"}
            await studio_of(request).idempotency.keep(tx, ticket, 202, json.dumps(body), headers)

    return keep


Keeping = Annotated[Keep, Depends(keeping)]


class OnceRoute(APIRoute):
    """A route that reads at most MAX_BODY of JSON, and nothing else, and does each keyed POST once."""

    def get_route_handler(self) -> Handler:
        handler = super().get_route_handler()
        fenced = any(needed.call is keeping for needed in self.dependant.dependencies)

        async def once(request: Request) -> Response:
            request = Request(request.scope, _limited(request.receive))
            body = await request.body()
            if body and self.body_field is not None:
                _check_type(request.headers.get("content-type", ""))
            digest = hashlib.sha256(body).hexdigest()
            found = await _begin(request, digest, FENCED if fenced else AT_WORK)
            if isinstance(found, Replay):
                return _replayed(found)
            if found is None:
                return await handler(request)
            return await _first(request, found, handler, digest)

        return once


class UploadOnceRoute(APIRoute):
    """A route whose body streams to storage; the handler leaves its digest in `request.state.upload_digest`.

    Only success is kept: what stopped half-way has no digest to compare a repetition with.
    """

    def get_route_handler(self) -> Handler:
        handler = super().get_route_handler()

        async def once(request: Request) -> Response:
            found = await _begin(request, None)
            if isinstance(found, Replay):
                same_body(found.body_sha256, await uploads.digest(request))
                return _replayed(found)
            if found is None:
                return await handler(request)
            return await _first(request, found, handler, None)

        return once


async def _begin(request: Request, digest: str | None, at_work: timedelta = AT_WORK) -> Fresh | Replay | None:
    """None when the request has no key, and so may be done as often as it comes. An operator's verbs may be, too: they say
    what shall be so, and no account is there to keep their answers for."""
    key = request.headers.get("idempotency-key")
    if request.method != "POST" or key is None or request.url.path.startswith(ADMIN):
        return None
    account = await auth.writing(request)
    return await studio_of(request).idempotency.begin(account, f"POST {request.url.path}", key, digest, at_work)


async def _first(request: Request, fresh: Fresh, handler: Handler, digest: str | None) -> Response:
    kept = studio_of(request).idempotency
    request.state.ticket = fresh.ticket
    try:
        response = await handler(request)
    except BaseException:
        await kept.release(fresh.ticket)
        raise
    digest = digest or getattr(request.state, "upload_digest", None)
    if digest is None:
        await kept.release(fresh.ticket)
    else:
        headers = {name: value for name, value in response.headers.items() if name in _KEPT_HEADERS}
        body = bytes(response.body).decode()
        await kept.finish(fresh.ticket, response.status_code, body, headers, digest)
    return response


def _check_type(told: str) -> None:
    """Raises UnsupportedBody where the body is not said to be JSON: read as text, it would fail in words about objects."""
    kind = told.partition(";")[0].strip().lower()
    main, _, sub = kind.partition("/")
    if main != "application" or not (sub == "json" or sub.endswith("+json")):
        how = f"as {kind}" if _NAMED.fullmatch(kind) else "without saying what it is"
        action = "Send it with `Content-Type: application/json`."
        raise UnsupportedBody(f"This call takes JSON, and the body was sent {how}.", action=action)


def _replayed(replay: Replay) -> Response:
    return Response(replay.body, replay.status, {**replay.headers, "Idempotency-Replayed": "true"})


def _limited(receive: Receive) -> Receive:
    total = 0

    async def limited() -> Message:
        nonlocal total
        message = await receive()
        total += len(message.get("body", b""))
        if total > MAX_BODY:
            raise BodyTooLarge(limit_bytes=MAX_BODY)
        return message

    return limited
