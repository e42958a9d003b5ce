"""The outermost layer: correlation id, the last catch, one log line and one count per answer, common headers."""

from __future__ import annotations

import re
import traceback
from typing import Any

from starlette.datastructures import Headers, MutableHeaders
from starlette.requests import ClientDisconnect
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from base.clock import Clock
from base.ids import new_id
from base.log import correlated, correlation_id, get_logger
from web.errors import Internal
from web.metrics import Metrics
from web.problems import problem_response

log = get_logger("web")

_SANE = re.compile(r"[A-Za-z0-9_-]{1,64}")
_METHODS = frozenset({"GET", "HEAD", "POST", "PATCH", "PUT", "DELETE", "OPTIONS"})
POLICY = (
    "default-src 'self'; img-src 'self' data: blob:; media-src 'self' blob:; style-src 'self'; connect-src 'self'; "
    "object-src 'none'; base-uri 'none'; form-action 'self'; frame-ancestors 'none'"
)
HEADERS = {
    "Content-Security-Policy": POLICY,
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "same-origin",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Permissions-Policy": "camera=(), microphone=(), geolocation=()",
}


class Rim:
    """ASGI middleware. It is plain ASGI, so that event streams pass through unbuffered."""

    def __init__(self, app: ASGIApp, metrics: Metrics, clock: Clock) -> None:
        self._app, self._metrics, self._clock = app, metrics, clock

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        with correlated(correlation_from(Headers(scope=scope))):
            await self._answered(scope, receive, _Answer(scope, send, self._metrics, self._clock))

    async def _answered(self, scope: Scope, receive: Receive, answer: _Answer) -> None:
        try:
            await self._app(scope, receive, answer.send)
        except ClientDisconnect:
            log.info("client_left", route=template(scope))
        except Exception as error:  # noqa: BLE001  the request handler's rim: nothing behind it catches everything
            log.error("request_failed", error=type(error).__name__, where=where(error), route=template(scope))
            if not answer.started:
                await problem_response(Internal())(scope, receive, answer.send)


class _Answer:
    """The way out: completes the first message of an answer, then counts and logs it."""

    def __init__(self, scope: Scope, send: Send, metrics: Metrics, clock: Clock) -> None:
        self._scope, self._send, self._metrics, self._clock = scope, send, metrics, clock
        self._began = clock.monotonic()
        self.started = False
        self._correlation_id = correlation_id.get() or ""

    async def send(self, message: Message) -> None:
        if message["type"] == "http.response.start":
            self.started = True
            self._complete(MutableHeaders(scope=message))
            self._count(message["status"])
        await self._send(message)

    def _complete(self, headers: MutableHeaders) -> None:
        headers["X-Correlation-ID"] = self._correlation_id
        for name, value in HEADERS.items():
            headers.setdefault(name, value)
        if self._scope["path"].startswith("/api/"):
            headers.setdefault("Cache-Control", "no-store")
        if (cookie := self._scope.get("state", {}).get("set_cookie")) is not None:
            headers.append("Set-Cookie", cookie)

    def _count(self, status: int) -> None:
        method = self._scope["method"] if self._scope["method"] in _METHODS else "OTHER"
        route, seconds = template(self._scope), self._clock.monotonic() - self._began
        self._metrics.answered(method, route, status, seconds)
        log.info("answered", method=method, route=route, status=status, ms=round(seconds * 1000, 1))


def correlation_from(headers: Headers) -> str:
    """The caller's correlation id when it is sane, else a new one."""
    given = headers.get("x-correlation-id", "")
    return given if _SANE.fullmatch(given) else new_id()


def template(scope: Scope) -> str:
    """The route's pattern: what may be logged and counted, unlike the path, which holds anybody's choice."""
    return str(getattr(scope.get("route"), "path", "unmatched"))


def where(error: BaseException) -> list[str]:
    """The frames of an error without its message and values, which may hold somebody's words."""
    frames: Any = traceback.extract_tb(error.__traceback__)
    return [f"{frame.filename.rsplit('/', 1)[-1]}:{frame.lineno} {frame.name}" for frame in frames[-8:]]
