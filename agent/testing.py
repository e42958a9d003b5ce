"""A language model that says what it was told to say: a server on loopback that speaks OpenAI's, Ollama's and Anthropic's
protocols.

Each request takes the next reply of the queue and is kept in `requests`. Used with any client of these, as `openai/test`
with `url` for its base, or as `ollama/test` or `anthropic/test` with `root`.
"""

from __future__ import annotations

import asyncio
import json
import re
from collections import deque
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from itertools import zip_longest
from types import TracebackType
from typing import Any, Self

from aiohttp import web

from agent.llm.testing import WIRES, OpenAI, Wire
from tools.model import Parameter, Tool


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
        "intents": [{"kind": "chat", "on": [], "maybe": [], "confidence": 0.9, "summary": "small talk", "constraints": []}],
        "search": None, "steps": [], "clarification": None, "controls": [], "reply": "Here you are.",
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
        """The Authorization header of each, or Anthropic's own."""
        self.paths: list[str] = []
        """Where each was asked."""
        self.arrived = asyncio.Event()
        """Set by each request."""
        self.url = self.root = ""

    def then(self, *replies: Reply | dict[str, Any]) -> None:
        """Add replies to the queue; a dict is said as JSON."""
        self._queue.extend(Says(json.dumps(r)) if isinstance(r, dict) else r for r in replies)

    def forget(self) -> None:
        """Drop the replies that nobody asked for, and what was asked so far."""
        self._queue.clear()
        self.requests.clear()

    async def __aenter__(self) -> Self:
        app = web.Application()
        for path in WIRES:
            app.router.add_post(path, self._complete)
        self._runner = web.AppRunner(app, access_log=None, shutdown_timeout=1.0)
        await self._runner.setup()
        site = web.TCPSite(self._runner, "127.0.0.1", 0)
        await site.start()
        self.root = f"http://127.0.0.1:{self._runner.addresses[0][1]}"
        self.url = f"{self.root}/v1"
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._closing.set()
        if self._runner is not None:
            await self._runner.cleanup()

    async def _complete(self, request: web.Request) -> web.StreamResponse:
        self.requests.append(await request.json())
        self.keys.append(request.headers.get("Authorization") or request.headers.get("x-api-key"))
        self.paths.append(request.path)
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
        wire = WIRES.get(request.path, OpenAI())
        response = web.StreamResponse(headers={"Content-Type": wire.content_type})
        await response.prepare(request)
        tokens = reply.tokens if isinstance(reply, Says) else (100, 5)
        await response.write(wire.begin(tokens))
        if isinstance(reply, Refuses):
            await response.write(wire.refusal(reply.text) + wire.end("stop", tokens))
            return response
        size = reply.chunk if isinstance(reply, Says | Cuts) else 12
        for piece in _pieces(reply.text or "", size):
            await response.write(wire.piece(piece))
        await self._finish(request, response, reply, wire)
        return response

    async def _finish(
        self, request: web.Request, response: web.StreamResponse, reply: Says | Cuts | FallsSilent, wire: Wire
    ) -> None:
        if isinstance(reply, Says):
            await response.write(wire.end(reply.ends, reply.tokens))
            await response.write_eof()
        elif isinstance(reply, Cuts) and request.transport is not None:
            request.transport.abort()
        else:
            await self._closing.wait()


def _pieces(text: str, size: int) -> list[str]:
    return [text[start : start + size] for start in range(0, len(text), size)]


def oracle(
    expect: Mapping[str, Any], shown: Sequence[Mapping[str, Any]] = (), tools: Mapping[str, Tool] | None = None
) -> dict[str, Any]:
    """The answer that a model which knows what a case expects would give; pass it to `ScriptedModel.then`.

    `expect` is a case's `expect` as written, `shown` its scene's pictures (`{handle, tool, params, words, ...}`), `tools`
    the catalogue by name, for values within their ranges. What a case leaves open is filled in with something plain.
    """
    known = {str(item["handle"]): item for item in shown}
    steps = [_told_step(n, step, expect, known, tools or {}) for n, step in enumerate(expect.get("steps") or (), 1)]
    asked = {"question": "Which one?", "choices": _told_choices(expect)} if expect.get("asks") else None
    action, target = expect.get("action"), expect.get("target")
    return answer(
        intents=_told_intents(expect, steps, known),
        steps=[] if asked or expect.get("plans") is False else steps,
        clarification=asked,
        controls=[{"action": action, "target": target, "title": expect.get("title")}] if action else [],
        reply="" if asked else " ".join(["Here you are.", *(group[0] for group in expect.get("reply") or ())]),
    )


