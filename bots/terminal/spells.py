"""A person's spells from a terminal: a client of the HTTP API like the chat."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

from base.clock import Clock, SystemClock
from base.http import client
from base.settings import Settings
from bots.terminal.client import StudioClient
from bots.terminal.errors import FileUnreadable, SpellUnknown
from bots.terminal.files import new_file
from bots.terminal.home import Home
from bots.terminal.server import some_server

POLL_S = 0.4
OVER = ("completed", "failed", "cancelled")
Spell = dict[str, Any]


class Spellbook:
    """What `stationthis spells` does. A spell is named by its title, its id, or its name as a tool."""

    def __init__(self, studio: StudioClient, clock: Clock) -> None:
        self._studio, self._clock = studio, clock

    async def all(self) -> list[Spell]:
        """Newest first."""
        return await self._studio.every("/spells")

    async def find(self, name: str) -> Spell:
        """The one that is meant, with its steps. Raises SpellUnknown."""
        spell = await self._studio.called("/spells", name)
        if spell is None:
            raise SpellUnknown(f"You have no spell called {name}.")
        return spell

    async def save(self, title: str, conversation: str, handle: str, same_seed: bool) -> Spell:
        conversation_id, _ = await self._studio.conversation(conversation)
        body = {"title": title, "conversation_id": conversation_id, "handle": handle, "same_seed": same_seed}
        return await self._studio.call("POST", "/spells", body)

    async def export(self, name: str) -> dict[str, Any]:
        return await self._studio.call("GET", f"/spells/{(await self.find(name))['id']}/export")

    async def bring(self, path: Path) -> Spell:
        """Import a file. Raises FileUnreadable."""
        try:
            body = json.loads(path.read_text(encoding="utf-8"))
        except (OSError, ValueError):
            body = None
        if not isinstance(body, dict):
            raise FileUnreadable(f"{path.name} cannot be read as a spell.", action="Give a file that `spells export` wrote.")
        return await self._studio.call("POST", "/spells/import", body)

    async def share(self, name: str, visibility: str) -> dict[str, Any]:
        spell = await self.find(name)
        return await self._studio.call("POST", f"/spells/{spell['id']}/share", {"visibility": visibility})

    async def delete(self, name: str) -> Spell:
        spell = await self.find(name)
        await self._studio.call("DELETE", f"/spells/{spell['id']}")
        return spell

    async def cast(
        self, name: str, said: Sequence[str], files: Sequence[Path], version: int | None
    ) -> dict[str, Any]:
        """Start a cast and wait for its end, or for the yes that it needs. The Run of the API."""
        spell = await self.find(name)
        inputs = [await self._studio.upload(path) for path in files]
        body = {"spell": spell["id"], "blanks": blanks(spell, said), "inputs": ports(spell, inputs)}
        if version is not None:
            body["version"] = version
        run_id = (await self._studio.call("POST", "/runs", body))["run_id"]
        while (run := await self._studio.call("GET", f"/runs/{run_id}"))["status"] == "active":
            await self._clock.sleep(POLL_S)
        return run

    async def confirm(self, run: dict[str, Any]) -> dict[str, Any]:
        """The yes; then to the end."""
        await self._studio.confirm(run["id"])
        while (now := await self._studio.call("GET", f"/runs/{run['id']}"))["status"] not in OVER:
            await self._clock.sleep(POLL_S)
        return now

    async def fetch(self, run: dict[str, Any], folder: Path) -> list[Path]:
        """Write down what the run delivers; the paths, in order."""
        delivered = {step["id"] for step in run["plan"]["steps"] if step["deliver"]}
        written = []
        outputs = [asset for asset in run["outputs"] if asset["step_id"] in delivered]
        for number, asset in enumerate(outputs, 1):
            target = new_file(folder, {"asset": asset, "handle": f"A{number}"})
            await self._studio.download(asset["id"], target)
            written.append(target)
        return written


@asynccontextmanager
async def open_spellbook(settings: Settings) -> AsyncIterator[Spellbook]:
    """As whoever this terminal is at that server."""
    clock = SystemClock()
    async with some_server(settings) as url, client(url, read_s=40.0) as http:
        studio = StudioClient(http, Home(settings.data), settings.url, clock)
        await studio.sign_in()
        yield Spellbook(studio, clock)


def blanks(spell: Spell, said: Sequence[str]) -> dict[str, Any]:
    """`colour=red` names a blank; words without a name are for the first one that is a text."""
    given: dict[str, Any] = {}
    loose = []
    for word in said:
        name, equals, value = word.partition("=")
        if equals and name in spell["blanks"]:
            given[name] = typed(spell["blanks"][name]["type"], value)
        else:
            loose.append(word)
    first = next((n for n, spec in spell["blanks"].items() if n not in given and spec["type"] == "string"), None)
    if loose and first is None:
        raise SpellUnknown(f"{spell['title']} has no blank for that.", action="See `stationthis spells show`.")
    return {**given, **({first: " ".join(loose)} if loose and first else {})}


def typed(kind: str, value: str) -> Any:
    if kind in ("integer", "number", "boolean"):
        try:
            return json.loads(value)
        except ValueError:
            return value  # the server says what it takes
    return value


def ports(spell: Spell, assets: Sequence[str]) -> dict[str, list[dict[str, str]]]:
    """The files in the order of the ports; the last port takes what is left."""
    names = list(spell["ports"])
    given: dict[str, list[dict[str, str]]] = {}
    for number, asset in enumerate(assets):
        port = names[min(number, len(names) - 1)] if names else "image"
        given.setdefault(port, []).append({"asset_id": asset})
    return given
