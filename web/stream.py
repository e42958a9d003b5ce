"""A conversation's events as `text/event-stream`: replay from a number, then live, for as long as anyone listens."""

from __future__ import annotations

import asyncio
import json
import re
from collections.abc import AsyncIterator, Callable
from contextlib import suppress
from typing import Any

import anyio
from sse_starlette import EventSourceResponse, ServerSentEvent

from base.errors import Reportable
from base.log import get_logger
from web.errors import InvalidEventNumber

log = get_logger(__name__)
PING_S = 15
_RETRY_MS = 1000  # how soon a browser connects again; its own idea would be 3 to 5 seconds
_FAREWELL_S = 1.0  # for the last frame under way when the server ends
_NUMBER = re.compile(r"\d{1,15}")
Events = Callable[[], AsyncIterator[dict[str, Any]]]


def cursor(header: str | None, query: str | None) -> int:
    """The number after which to begin; the header wins. Raises InvalidEventNumber for anything but a plain number."""
    given = query if header is None else header
    if given is None:
        return 0
    if _NUMBER.fullmatch(given) is None:
        raise InvalidEventNumber
    return int(given)


def event_stream(events: Events) -> EventSourceResponse:
    """Frames of the events, with a comment every PING_S seconds. It ends with the client or with the server."""
    closing = anyio.Event()
    return EventSourceResponse(
        _frames(events, closing), ping=PING_S, sep="\n", ping_message_factory=_ping,
        shutdown_event=closing, shutdown_grace_period=_FAREWELL_S,
    )  # fmt: skip


def frame(event: dict[str, Any]) -> ServerSentEvent:
    """One event; a transient one has no `id:` line, so that it never moves a reader's cursor."""
    number = event.get("id")
    data = json.dumps(event, ensure_ascii=False, separators=(",", ":"))
    return ServerSentEvent(data, event=event["type"], id=None if number is None else str(number), sep="\n")


async def _frames(events: Events, closing: anyio.Event) -> AsyncIterator[ServerSentEvent]:
    """What goes wrong in the middle ends the answer whole, since nothing else can be answered any more: who connects again,
    after the last number, goes on or is told why not."""
    yield ServerSentEvent(comment="connected", retry=_RETRY_MS, sep="\n")
    try:
        async for event in _until(closing, events()):
            yield frame(event)
    except Reportable as error:
        log.info("stream_broke_off", code=error.code)


async def _until(
    closing: anyio.Event, events: AsyncIterator[dict[str, Any]]
) -> AsyncIterator[dict[str, Any]]:
    """The events as long as the server lives; the answer then ends whole instead of being torn off."""
    closed = asyncio.ensure_future(closing.wait())
    following: asyncio.Future[dict[str, Any]] | None = None
    try:
        while True:
            following = asyncio.ensure_future(anext(events))
            await asyncio.wait({following, closed}, return_when=asyncio.FIRST_COMPLETED)
            if not following.done():
                return
            yield following.result()
    except StopAsyncIteration:
        return
    finally:
        await _end(closed, following)


async def _end(*futures: asyncio.Future[Any] | None) -> None:
    """Cancel what is under way and see it off, so that the reader's listener is taken down now and not some day."""
    for future in futures:
        if future is not None and not future.done():
            future.cancel()
            with suppress(asyncio.CancelledError):
                await future


def _ping() -> ServerSentEvent:
    return ServerSentEvent(comment="ping", sep="\n")
