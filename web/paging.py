"""Lists in pages: `{items, next}`, with cursors that nobody can make up."""

from __future__ import annotations

import base64
import binascii
import hashlib
import hmac
from dataclasses import dataclass
from typing import Annotated, Any

from fastapi import Depends, Query, Request
from starlette.responses import JSONResponse, Response

from web.errors import InvalidCursor
from web.state import studio_of

_MAC = 8  # bytes; it keeps accidents and play out of the stores, nothing is secret in a cursor


@dataclass(frozen=True)
class Page:
    """Which part of a list: what follows `after` (None is the beginning), at most `limit` items."""

    after: str | None
    limit: int
    secret: bytes

    def answer(self, items: list[Any], following: str | None) -> Response:
        """`{items, next}` with the store's own cursor made opaque."""
        return JSONResponse({"items": items, "next": encode(self.secret, following)})


After = Annotated[str | None, Query(description="`next` of the page before.", max_length=400)]


def page(
    request: Request,
    after: After = None,
    limit: Annotated[int, Query(ge=1, le=100, description="Items per page.")] = 50,
) -> Page:
    """The dependency of lists. Raises InvalidCursor."""
    return page_of(request, after, limit)


def page_of(request: Request, after: str | None, limit: int) -> Page:
    """The page of a list with bounds of its own. Raises InvalidCursor."""
    secret = studio_of(request).secrets.cookie
    return Page(None if after is None else decode(secret, after), limit, secret)


def encode(secret: bytes, cursor: str | None) -> str | None:
    """A cursor for the outside; None stays None."""
    if cursor is None:
        return None
    return base64.urlsafe_b64encode(_mac(secret, cursor.encode()) + cursor.encode()).rstrip(b"=").decode()


def decode(secret: bytes, text: str) -> str:
    """The store's cursor. Raises InvalidCursor for anything that `encode` did not make."""
    try:
        data = base64.b64decode(text.encode("ascii") + b"=" * (-len(text) % 4), altchars=b"-_", validate=True)
    except (binascii.Error, UnicodeEncodeError):
        raise InvalidCursor from None
    mac, cursor = data[:_MAC], data[_MAC:]
    if not hmac.compare_digest(mac, _mac(secret, cursor)):
        raise InvalidCursor
    return cursor.decode()


def _mac(secret: bytes, cursor: bytes) -> bytes:
    return hmac.new(secret, b"cursor:" + cursor, hashlib.sha256).digest()[:_MAC]


Paged = Annotated[Page, Depends(page)]
