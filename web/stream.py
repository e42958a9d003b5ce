"""A conversation's events as `text/event-stream`: replay from a number, then live, for as long as anyone listens."""

from __future__ import annotations

import json
import re
from collections.abc import AsyncIterator, Callable
from typing import Any

from sse_starlette import EventSourceResponse, ServerSentEvent

from web.errors import InvalidCursor

PING_S = 15
_RETRY_MS = 1000  # how soon a browser connects again; its own idea would be 3 to 5 seconds
_NUMBER = re.compile(r"\d{1,15}")


def cursor(header: str | None, query: str | None) -> int:
    """The number after which to begin; the header wins. Raises InvalidCursor for anything but a plain number."""
    given = query if header is None else header
    if given is None:
        return 0
    if _NUMBER.fullmatch(given) is None:
        raise InvalidCursor("An event stream begins after an event's number: 0, 1, 2, ...")
    return int(given)


def event_stream(events: Callable[[], AsyncIterator[dict[str, Any]]]) -> EventSourceResponse:
    """Frames of the events, with a comment every PING_S seconds. It ends with the client or with the server."""
    return EventSourceResponse(_frames(events), ping=PING_S, sep="\n", ping_message_factory=_ping)


async def _frames(events: Callable[[], AsyncIterator[dict[str, Any]]]) -> AsyncIterator[ServerSentEvent]:
    yield ServerSentEvent(comment="connected", retry=_RETRY_MS, sep="\n")
    async for event in events():
        yield frame(event)


def frame(event: dict[str, Any]) -> ServerSentEvent:
    """One event; a transient one has no `id:` line, so that it never moves a reader's cursor."""
    number = event.get("id")
    data = json.dumps(event, ensure_ascii=False, separators=(",", ":"))
    return ServerSentEvent(data, event=event["type"], id=None if number is None else str(number), sep="\n")


def _ping() -> ServerSentEvent:
    return ServerSentEvent(comment="ping", sep="\n")
