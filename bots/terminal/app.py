"""The loop: say something, watch the turn to its end, keep what came out."""

from __future__ import annotations

import asyncio
from contextlib import aclosing
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from bots.terminal.client import StudioClient
from bots.terminal.errors import Refused
from bots.terminal.files import new_file
from bots.terminal.interrupt import interrupted_by
from bots.terminal.screen import Screen

PATIENCE_S = 2.0
"""Without a sign of understanding before it is asked why."""


@dataclass
class Chat:
    """A conversation as it stands in this terminal."""

    client: StudioClient
    screen: Screen
    out: Path
    conversation: str
    seen: int
    """Number of the newest event that was shown."""
    attachments: list[Path] = field(default_factory=list)
    """Go with the next message."""
    choices: list[dict[str, str]] = field(default_factory=list)
    """`{id, label}` of what was asked last."""
    turn: str | None = None
    run: str | None = None
    """The run of the latest turn, once it is known."""
    waits_for_yes: bool = False

    async def say(self, text: str) -> str:
        """One turn; a number answers a question with that choice. Returns the turn's status."""
        assets = [await self.client.upload(path) for path in self.attachments]
        choice = chosen(text, self.choices)
        words = {"text": text} if choice is None else {"text": "", "choice": choice}
        turn = await self.client.send(self.conversation, {**words, "attachments": assets})
        self.attachments = []
        return await self.watch(turn)

    async def retry(self) -> str | None:
        """The last turn once more, differently; None when there is none."""
        if self.turn is None:
            return None
        return await self.watch(await self.client.retry(self.turn))

    async def rate(self, rating: str) -> bool:
        """A thumb for the last turn; False when there is none."""
        if self.turn is None:
            return False
        await self.client.rate(self.turn, rating)
        return True

    async def answer(self, yes: bool) -> str | None:
        """Yes or no to the run that waits for it, then on with the turn; None when nothing waits."""
        if self.turn is None or self.run is None or not self.waits_for_yes:
            return None
        await (self.client.confirm if yes else self.client.cancel)(self.run)
        return await self.watch(self.turn)

    async def watch(self, turn: str) -> str:
        """Show a turn's events until it ends, or until it waits for a yes (`asked`). Returns its status.

        Ctrl-C cancels the run; where there is none yet, or at the second time, CancelledError leaves the watching.
        """
        if turn != self.turn:
            self.turn, self.run, self.choices = turn, None, []
        self.waits_for_yes = False
        try:
            with interrupted_by(self._cancel_run):
                return await self._watched(turn)
        finally:
            self.screen.rest()

    async def _watched(self, turn: str) -> str:
        telling = asyncio.ensure_future(self._tell_if_starting())
        try:
            return await self._followed(turn, telling)
        finally:
            telling.cancel()

    async def _tell_if_starting(self) -> None:
        if await self.client.starting(PATIENCE_S):
            self.screen.note("Still starting up: your message is kept, this takes about half a minute.")

    async def _followed(self, turn: str, telling: asyncio.Future[None]) -> str:
        async with aclosing(self.client.events(self.conversation, self.seen)) as events:
            async for event in events:
                self.seen = max(self.seen, event.get("id", 0))
                if event["type"] != "turn.started":
                    telling.cancel()
                if event.get("turn_id") == turn and (status := await self._take(event)):
                    return status
        raise AssertionError("an event stream does not end by itself")

    async def _take(self, event: dict[str, Any]) -> str | None:
        """Show one event; the turn's status when nothing more is to be waited for."""
        self.run = event.get("run_id") or self.run
        if event["type"] == "run.output":
            event = await self._saved(event)
        self.screen.show(event)
        match event["type"]:
            case "clarification":
                self.choices = event["choices"]
            case "run.awaiting_confirmation":
                self.waits_for_yes = True
                return "asked"
            case "turn.completed":
                return str(event["status"])
        return None

    async def _saved(self, event: dict[str, Any]) -> dict[str, Any]:
        path = await asyncio.to_thread(new_file, self.out, event)
        try:
            await self.client.download(event["asset"]["id"], path)
        except BaseException:
            path.unlink()
            raise
        return {**event, "path": str(path)}

    def _cancel_run(self) -> bool:
        if self.run is None:
            return False
        self.screen.note("cancelling; Ctrl-C again leaves")
        self._cancelling = asyncio.ensure_future(self._cancel(self.run))
        return True

    async def _cancel(self, run: str) -> None:
        try:
            await self.client.cancel(run)
        except Refused as refusal:  # it ended in the meantime
            self.screen.note(refusal.detail)


def chosen(text: str, choices: list[dict[str, str]]) -> str | None:
    """The id of the choice whose number or label was typed."""
    answer = text.strip().casefold()
    for number, choice in enumerate(choices, start=1):
        if answer in (str(number), choice["label"].casefold()):
            return choice["id"]
    return None
