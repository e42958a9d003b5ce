"""A person's workflows from a terminal: a client of the HTTP API like the chat."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator, Iterator, Mapping
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import httpx

from base.clock import SystemClock
from base.http import client
from base.settings import Settings
from bots.terminal.client import StudioClient
from bots.terminal.errors import FactsUnreadable, FileUnreadable, WorkflowUnknown
from bots.terminal.home import Home
from bots.terminal.server import some_server

Workflow = dict[str, Any]
_FACTS_S = 60.0


class WorkflowBox:
    """What `stationthis workflows` does. A workflow is named by its title, its id, or its name as a tool."""

    def __init__(self, studio: StudioClient) -> None:
        self._studio = studio

    async def draft(self, file: Path, title: str = "", facts: Mapping[str, Any] | None = None) -> Workflow:
        """What the file would be as a tool, with the `workflow` that is in it. Raises FileUnreadable."""
        workflow = _plain(file)
        if workflow is None:
            found = await self._studio.send_file("/workflows/draft/file", file)
            if facts is None and not title:
                return found
            workflow = found["workflow"]
        body = {"workflow": workflow, "title": title, "object_info": used(facts, workflow)}
        return {**await self._studio.call("POST", "/workflows/draft", body), "workflow": workflow}

    async def keep(
        self, draft: Workflow, title: str, description: str | None, facts: Mapping[str, Any] | None = None
    ) -> Workflow:
        workflow = draft["workflow"]
        body = {"workflow": workflow, "title": title or draft["title"], "object_info": used(facts, workflow)}
        return await self._studio.call("POST", "/workflows", body | ({} if description is None else {"description": description}))

    async def all(self) -> list[Workflow]:
        """Newest first."""
        return await self._studio.every("/workflows")

    async def find(self, name: str) -> Workflow:
        """The one that is meant, with its parameters. Raises WorkflowUnknown."""
        workflow = await self._studio.called("/workflows", name)
        if workflow is None:
            raise WorkflowUnknown(f"You have no workflow called {name}.")
        return workflow

    async def change(self, name: str, changes: dict[str, Any]) -> Workflow:
        """A new version with these parts instead."""
        return await self._studio.call("PATCH", f"/workflows/{(await self.find(name))['id']}", changes)

    async def share(self, name: str, visibility: str) -> dict[str, Any]:
        workflow = await self.find(name)
        return await self._studio.call("POST", f"/workflows/{workflow['id']}/share", {"visibility": visibility})

    async def export(self, name: str) -> dict[str, Any]:
        return await self._studio.call("GET", f"/workflows/{(await self.find(name))['id']}/export")

    async def delete(self, name: str) -> Workflow:
        workflow = await self.find(name)
        await self._studio.call("DELETE", f"/workflows/{workflow['id']}")
        return workflow


@asynccontextmanager
async def open_workflows(settings: Settings) -> AsyncIterator[WorkflowBox]:
    """As whoever this terminal is at that server."""
    clock = SystemClock()
    async with some_server(settings) as url, client(url, read_s=60.0) as http:
        studio = StudioClient(http, Home(settings.data), settings.url, clock)
        await studio.sign_in()
        yield WorkflowBox(studio)


async def facts_of(file: Path | None, server: str | None) -> dict[str, Any] | None:
    """What one's own ComfyUI says of its nodes, from a file or from itself. Raises FileUnreadable, FactsUnreadable."""
    if server is not None:
        return await _asked(server)
    if file is None:
        return None
    try:
        found = json.loads(file.read_text(encoding="utf-8"))
    except (OSError, ValueError, RecursionError):
        raise FileUnreadable(f"{file.name} cannot be read.", action="Save what `/object_info` answers, as it is.") from None
    return _a_mapping(found)


def _plain(file: Path) -> dict[str, Any] | None:
    """The JSON of a file; None for a picture or film, in which the server looks for it."""
    if file.suffix.lower() != ".json":
        return None
    try:
        found = json.loads(file.read_text(encoding="utf-8"))
    except (OSError, ValueError, RecursionError):
        raise FileUnreadable(f"{file.name} cannot be read as JSON.", action="Check the path.") from None
    return found if isinstance(found, dict) else None


async def _asked(server: str) -> dict[str, Any]:
    try:
        async with client(server.rstrip("/"), read_s=_FACTS_S) as http:
            answer = await http.get("/object_info")
            return _a_mapping(answer.raise_for_status().json())
    except (httpx.HTTPError, httpx.InvalidURL, ValueError):
        raise FactsUnreadable from None


def _a_mapping(found: Any) -> dict[str, Any]:
    if not isinstance(found, dict):
        raise FactsUnreadable
    return found


def used(facts: Mapping[str, Any] | None, workflow: Any) -> dict[str, Any] | None:
    """The facts of the node classes that a workflow names: the others are thousands of lines that nobody needs."""
    if facts is None:
        return None
    return {name: facts[name] for name in set(_named(workflow)) & set(facts)}


def _named(workflow: Any) -> Iterator[str]:
    waiting = [workflow]
    while waiting:
        value = waiting.pop()
        if isinstance(value, dict):
            yield from (value[key] for key in ("type", "class_type") if isinstance(value.get(key), str))
            waiting.extend(value.values())
        elif isinstance(value, list):
            waiting.extend(value)


def changed(hide: list[str], rename: list[str], defaults: list[str]) -> dict[str, Any]:
    """`--hide seed --rename cfg=mood --default steps=30` as the API's changes. Raises WorkflowUnknown for another form."""
    params: dict[str, dict[str, Any]] = {name: {"hidden": True} for name in hide}
    for said, field in [*((each, "name") for each in rename), *((each, "default") for each in defaults)]:
        name, equals, value = said.partition("=")
        if not (name and equals and value):
            raise WorkflowUnknown(f"{said} has not the form NAME=VALUE.", action="See `stationthis workflows change --help`.")
        params.setdefault(name, {})[field] = value if field == "name" else _typed(value)
    return params


def _typed(value: str) -> Any:
    try:
        found = json.loads(value)
    except ValueError:
        return value
    return found if isinstance(found, int | float | bool) else value
