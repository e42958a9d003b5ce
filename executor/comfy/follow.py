"""Follow one prompt to its end: by socket while it speaks, by history and queue as the backstop."""

from __future__ import annotations

import asyncio
import math
from collections.abc import Awaitable, Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass
from typing import Any

from base.clock import Clock
from executor.comfy.faults import Faulted, late, lost, silent
from executor.comfy.instance import Instance
from executor.comfy.meter import Meter, Reading
from executor.comfy.previews import Preview, shrink
from executor.comfy.socket import Channel, Message
from executor.comfy.verdict import Verdict, read_verdict
from executor.model import FaultKind
from executor.pace import Pace

_BETWEEN_PROGRESS_S = 0.2
_BETWEEN_PREVIEWS_S = 0.3
_LOOKS_UNTIL_LOST = 2
_ASLEEP_S = 1.0  # a pause that is so much longer than it should be was none of ours


class Stopped(Exception):
    """The job was cancelled. `confirmed`: and the instance does not have it any more, as far as it said."""

    def __init__(self, *, confirmed: bool = False) -> None:
        self.confirmed = confirmed
        super().__init__()


@dataclass(frozen=True)
class Patience:
    """For how many seconds a job that is being rendered may show no sign of progress, and may be rendered at all."""

    silence_s: float = math.inf
    deadline_s: float = math.inf