_BOUND = re.compile(r"([<>])=?\s*(-?[\d.]+)")


def _told_intents(
    expect: Mapping[str, Any], steps: Sequence[Mapping[str, Any]], known: Mapping[str, Any]
) -> list[dict[str, Any]]:
    kinds = list(expect.get("kinds") or (["control"] if expect.get("action") else []))
    worked_on = [n for step in steps for entry in step["inputs"] for n in entry.partition("=")[2].split(",") if n in known]
    worked_on += [step["again"] for step in steps if step["again"]]
    if not kinds:
        kinds = ["iterate" if worked_on or expect.get("on") else "create" if steps else "chat"]
    bound = expect["on"] if expect.get("on") is not None else list(dict.fromkeys(worked_on))
    if not all(isinstance(names, list) for names in bound) or not bound:
        first = next((n for n, kind in enumerate(kinds) if kind not in ("create", "chat")), 0)
        bound = [bound if n == first else [] for n in range(len(kinds))]
    return [
        {"kind": kind, "on": list(on), "maybe": [], "confidence": 0.9, "summary": kind, "constraints": []}
        for kind, on in zip_longest(kinds, bound[: len(kinds)], fillvalue=())
    ]


def _told_choices(expect: Mapping[str, Any]) -> list[dict[str, Any]]:
    return [{"label": str(words), "steps": []} for words in expect.get("choices") or ("Yes", "No")]


def _told_step(
    number: int, step: Mapping[str, Any], expect: Mapping[str, Any], known: Mapping[str, Any], tools: Mapping[str, Tool]
) -> dict[str, Any]:
    name = str(step["tool"]).partition("|")[0]
    tool, last = tools.get(name), number == len(expect["steps"])
    flat = [n for on in expect.get("on") or () for n in (on if isinstance(on, list) else [on])]
    before = known.get(flat[0]) if flat else None
    refines = before is not None and before.get("tool") == name and bool(expect.get("kept")) and last
    params = dict(step.get("params") or {})
    if last and "seed" in (expect.get("changed") or ()):
        params.setdefault("seed", "new")
    old = dict(before.get("params") or {}) if before is not None else {}
    for missing in (n for n, spec in (tool.params if tool else {}).items() if spec.required and not refines):
        params.setdefault(missing, "any")
    told = {n: _told_value(check, old.get(n), tool.params.get(n) if tool else None) for n, check in params.items()}
    inputs = {p: ",".join(map(str, s)) if isinstance(s, list) else s for p, s in (step.get("inputs") or {}).items()}
    return {
        "id": f"s{number}", "tool": name, "again": flat[0] if refines else None,
        "inputs": [f"{port}={source}" for port, source in inputs.items()],
        "params": [f"{n}={value}" for n, value in told.items() if value is not None], "deliver": None,
    }  # fmt: skip


def _told_value(check: Any, before: Any, spec: Parameter | None) -> Any:
    """A value that passes a check: `>0`, `<=0.3`, `~night`, `!~hat`, `any`, `unset`, a list of several, or the value itself."""
    if isinstance(check, list):
        return check[0]
    text = str(check)
    if text == "unset":
        return None
    if text == "any":
        return _anything(spec)
    if text.startswith("!~"):
        return re.sub(re.escape(text[2:]), "", str(before or "a picture"), flags=re.IGNORECASE)
    if text.startswith("~"):
        return f"{before or 'a picture'}, {text[1:]}"
    bounds = [_BOUND.fullmatch(part.strip()) for part in text.split("&")]
    if not all(bounds):
        return check
    return _between([(match[1], float(match[2])) for match in bounds if match], spec)


def _anything(spec: Parameter | None) -> Any:
    if spec is None or spec.type in ("string", "model"):
        return "a picture"
    if spec.choices:
        return spec.choices[0]
    return spec.default if spec.default is not None else spec.minimum


def _between(bounds: Sequence[tuple[str, float]], spec: Parameter | None) -> float:
    """A number on the right side of each bound, in the middle of what is left of the range, on a step."""
    low = max((bound for sign, bound in bounds if sign == ">"), default=None if spec is None else spec.minimum)
    high = min((bound for sign, bound in bounds if sign == "<"), default=None if spec is None else spec.maximum)
    if high is None:
        high = spec.maximum if spec is not None and spec.maximum is not None else (low or 0.0) + max(1.0, abs(low or 0.0))
    if low is None:
        low = spec.minimum if spec is not None and spec.minimum is not None else high - max(1.0, abs(high))
    step = 0.0 if spec is None else spec.step or (1.0 if spec.type == "integer" else 0.0)
    half = (low + high) / 2
    return round(half / step) * step if step else half
