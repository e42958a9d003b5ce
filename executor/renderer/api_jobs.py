"""Routes for jobs: /prompt, /queue, /interrupt, /history, /free."""

from __future__ import annotations

import json
import uuid
from typing import Any

from aiohttp import web

from .jobs import Job, JobQueue
from .nodes.registry import Registry
from .validate import fault, validate
from .worker import Worker


def crash() -> web.HTTPInternalServerError:
    """The bare 500 a ComfyUI gives for a body it cannot use."""
    return web.HTTPInternalServerError(text="500 Internal Server Error\n\nServer got itself in trouble")


class JobRoutes:
    def __init__(self, queue: JobQueue, registry: Registry, worker: Worker) -> None:
        self._queue, self._registry, self._worker = queue, registry, worker
        self._number = 0

    def table(self) -> list[web.RouteDef]:
        return [
            web.get("/prompt", self._count),
            web.post("/prompt", self._submit),
            web.get("/queue", self._show_queue),
            web.post("/queue", self._change_queue),
            web.post("/interrupt", self._interrupt),
            web.get("/history", self._show_history),
            web.get("/history/{id}", self._show_one),
            web.post("/history", self._change_history),
            web.post("/free", self._free),
        ]

    async def _count(self, request: web.Request) -> web.Response:
        return web.json_response({"exec_info": {"queue_remaining": self._queue.remaining()}})

    async def _submit(self, request: web.Request) -> web.Response:
        body = await _json(request)
        if not isinstance(body, dict):
            return _refused(_no_prompt())
        number = self._next_number(body)
        if "prompt" not in body:
            return _refused(_no_prompt())
        graph, extra = body["prompt"], body.get("extra_data", {})
        if not isinstance(graph, dict) or not isinstance(extra, dict):
            raise crash()
        job_id = _job_id(body.get("prompt_id"))
        if job_id is None:
            message = "prompt_id must be a canonical lower-case UUID"
            return _refused(fault("invalid_prompt_id", message, message))
        return self._queue_graph(number, job_id, graph, extra, body)

    def _queue_graph(
        self, number: float, job_id: str, graph: dict[str, Any], extra: dict[str, Any], body: dict[str, Any]
    ) -> web.Response:
        verdict = validate(graph, self._registry, body.get("partial_execution_targets"))
        if verdict.error:
            return _refused(verdict.error, verdict.faults)
        if "client_id" in body:
            extra["client_id"] = body["client_id"]
        self._queue.put(Job(number, job_id, graph, extra, tuple(verdict.outputs)))
        return web.json_response({"prompt_id": job_id, "number": number, "node_errors": verdict.faults})

    def _next_number(self, body: dict[str, Any]) -> float:
        if "number" in body:
            try:
                return float(body["number"])
            except (TypeError, ValueError) as error:
                raise crash() from error
        number = -self._number if body.get("front") else self._number
        self._number += 1
        return number

    async def _show_queue(self, request: web.Request) -> web.Response:
        return web.json_response(self._queue.snapshot())

    async def _change_queue(self, request: web.Request) -> web.Response:
        body = await _object(request)
        if body.get("clear"):
            self._queue.clear()
        if isinstance(body.get("delete"), list):
            self._queue.delete(body["delete"])
        return web.Response()

    async def _interrupt(self, request: web.Request) -> web.Response:
        try:
            body = json.loads(await request.read())
        except ValueError:
            body = {}
        wanted = body.get("prompt_id") if isinstance(body, dict) else None
        self._queue.interrupt(str(wanted) if wanted else None)
        return web.Response()

    async def _show_history(self, request: web.Request) -> web.Response:
        try:
            wanted = request.query.get("max_items")
            max_items = int(wanted) if wanted is not None else None
            offset = int(request.query.get("offset", -1))
        except ValueError as error:
            raise crash() from error
        return web.json_response(self._queue.history(max_items, offset))

    async def _show_one(self, request: web.Request) -> web.Response:
        return web.json_response(self._queue.history_of(request.match_info["id"]))

    async def _change_history(self, request: web.Request) -> web.Response:
        body = await _object(request)
        if body.get("clear"):
            self._queue.forget_all()
        if isinstance(body.get("delete"), list):
            self._queue.forget(body["delete"])
        return web.Response()

    async def _free(self, request: web.Request) -> web.Response:
        body = await _object(request)
        if body.get("free_memory"):
            self._worker.forget_results()
        return web.Response()


async def _json(request: web.Request) -> Any:
    """The body as JSON whatever its content type says; the bare 500 when it is none."""
    try:
        return json.loads(await request.read())
    except ValueError as error:
        raise crash() from error


async def _object(request: web.Request) -> dict[str, Any]:
    body = await _json(request)
    if not isinstance(body, dict):
        raise crash()
    return body


def _job_id(given: Any) -> str | None:
    """The id to use; None when the given one is no canonical UUID."""
    if given is None:
        return str(uuid.uuid4())
    try:
        return given if isinstance(given, str) and str(uuid.UUID(given)) == given else None
    except ValueError:
        return None


def _no_prompt() -> dict[str, Any]:
    return fault("no_prompt", "No prompt provided", "No prompt provided")


def _refused(error: dict[str, Any], faults: dict[str, Any] | None = None) -> web.Response:
    return web.json_response({"error": error, "node_errors": faults or {}}, status=400)
