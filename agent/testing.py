"""A language model that says what it was told to say: an OpenAI-compatible server on loopback.

Each request takes the next reply of the queue and is kept in `requests`. Used with any client of that protocol, as
`openai/test` with `url` for its base.
"""

from __future__ import annotations

import asyncio
import json
from collections import deque
from dataclasses import dataclass, field
from types import TracebackType
from typing import Any, Self

from aiohttp import web

COMPLETION_PATH = "/v1/chat/completions"


@dataclass(frozen=True)
class Says:
    """Streams this text in chunks of so many characters, then the usage."""

    text: str
    chunk: int = 12
    tokens: tuple[int, int] = (100, 20)
    """Prompt and completion tokens in the last chunk."""
    ends: str = "stop"
    """finish_reason."""


@dataclass(frozen=True)
class Refuses:
    """Streams a refusal, in the field that the protocol has for it."""

    text: str = "I cannot help with that."


@dataclass(frozen=True)
class Fails:
    """Answers with this status and OpenAI's error body."""

    status: int
    error: dict[str, Any] = field(default_factory=lambda: {"message": "scripted failure", "type": "scripted"})
    headers: dict[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Cuts:
    """Streams this text and breaks the connection."""

    text: str
    chunk: int = 12


@dataclass(frozen=True)
class FallsSilent:
    """Streams this text (or, without one, not even headers) and then nothing more."""

    text: str | None = None


@dataclass(frozen=True)
class Page:
    """Answers 200 with a web page, as a wrong address does."""

    html: str = "<!doctype html><title>It works</title><p>This is not the server you are looking for."


Reply = Says | Refuses | Fails | Cuts | FallsSilent | Page


def answer(**parts: Any) -> dict[str, Any]:
    """An answer in the form that the planner asks a model for; `parts` replace its parts, their order stays."""
    blank = {
        "intents": [{"kind": "chat", "summary": "small talk", "on": [], "constraints": []}], "confidence": 0.9,
        "steps": [], "summary": "", "clarification": None, "controls": [], "reply": "Here you are.",
    }  # fmt: skip
    return {**blank, **parts}


class ScriptedModel:
    """`async with ScriptedModel() as model: model.then(Says(...)); ... model.url ... model.requests`."""

    def __init__(self, *replies: Reply) -> None:
        self._queue: deque[Reply] = deque(replies)
        self._closing = asyncio.Event()
        self._runner: web.AppRunner | None = None
        self.requests: list[dict[str, Any]] = []
        """Bodies of what was asked, oldest first."""
        self.keys: list[str | None] = []
        """The Authorization header of each."""
        self.arrived = asyncio.Event()
        """Set by each request."""
        self.url = ""

    def then(self, *replies: Reply | dict[str, Any]) -> None:
        """Add replies to the queue; a dict is said as JSON."""
        self._queue.extend(Says(json.dumps(r)) if isinstance(r, dict) else r for r in replies)

    async def __aenter__(self) -> Self:
        app = web.Application()
        app.router.add_post(COMPLETION_PATH, self._complete)
        self._runner = web.AppRunner(app, access_log=None, shutdown_timeout=1.0)
        await self._runner.setup()
        site = web.TCPSite(self._runner, "127.0.0.1", 0)
        await site.start()
        self.url = f"http://127.0.0.1:{self._runner.addresses[0][1]}/v1"
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._closing.set()
        if self._runner is not None:
            await self._runner.cleanup()

    async def _complete(self, request: web.Request) -> web.StreamResponse:
        self.requests.append(await request.json())
        self.keys.append(request.headers.get("Authorization"))
        self.arrived.set()
        reply = self._queue.popleft() if self._queue else Fails(501, {"message": "the script is at its end"})
        match reply:
            case Fails():
                return web.json_response({"error": reply.error}, status=reply.status, headers=reply.headers)
            case Page():
                return web.Response(text=reply.html, content_type="text/html")
            case FallsSilent(text=None):
                await self._closing.wait()
                return web.Response(status=503)
            case _:
                return await self._stream(request, reply)

    async def _stream(
        self, request: web.Request, reply: Says | Refuses | Cuts | FallsSilent
    ) -> web.StreamResponse:
        response = web.StreamResponse(headers={"Content-Type": "text/event-stream"})
        await response.prepare(request)
        await _send(response, _chunk({"role": "assistant", "content": ""}))
        if isinstance(reply, Refuses):
            await _send(response, _chunk({"refusal": reply.text}))
            await _end(response, Says("", tokens=(100, 5)))
            return response
        size = reply.chunk if isinstance(reply, Says | Cuts) else 12
        for piece in _pieces(reply.text or "", size):
            await _send(response, _chunk({"content": piece}))
        await self._finish(request, response, reply)
        return response

    async def _finish(
        self, request: web.Request, response: web.StreamResponse, reply: Says | Cuts | FallsSilent
    ) -> None:
        if isinstance(reply, Says):
            await _end(response, reply)
        elif isinstance(reply, Cuts) and request.transport is not None:
            request.transport.abort()
        else:
            await self._closing.wait()


async def _end(response: web.StreamResponse, reply: Says) -> None:
    prompt, completion = reply.tokens
    usage = {"prompt_tokens": prompt, "completion_tokens": completion, "total_tokens": prompt + completion}
    await _send(response, _chunk({}, finish_reason=reply.ends))
    await _send(response, {**_chunk({}), "choices": [], "usage": usage})
    await response.write(b"data: [DONE]\n\n")
    await response.write_eof()


async def _send(response: web.StreamResponse, chunk: dict[str, Any]) -> None:
    await response.write(b"data: " + json.dumps(chunk).encode() + b"\n\n")


def _chunk(delta: dict[str, Any], finish_reason: str | None = None) -> dict[str, Any]:
    return {
        "id": "chatcmpl-scripted", "object": "chat.completion.chunk", "created": 1_700_000_000, "model": "test",
        "choices": [{"index": 0, "delta": delta, "finish_reason": finish_reason}],
    }  # fmt: skip


def _pieces(text: str, size: int) -> list[str]:
    return [text[start : start + size] for start in range(0, len(text), size)]
