"""Run one job: node after node, telling the job's client what happens."""

from __future__ import annotations

import logging
import threading
import time
from typing import Any

from .cache import Cache, is_link, signatures, upstream_order
from .config import Config
from .faults import trace, type_name
from .files import Folders
from .jobs import Job
from .nodes.registry import Interrupted, Registry, Scene
from .values import Result, describe
from .ws import Hub

log = logging.getLogger("renderer")


class Execution:
    """One run of one job. `run` returns the history entry; nothing escapes it."""

    def __init__(
        self,
        job: Job,
        registry: Registry,
        cache: Cache,
        hub: Hub,
        config: Config,
        folders: Folders,
        stop: threading.Event,
    ) -> None:
        self._job, self._registry, self._cache, self._hub = job, registry, cache, hub
        self._config, self._folders, self._stop = config, folders, stop
        self._signatures: dict[str, str] = {}
        self._progress: dict[str, dict[str, Any]] = {}
        self._executed: list[str] = []
        self._messages: list[list[Any]] = []
        self._current = ""

    def run(self) -> dict[str, Any]:
        try:
            self._record("execution_start", {})
            self._run_all()
            self._record("execution_success", {})
        except Interrupted:
            self._record("execution_interrupted", {**self._place(), "executed": list(self._executed)})
        except Exception as error:  # noqa: BLE001  the worker's rim: a node's failure is the client's to read
            log.info("job %s failed in node %s: %s", self._job.id, self._current, type_name(error))
            self._record("execution_error", self._failure(error))
        return self._entry()

    def _run_all(self) -> None:
        graph = self._job.graph
        self._signatures = signatures(graph, upstream_order(graph, list(graph)), self._registry)
        self._cache.keep_only(set(self._signatures.values()))
        cached = [node_id for node_id in graph if self._known(node_id)]
        self._record("execution_cached", {"nodes": cached})
        for node_id in upstream_order(graph, list(self._job.outputs)):
            self._current = node_id
            if result := self._known(node_id):
                self._skip(node_id, result)
            else:
                self._run_node(node_id)

    def _known(self, node_id: str) -> Result | None:
        return self._cache.get(self._signatures.get(node_id))

    def _skip(self, node_id: str, result: Result) -> None:
        """A cached node is silent, unless it is an output: its client wants to see the old result again."""
        if node_id not in self._job.outputs:
            return
        self._tell_executed(node_id, result)
        self._advance(node_id, 1, 1, "finished")

    def _run_node(self, node_id: str) -> None:
        if self._stop.is_set():
            raise Interrupted
        node = self._registry.get(self._job.graph[node_id]["class_type"])
        assert node is not None
        self._advance(node_id, 0, 1, "running")
        self._hub.executing = (self._job.client, node_id)
        self._tell("executing", {"node": node_id, "display_node": node_id})
        result = node.run(self._scene(node_id), **self._inputs(node_id, node.inputs))
        self._cache.put(self._signatures[node_id], result)
        self._executed.append(node_id)
        self._tell_executed(node_id, result)
        top = self._progress[node_id]["max"]
        self._advance(node_id, top, top, "finished")

    def _inputs(self, node_id: str, names: dict[str, Any]) -> dict[str, Any]:
        given = self._job.graph[node_id]["inputs"]
        return {name: self._value(given[name]) for name in names if name in given}

    def _value(self, value: Any) -> Any:
        if not is_link(value):
            return value
        result = self._known(value[0])
        assert result is not None
        return result.outputs[value[1]]

    def _scene(self, node_id: str) -> Scene:
        def report(value: int, total: int, jpeg: bytes | None) -> None:
            self._advance(node_id, value, total, "running")
            progress = {"value": value, "max": total, "prompt_id": self._job.id, "node": node_id}
            self._hub.send_step(progress, jpeg, self._names(node_id), self._job.client)

        pnginfo = self._job.extra.get("extra_pnginfo")
        info = pnginfo if isinstance(pnginfo, dict) else {}
        return Scene(self._config, self._folders, self._job.graph, info, self._stop, report)

    def _names(self, node_id: str) -> dict[str, Any]:
        return {
            "node_id": node_id,
            "prompt_id": self._job.id,
            "display_node_id": node_id,
            "parent_node_id": None,
            "real_node_id": node_id,
        }

    def _advance(self, node_id: str, value: int, top: int, state: str) -> None:
        self._progress[node_id] = {"value": value, "max": top, "state": state, **self._names(node_id)}
        self._hub.send(
            "progress_state", {"prompt_id": self._job.id, "nodes": dict(self._progress)}, self._job.client
        )

    def _tell(self, kind: str, data: dict[str, Any]) -> None:
        if self._job.client is not None:
            self._hub.send(kind, {**data, "prompt_id": self._job.id}, self._job.client)

    def _tell_executed(self, node_id: str, result: Result) -> None:
        if result.ui:
            self._tell("executed", {"node": node_id, "display_node": node_id, "output": result.ui})

    def _record(self, kind: str, data: dict[str, Any]) -> None:
        """Say it, and keep it for the history."""
        data = {"prompt_id": self._job.id, **data, "timestamp": int(time.time() * 1000)}
        self._messages.append([kind, data])
        if self._job.client is not None or kind == "execution_interrupted":
            self._hub.send(kind, data, self._job.client)

    def _place(self) -> dict[str, Any]:
        node = self._job.graph.get(self._current, {})
        return {"node_id": self._current, "node_type": node.get("class_type", "")}

    def _failure(self, error: Exception) -> dict[str, Any]:
        return {
            **self._place(),
            "executed": list(self._executed),
            "exception_message": f"{error}\n",
            "exception_type": type_name(error),
            "traceback": trace(error.__traceback__),
            "current_inputs": self._described_inputs(),
            "current_outputs": [node_id for node_id in self._job.graph if self._known(node_id)],
        }

    def _described_inputs(self) -> dict[str, list[str]]:
        given = self._job.graph.get(self._current, {}).get("inputs", {})
        described = {}
        for name, value in given.items():
            result = self._known(value[0]) if is_link(value) else None
            described[name] = [describe(result.outputs[value[1]] if result else value)]
        return described

    def _entry(self) -> dict[str, Any]:
        shown = {
            node_id: known.ui for node_id in self._job.graph if (known := self._known(node_id)) and known.ui
        }
        done = self._messages[-1][0] == "execution_success"
        return {
            "prompt": self._job.public(),
            "outputs": shown,
            "status": {
                "status_str": "success" if done else "error",
                "completed": done,
                "messages": self._messages,
            },
            "meta": {node_id: self._meta(node_id) for node_id in shown},
        }

    def _meta(self, node_id: str) -> dict[str, Any]:
        return {"node_id": node_id, "display_node": node_id, "parent_node": None, "real_node_id": node_id}
