"""ComfyUI over HTTP: each method is one call, each failure a Faulted. Graphs and answers are never logged."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from typing import Any, Literal
from urllib.parse import urlsplit

import httpx

from base.http import client
from executor.comfy.attribution import attribute
from executor.comfy.faults import Faulted, nonsense, refused, too_large, unreachable, untaken

_BUSY = frozenset((429, 502, 503, 504))
_BLOCK = 1 << 18
_USUAL_UPLOAD = 100 << 20
_FLOOR = 64 << 10
"""Bytes in a second: what comes slower than that, after a minute, does not come."""
_PATIENCE_S = 60.0
_LARGEST = 4 << 30  # bytes of one output; what is larger would fill the disk


@dataclass(frozen=True)
class FileRef:
    """A file on the instance, as history names it."""

    filename: str
    subfolder: str = ""
    type: str = "output"


class Found(StrEnum):
    """What a server has of a prompt."""

    HELD = "held"
    """It waits or runs."""
    ENDED = "ended"
    NOTHING = "nothing"


class FileGone(Exception):
    """The instance names a file that it no longer has."""


class ComfyHttp:
    """One instance's HTTP side."""

    def __init__(self, url: str, read_s: float = 30.0, patience_s: float = _PATIENCE_S) -> None:
        """`patience_s`: for how long a file may come more slowly than what is fast enough."""
        self.url, self.where, self._patience_s = url, host_port(url), patience_s
        self._client = client(url, read_s=read_s)

    async def close(self) -> None:
        await self._client.aclose()

    async def system_stats(self) -> dict[str, Any]:
        """Raises Faulted unless a ComfyUI answers."""
        stats = await self._json("GET", "/system_stats")
        if not isinstance(stats, dict) or "system" not in stats:
            raise nonsense(self.where, "no system_stats")
        return stats

    async def object_info(self) -> dict[str, Any]:
        """Class name -> node description."""
        return _object(await self._json("GET", "/object_info"), self.where)

    async def max_upload_bytes(self) -> int:
        """How large a request it takes; a server too old to say takes a hundred megabytes."""
        response = await self._send("GET", "/features")
        if response.status_code != 200:
            return _USUAL_UPLOAD
        match _parsed(response, self.where):
            case {"max_upload_size": int() | float() as size} if size > 0:
                return int(size)
        return _USUAL_UPLOAD

    async def upload(self, path: Path, name: str, folder: str = "") -> str:
        """Send an input file of any kind, piece by piece; returns the name that a loader wants. `folder` lies under `input`."""
        with path.open("rb") as file:
            answer = await self._json(
                "POST", "/upload/image", files={"image": (name, file)}, data={"subfolder": folder} if folder else None,
                timeout=120.0,
            )  # fmt: skip
        match answer:
            case {"name": str(stored), "subfolder": str(folder)} if folder:
                return f"{folder}/{stored}"
            case {"name": str(stored)}:
                return stored
        raise nonsense(self.where, "upload")

    async def submit(
        self, graph: dict[str, Any], prompt_id: str, client_id: str | None, extra: dict[str, Any]
    ) -> None:
        """Queue a graph under our id. Node errors are errors even in a 200. Whether a server that did not say so took it is
        asked: where it answers that, but does not have it, it takes no jobs; where it does not, it is away."""
        body = {"prompt": graph, "prompt_id": prompt_id, "extra_data": extra}
        if client_id is not None:
            body["client_id"] = client_id
        wrong = await self._offer(body)
        if wrong is not None and await self.find(prompt_id) is Found.NOTHING:
            raise wrong

    async def _offer(self, body: dict[str, Any]) -> Faulted | None:
        """What is wrong with a server that does not have it now. Raises Faulted where that is known already."""
        try:
            response = await self._client.request("POST", "/prompt", json=body)
        except (httpx.RequestError, httpx.InvalidURL) as error:
            return untaken(self.where, type(error).__name__)
        status = response.status_code
        if status == 429 or (status == 503 and "retry-after" in response.headers):
            raise unreachable(self.where, f"status {status}")
        if status >= 500:
            return refused(self.where, status)
        try:
            answer = response.json()
        except ValueError:
            return untaken(self.where, "not JSON")
        if not isinstance(answer, dict):
            return untaken(self.where, "no object")
        if status == 400 or answer.get("node_errors"):
            raise Faulted(attribute(answer))
        return None if status == 200 and answer.get("prompt_id") == body["prompt_id"] else untaken(self.where, f"status {status}")

    async def history(self, prompt_id: str) -> dict[str, Any] | None:
        """The entry of a job that ended, else None."""
        answer = _object(await self._json("GET", f"/history/{prompt_id}"), self.where)
        entry = answer.get(prompt_id)
        return entry if isinstance(entry, dict) else None

    async def place(self, prompt_id: str) -> Literal["running", "pending"] | None:
        """Where in the queue the job is."""
        answer = _object(await self._json("GET", "/queue"), self.where)
        for place in ("running", "pending"):
            if any(len(item) > 1 and item[1] == prompt_id for item in _items(answer.get(f"queue_{place}"))):
                return place
        return None

    async def is_queued(self, prompt_id: str) -> bool:
        """Whether the job is pending or running."""
        return await self.place(prompt_id) is not None

    async def find(self, prompt_id: str) -> Found:
        """What has become of the job there. What leaves the queue between the first two questions is in history at the third."""
        if await self.history(prompt_id) is not None:
            return Found.ENDED
        if await self.is_queued(prompt_id):
            return Found.HELD
        return Found.NOTHING if await self.history(prompt_id) is None else Found.ENDED

    async def cancel(self, prompt_id: str) -> None:
        """Delete it from the queue, then interrupt it if it is what runs: never anybody else's job. A server that is too old to
        know the id in an interrupt would stop whatever runs, so it is asked first."""
        await self._ok("/queue", {"delete": [prompt_id]})
        if await self.place(prompt_id) == "running":
            await self._ok("/interrupt", {"prompt_id": prompt_id})

    async def forget(self, prompt_id: str) -> None:
        """Take our graph out of a history that everybody on that server can read."""
        await self._ok("/history", {"delete": [prompt_id]})

    async def fetch(self, ref: FileRef, target: Path) -> str:
        """Stream a file to `target`; returns its media type. Raises FileGone; Faulted also where it trickles."""
        params = {"filename": ref.filename, "subfolder": ref.subfolder, "type": ref.type}
        try:
            async with (
                asyncio.timeout(self._patience_s) as bound,
                self._client.stream("GET", "/view", params=params, timeout=120.0) as response,
            ):
                if response.status_code == 404:
                    raise FileGone
                self._check(response)
                with target.open("wb") as file:
                    until = bound.when()
                    async for block in response.aiter_bytes(_BLOCK):
                        file.write(block)
                        bound.reschedule(None if until is None else until + file.tell() / _FLOOR)
                        if file.tell() > _LARGEST:
                            raise nonsense(self.where, "an endless file")
        except httpx.RequestError as error:
            raise unreachable(self.where, type(error).__name__) from None
        except TimeoutError:
            raise unreachable(self.where, "it sends too slowly") from None
        return str(response.headers.get("content-type", "application/octet-stream")).partition(";")[0]

    async def _ok(self, path: str, body: dict[str, Any]) -> None:
        self._check(await self._send("POST", path, json=body))

    async def _json(self, method: str, path: str, **options: Any) -> Any:
        response = await self._send(method, path, **options)
        self._check(response)
        return _parsed(response, self.where)

    async def _send(self, method: str, path: str, **options: Any) -> httpx.Response:
        try:
            response = await self._client.request(method, path, **options)
        except (httpx.RequestError, httpx.InvalidURL) as error:
            raise unreachable(self.where, type(error).__name__) from None
        if response.status_code in _BUSY:
            raise unreachable(self.where, f"status {response.status_code}")
        return response

    def _check(self, response: httpx.Response) -> None:
        if response.status_code == 413:
            raise Faulted(too_large(self.where, int(response.request.headers.get("content-length", 0)), None))
        if response.status_code != 200:
            raise nonsense(self.where, f"status {response.status_code}")


def host_port(url: str) -> str:
    """What may be shown of a URL: no path, no password."""
    parts = urlsplit(url)
    return parts.netloc.rpartition("@")[2] or "?"


def _parsed(response: httpx.Response, where: str) -> Any:
    try:
        return response.json()
    except ValueError:
        raise nonsense(where, "not JSON") from None


def _object(answer: Any, where: str) -> dict[str, Any]:
    if not isinstance(answer, dict):
        raise nonsense(where, "no object")
    return answer


def _items(value: Any) -> Sequence[Sequence[Any]]:
    return [item for item in value if isinstance(item, list)] if isinstance(value, list) else []