class Follower:
    """`stop` is set when the job shall be interrupted; `report` and `show` receive what a person may see, `saved` what a
    node gave as soon as it did; `began` is called once, when it is first seen being rendered."""

    def __init__(
        self, instance: Instance, prompt_id: str, graph: Mapping[str, Any], stop: asyncio.Event, clock: Clock, pace: Pace,
        report: Callable[[Reading], None], show: Callable[[str], None], saved: Callable[[str, Any], None],
        began: Callable[[], None], patience: Patience, hold: Callable[[], Awaitable[None]], spent_s: float | None = None,
        *, heard: bool = True,
    ) -> None:  # fmt: skip
        """`spent_s`: for how long it is being rendered already, where that is known. `hold` makes sure that the job is still
        ours to stop, or raises.

        `heard`: its messages come here. A server tells of a job only to the connection that sent it, and a second one with
        the same name would silence both: what another worker sent is looked for in history and queue, and a server that
        hangs with it is noticed at the deadline only.
        """
        self._instance, self._prompt_id, self._stop = instance, prompt_id, stop
        self._clock, self._pace, self._report, self._show, self._saved = clock, pace, report, show, saved
        self.meter = Meter(graph)
        self._told = self._shown = float("-inf")
        self._unseen, self._patience, self._heard, self._began, self._hold = 0, patience, heard, began, hold
        # when it began to be rendered, as far as anybody saw; None while it waits there
        self._begun_at = None if spent_s is None else clock.monotonic() - spent_s
        self._alive_at: float | None = None  # the last sign of progress; None while it waits there, or nobody tells
        self._ended = False
        self._silent_since: float | None = None
        self._stop_sent_at: float | None = None
        self._previews: set[asyncio.Task[None]] = set()

    async def follow(self, channel: Channel) -> Verdict:
        """The verdict of history. Raises Faulted (lost, away longer than the grace) and Stopped."""
        client = self._instance.board.client_id if self._heard else None
        if self._begun_at is not None and (verdict := await self._look()) is not None:
            return verdict  # while nobody looked it came to its end, however long ago it began
        wake = asyncio.create_task(self._wake_when_stopped(channel))
        try:
            while True:
                await self._interrupt_when_asked()
                heard = client is not None and client == self._instance.board.client_id
                message = await self._next(channel, heard)
                self._note_life(message, heard)
                goes_on = message is not None and not self._ends(message)
                if goes_on and self._overdue() is None:
                    continue
                if (verdict := await self._look()) is not None:
                    return verdict
                if self._silent_since is None and (fault := self._overdue()) is not None:
                    await self._give_up(fault)
        finally:
            for task in (wake, *self._previews):
                task.cancel()
            await asyncio.gather(wake, *self._previews, return_exceptions=True)

    async def _next(self, channel: Channel, heard: bool) -> Message | None:
        """The next message, or None. A process that was stopped meanwhile has not watched: that time counts for nothing."""
        pause, before = self._pause(heard), self._clock.monotonic()
        message = await channel.next(pause)
        asleep = self._clock.monotonic() - before - pause
        if asleep > _ASLEEP_S:
            self._begun_at, self._alive_at, self._silent_since = (
                None if at is None else at + asleep for at in (self._begun_at, self._alive_at, self._silent_since)
            )
        return message

    async def _wake_when_stopped(self, channel: Channel) -> None:
        await self._stop.wait()
        channel.push(("stop", {}))

    def _pause(self, heard: bool) -> float:
        hurry = self._ended or self._stop_sent_at is not None or self._silent_since is not None
        return self._pace.history_s if heard and not hurry else self._pace.blind_s

    def _ends(self, message: Any) -> bool:
        """Whether it is time to look into history; everything else is shown."""
        if isinstance(message, Preview):
            self._preview(message)
            return False
        kind, data = message
        if kind in ("disconnected", "stop"):
            return True
        if kind == "executing" and data.get("node") is None:
            self._ended = True
            return True
        if kind == "executed" and isinstance(data.get("node"), str):
            self._saved(data["node"], data.get("output"))
        now = self._clock.monotonic()
        reading = self.meter.hear(kind, data, now)
        if reading is not None and now - self._told >= _BETWEEN_PROGRESS_S:
            self._told = now
            self._report(reading)
        return False

    def _preview(self, preview: Preview) -> None:
        now = self._clock.monotonic()
        if now - self._shown < _BETWEEN_PREVIEWS_S or self._previews:
            return
        self._shown = now
        task = asyncio.create_task(self._shrink(preview.picture))
        self._previews.add(task)
        task.add_done_callback(self._previews.discard)

    async def _shrink(self, picture: bytes) -> None:
        if (image := await asyncio.to_thread(shrink, picture)) is not None:
            self._show(image)

    def _note_life(self, message: Any, heard: bool) -> None:
        """Only what the server says about this job is a sign; where it cannot be heard, its silence says nothing."""
        kind = None if message is None else "preview" if isinstance(message, Preview) else message[0]
        if kind not in (None, "stop", "disconnected"):
            self._alive_at = self._clock.monotonic()
            self._begun()
        if not heard or kind == "disconnected":
            self._alive_at = None

    def _begun(self) -> None:
        if self._begun_at is None:
            self._begun_at = self._clock.monotonic()
            self._began()

    def _overdue(self) -> Faulted | None:
        """Rendered for too long, or without a sign of progress: unless it has ended, as one look tells."""
        now, patience, where = self._clock.monotonic(), self._patience, self._instance.where
        if self._ended:
            return None
        if self._begun_at is not None and now - self._begun_at >= patience.deadline_s:
            return Faulted(late(where, patience.deadline_s))
        if self._alive_at is not None and now - self._alive_at >= patience.silence_s:
            return silent(where, patience.silence_s)
        return None

    async def _give_up(self, fault: Faulted) -> None:
        await self._hold()
        with suppress(Faulted):  # it may not listen to that either
            await self._instance.http.cancel(self._prompt_id)
        raise fault

    async def _look(self) -> Verdict | None:
        """History, then the queue. Nowhere twice in a row means lost; not answering longer than the grace means away."""
        try:
            entry = await self._instance.http.history(self._prompt_id)
            place = None if entry is not None else await self._instance.http.place(self._prompt_id)
        except Faulted as error:
            self._unreachable(error)
            return None
        self._silent_since = None
        if entry is not None:
            return read_verdict(entry)
        if place == "running":
            self._begun()
        self._unseen = 0 if place is not None else self._unseen + 1
        if self._unseen >= _LOOKS_UNTIL_LOST:
            if self._stop.is_set():
                raise Stopped(confirmed=True)
            raise lost(self._instance.where)
        return None

    def _unreachable(self, error: Faulted) -> None:
        if error.fault.kind is not FaultKind.CONNECTION:
            raise error
        self._instance.suspect()
        now = self._clock.monotonic()
        self._silent_since = now if self._silent_since is None else self._silent_since
        if now - self._silent_since >= self._pace.grace_s:
            raise error

    async def _interrupt_when_asked(self) -> None:
        if not self._stop.is_set():
            return
        now = self._clock.monotonic()
        if self._stop_sent_at is None:
            self._stop_sent_at = now
        elif now - self._stop_sent_at > self._pace.cancel_s:
            raise Stopped  # it does not listen now: it is told again when it does
        try:
            await self._instance.http.cancel(self._prompt_id)
        except Faulted as error:
            self._unreachable(error)
