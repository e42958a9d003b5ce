"""People who converse: each says something, watches the stream until the turn is over, and says the next thing. Whose
stream breaks connects again, elsewhere, after the last event that arrived."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Any

import httpx

from base.http import client
from base.ids import new_id
from evals.chaos.customers import AGAIN, ANSWER_S, Doors
from evals.chaos.model import Findings

SILENT_S = 20.0
"""A stream without even a ping for so long is a dead one."""
TEXTS = ("Generate a lighthouse in the fog", "make it smaller, 256 pixels wide", "Generate a fox in the snow")


@dataclass
class Talk:
    """One conversation as its person saw it."""

    id: str
    token: str
    frames: list[dict[str, Any]] = field(default_factory=list)
    turns: list[str] = field(default_factory=list)
    """Ids that were answered, one for each message."""
    connects: int = 0
    faults: list[str] = field(default_factory=list)
    """What was wrong with a frame when it came."""
    grown: asyncio.Condition = field(default_factory=asyncio.Condition)

    @property
    def last(self) -> int:
        return max((frame["id"] for frame in self.frames), default=0)

    def types_of(self, turn_id: str) -> list[str]:
        return [frame["type"] for frame in self.frames if frame.get("turn_id") == turn_id]

    async def take(self, frame: dict[str, Any]) -> None:
        """A stored frame comes next, or something is wrong with it."""
        if "id" not in frame:
            return
        if frame["id"] != self.last + 1:
            self.faults.append(f"conversation {self.id}: event {frame['id']} came after {self.last}")
        self.frames.append(frame)
        async with self.grown:
            self.grown.notify_all()


async def keep_talking(doors: Doors, talk: Talk, more: Callable[[], bool]) -> None:
    """While there is more to say, and to the end of the last turn. Cancel it at the bound: `talk` has what was seen."""
    listening = asyncio.create_task(_listen(doors, talk))
    try:
        while more():
            path = f"/api/v1/conversations/{talk.id}/messages"
            text = TEXTS[len(talk.turns) % len(TEXTS)]
            talk.turns.append(await _post(doors, talk.token, path, {"text": text}, "turn_id"))
            async with talk.grown:
                await talk.grown.wait_for(lambda: "turn.completed" in talk.types_of(talk.turns[-1]))
    finally:
        listening.cancel()
        await asyncio.gather(listening, return_exceptions=True)


async def begin(doors: Doors, token: str) -> Talk:
    """An empty conversation."""
    return Talk(await _post(doors, token, "/api/v1/conversations", {}, "id"), token)


def examined(talk: Talk, messages: int) -> Findings:
    """What the person saw that must not be, or did not see."""
    found = Findings(doubled=list(talk.faults))
    if len(talk.turns) < messages:
        found.lost.append(f"conversation {talk.id}: {messages - len(talk.turns)} messages were never taken")
    for turn in talk.turns:
        types = talk.types_of(turn)
        for once in ("turn.started", "turn.completed"):
            if types.count(once) != 1:
                (found.doubled if once in types else found.lost).append(f"turn {turn}: {once} {types.count(once)} times")
    handles = [frame["handle"] for frame in talk.frames if frame["type"] == "run.output"]
    found.doubled += [f"conversation {talk.id}: handle {h} twice" for h in {h for h in handles if handles.count(h) > 1}]
    return found


def named_failures(talk: Talk) -> Iterator[str]:
    """The code of each turn that failed."""
    for frame in talk.frames:
        if frame["type"] == "turn.completed" and frame["status"] == "failed":
            yield f"turn: {(frame.get('error') or {}).get('code')}"


async def _post(doors: Doors, token: str, path: str, body: dict[str, Any], wanted: str) -> str:
    """Insist until it is taken."""
    headers = {"Authorization": f"Bearer {token}", "Idempotency-Key": new_id()}
    async with client(read_s=ANSWER_S) as http:
        while True:
            try:
                answer = await http.post(doors.next() + path, json=body, headers=headers)
            except httpx.HTTPError:
                await asyncio.sleep(0.5)
                continue
            if answer.is_success:
                return str(answer.json()[wanted])
            if answer.status_code < 500 and answer.status_code not in AGAIN:
                raise RuntimeError(f"{path} was refused: {answer.status_code} {answer.json().get('code')}")
            await asyncio.sleep(min(5.0, float(answer.headers.get("retry-after", 0.5))))


async def _listen(doors: Doors, talk: Talk) -> None:
    async with client(read_s=SILENT_S) as http:
        while True:
            talk.connects += 1
            with suppress(httpx.HTTPError):
                async for frame in _frames(http, doors.next(), talk):
                    await talk.take(frame)
            await asyncio.sleep(0.3)


async def _frames(http: httpx.AsyncClient, url: str, talk: Talk) -> AsyncIterator[dict[str, Any]]:
    headers = {"Authorization": f"Bearer {talk.token}", "Last-Event-ID": str(talk.last)}
    async with http.stream("GET", f"{url}/api/v1/conversations/{talk.id}/events", headers=headers) as answer:
        if answer.status_code != 200:
            return
        async for line in answer.aiter_lines():
            if line.startswith("data:"):
                yield json.loads(line.removeprefix("data:"))
