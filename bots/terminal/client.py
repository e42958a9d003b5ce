"""The edge: what the terminal says to the HTTP API. Every send may be repeated; every event arrives once."""

from __future__ import annotations

import mimetypes
from collections.abc import AsyncGenerator, AsyncIterator, Callable
from pathlib import Path
from typing import Any

import httpx

from base.clock import Clock
from base.ids import new_id
from bots.terminal.errors import FileUnreadable, Refused, ServerAway
from bots.terminal.home import Home
from bots.terminal.stream import frames

API = "/api/v1"
PAUSES_S = (0.2, 0.5, 1.0, 2.0, 4.0, 8.0, *(15.0,) * 20)
"""Between attempts to reach a server that does not answer: some five minutes, after which it is given up."""
TOLD_AFTER = 4
"""Attempts that fail before a word is said: a restart of a moment needs none."""
_UPLOADING = httpx.Timeout(600.0, connect=5.0)  # a long video is taken apart before the answer comes


class StudioClient:
    """One person's view of one server."""

    def __init__(
        self, http: httpx.AsyncClient, home: Home, server: str, clock: Clock, note: Callable[[str], None] | None = None
    ) -> None:
        """`note` hears, in a sentence, that the server is away, and that it is back."""
        self._http, self._home, self._server, self._clock = http, home, server, clock
        self._note = note or (lambda _sentence: None)

    async def sign_in(self) -> None:
        """Be who we were at this server, or become somebody: the first POST makes an anonymous account."""
        if token := self._home.token(self._server):
            self._authorize(token)
            if (await self._request("GET", "/me")).status_code == 200:
                return
            del self._http.headers["authorization"]
        token = (await self._post("/me/tokens", {"name": "terminal"}))["token"]
        self._http.cookies.clear()
        self._home.keep(self._server, token)
        self._authorize(token)

    async def conversation(self, wanted: str | None) -> tuple[str, int]:
        """Id and newest event number of the wanted conversation, of the latest (`last`), or of a new one (None)."""
        if wanted is None:
            body = await self._post("/conversations", {})
        elif wanted == "last" and (items := (await self._get("/conversations?limit=1"))["items"]):
            body = await self._get(f"/conversations/{items[0]['id']}")
        elif wanted == "last":
            body = await self._post("/conversations", {})
        else:
            body = await self._get(f"/conversations/{wanted}")
        return body["id"], int(body.get("last_event_id") or 0)

    async def every(self, path: str) -> list[dict[str, Any]]:
        """All of a list, page after page."""
        found: list[dict[str, Any]] = []
        after = ""
        while True:
            page = await self.call("GET", f"{path}?limit=100{after}")
            found += page["items"]
            if page["next"] is None:
                return found
            after = f"&after={page['next']}"

    async def called(self, path: str, name: str) -> dict[str, Any] | None:
        """Of a list, the whole of the one with this id, name or title; None when there is none."""
        said = name.strip().lower()
        for item in await self.every(path):
            if said in (item["id"], item["name"], item["title"].lower()):
                return await self.call("GET", f"{path}/{item['id']}")
        return None

    async def upload(self, path: Path) -> str:
        """Send a file; returns the asset id. Raises FileUnreadable, Refused."""
        return str((await self.send_file("/assets", path))["id"])

    async def send_file(self, where: str, path: Path) -> dict[str, Any]:
        """Send a file to one of the calls that take one. Raises FileUnreadable, Refused."""
        if not path.is_file():
            raise FileUnreadable(f"There is no file {path.name}.")
        kind = mimetypes.guess_type(path.name)[0] or "application/octet-stream"
        key = new_id()

        async def attempt() -> httpx.Response:
            with path.open("rb") as file:
                files = {"file": (path.name, file, kind)}
                headers = {"Idempotency-Key": key}
                return await self._http.post(f"{API}{where}", files=files, headers=headers, timeout=_UPLOADING)

        return _body(await self._until_reached(attempt))

    async def send(self, conversation: str, message: dict[str, Any]) -> str:
        """Say something; returns the turn id."""
        return str((await self._post(f"/conversations/{conversation}/messages", message))["turn_id"])

    async def retry(self, turn: str) -> str:
        """The same once more, differently; returns the new turn id."""
        return str((await self._post(f"/turns/{turn}/retry", {}))["turn_id"])

    async def rate(self, turn: str, rating: str) -> None:
        await self._post(f"/turns/{turn}/feedback", {"rating": rating})

    async def confirm(self, run: str) -> None:
        await self._post(f"/runs/{run}/confirm", {})

    async def cancel(self, run: str) -> None:
        await self._post(f"/runs/{run}/cancel", {})

    async def starting(self, after_s: float) -> bool:
        """Whether the server still reads its models then: asked once, since it matters only while it answers."""
        await self._clock.sleep(after_s)
        try:
            answer = await self._http.get(f"{API}/info")
        except httpx.TransportError:
            return False
        return answer.is_success and bool(answer.json().get("starting"))

    async def events(self, conversation: str, after: int) -> AsyncGenerator[dict[str, Any], None]:
        """Every event above `after`, for ever: a broken connection is taken up where it broke."""
        failures = 0
        while True:
            try:
                async for event in self._connected(conversation, after):
                    self._back(failures)
                    after, failures = max(after, event.get("id", 0)), 0
                    yield event
            except httpx.TransportError:
                pass  # the server restarts, or the network does
            failures = await self._pause(failures)

    async def download(self, asset: str, target: Path) -> None:
        """Write an asset's bytes to a file that exists already."""
        async with self._http.stream("GET", f"{API}/assets/{asset}/content") as response:
            if response.status_code != 200:
                await response.aread()
                raise _refusal(response)
            with target.open("wb") as file:
                async for chunk in response.aiter_bytes():
                    file.write(chunk)

    async def _connected(self, conversation: str, after: int) -> AsyncIterator[dict[str, Any]]:
        headers = {"Last-Event-ID": str(after), "Accept": "text/event-stream"}
        path = f"{API}/conversations/{conversation}/events"
        async with self._http.stream("GET", path, headers=headers) as response:
            if response.status_code >= 500:
                return
            if response.status_code != 200:
                await response.aread()
                raise _refusal(response)
            async for frame in frames(response.aiter_lines()):
                yield frame

    async def call(self, method: str, path: str, body: dict[str, Any] | None = None) -> dict[str, Any]:
        """Any other request of the API; a POST is done once however often it is sent. Raises Refused, ServerAway."""
        if method == "POST":
            return await self._post(path, body or {})
        return _body(await self._request(method, path, body))

    async def _get(self, path: str) -> dict[str, Any]:
        return _body(await self._request("GET", path))

    async def _post(self, path: str, body: dict[str, Any]) -> dict[str, Any]:
        return _body(await self._request("POST", path, body, {"Idempotency-Key": new_id()}))

    async def _request(
        self, method: str, path: str, body: dict[str, Any] | None = None, headers: dict[str, str] | None = None
    ) -> httpx.Response:
        async def attempt() -> httpx.Response:
            return await self._http.request(method, API + path, json=body, headers=headers)

        return await self._until_reached(attempt)

    async def _until_reached(self, attempt: Any) -> httpx.Response:
        failures = 0
        while True:
            try:
                response: httpx.Response = await attempt()
            except httpx.TransportError:
                failures = await self._pause(failures)
            else:
                self._back(failures)
                return response

    async def _pause(self, failures: int) -> int:
        if failures == len(PAUSES_S):
            raise ServerAway
        if failures == TOLD_AFTER:
            self._note("The server is away; waiting for it.")
        await self._clock.sleep(PAUSES_S[failures])
        return failures + 1

    def _back(self, failures: int) -> None:
        if failures > TOLD_AFTER:
            self._note("The server is back.")

    def _authorize(self, token: str) -> None:
        self._http.headers["authorization"] = f"Bearer {token}"


def _body(response: httpx.Response) -> dict[str, Any]:
    if response.is_success:
        return dict(response.json()) if response.content else {}
    raise _refusal(response)


def _refusal(response: httpx.Response) -> Refused:
    try:
        body = response.json()
    except ValueError:
        body = {}
    return Refused(body if isinstance(body, dict) else {}, response.status_code)
