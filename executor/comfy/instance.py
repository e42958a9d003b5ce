"""One ComfyUI as we know it: reached or not, what it can run, and how to talk to it."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from dataclasses import replace
from datetime import datetime
from typing import Any

import websockets

from base.clock import Clock
from base.log import get_logger
from executor.comfy.capabilities import nothing_loaded, read_capabilities, read_gpu
from executor.comfy.faults import Faulted
from executor.comfy.http import ComfyHttp, FileRef
from executor.comfy.memory import Memory
from executor.comfy.socket import Switchboard, connect, listen
from executor.model import Gpu
from executor.pace import Pace
from tools.model import Capabilities

log = get_logger(__name__)


class Instance:
    """`up` is our last knowledge; `capabilities` are kept while it is away. `attend` keeps both true, for ever."""

    def __init__(
        self, id: str, url: str, *, clock: Clock, pace: Pace, changed: Callable[[], None], sketch: bool = False,
        samplers: bool = True, slots: int = 2, memory: Memory | None = None,
    ) -> None:  # fmt: skip
        self.id, self.sketch, self.slots = id, sketch, slots
        self.up = False
        self.since = clock.now()
        """Since when it is up or away, as far as we know."""
        self.capabilities: Capabilities | None = None
        self.seen_at: datetime | None = None
        """When it last told what it has; may be before our start."""
        self.cold_at: datetime | None = None
        """When it was last seen away, or with nothing in its memory: what it had loaded before is not known to be there."""
        self.struck = False
        """Whether it failed a job since it did one, as far as we know."""
        self.board = Switchboard()
        self.http = ComfyHttp(url, pace.answer_s)
        self.uploaded: set[str] = set()
        """Names of inputs that this server has, since we last met it."""
        self._clock, self._pace, self._changed, self._samplers = clock, pace, changed, samplers
        self._look = asyncio.Event()
        self._told: bool | None = None
        self._memory = memory

    @property
    def where(self) -> str:
        """host:port, which may be shown."""
        return self.http.where

    @property
    def memory_gb(self) -> float:
        """Of its GPU; 0 where it has none, or nobody knows."""
        return 0.0 if self.capabilities is None else self.capabilities.vram_gb or 0.0

    def suspect(self) -> None:
        """Somebody could not reach it: look now."""
        self._look.set()

    async def point(self, url: str) -> None:
        """The server is somewhere else now (a child process that was started again)."""
        await self.http.close()
        self.http = ComfyHttp(url, self._pace.answer_s)
        self.uploaded.clear()

    @property
    def takes_bytes(self) -> int | None:
        """The largest request that it takes, as far as that is known."""
        return None if self.capabilities is None else self.capabilities.max_upload_bytes

    def forget_files(self, files: list[FileRef]) -> None:
        """A server of somebody else's keeps its files; the embedded one forgets them (see providers.local)."""

    async def gpu(self) -> Gpu:
        """What its memory looks like now; nothing where it has no GPU or does not say."""
        if self.capabilities is None or self.capabilities.vram_gb is None:
            return Gpu()
        try:
            return read_gpu(await self.http.system_stats())
        except Faulted:
            return Gpu()

    async def attend(self) -> None:
        """Meet it, talk with it, and meet it again whenever it went away. Ends only by cancellation."""
        await self._remember()
        pause, longest = self._pace.backoff_s
        while True:
            self._look.clear()
            if await self._round():
                pause = self._pace.backoff_s[0]
            await self._pause(pause)
            pause = min(pause * 2, longest)

    async def _round(self) -> bool:
        """Whether it was there, and talked."""
        try:
            return await self._meet() and await self._converse()
        except Exception as error:  # noqa: BLE001  the rim: whatever a server answers, it is met again
            log.error("instance_round_failed", instance=self.id, error=type(error).__name__)
            self.mark(False)
            return False

    async def close(self) -> None:
        self.up = False
        await self.http.close()

    def mark(self, up: bool) -> None:
        """Note and, once per change, say whether it is there."""
        if self.up is not up:
            self.up, self.since = up, self._clock.now()
        if not up:
            self.uploaded.clear()
            self.cold_at = self._clock.now()
        if self._told is not up:
            self._told = up
            log.info("instance_up" if up else "instance_away", instance=self.id, where=self.where)
            self._changed()

    async def _meet(self) -> bool:
        try:
            stats = await self.http.system_stats()
            info = await self.http.object_info()
            upload_bytes = await self.http.max_upload_bytes()
        except Faulted:
            self.mark(False)
            return False
        await self._learn(info, stats, upload_bytes)
        self.mark(True)
        return True

    async def _remember(self) -> None:
        """What it had when it was last seen, before our start: so that work for it can be planned while it is away."""
        kept = None if self._memory is None else await asyncio.to_thread(self._memory.read, self.id)
        if kept is not None and self.capabilities is None:
            self.capabilities, self.seen_at = kept
            self._changed()

    async def _learn(self, info: dict[str, Any], stats: dict[str, Any], upload_bytes: int) -> None:
        known, now = self.capabilities, self._clock.now()
        if nothing_loaded(stats):
            self.cold_at = now
        told = replace(
            read_capabilities(info, sketch=self.sketch, samplers=self._samplers, stats=stats), max_upload_bytes=upload_bytes
        )
        self.seen_at = now
        if known is not None and known == told:
            return
        self.capabilities = told
        if self._memory is not None:
            await asyncio.to_thread(self._memory.write, self.id, told, now)
        if self.up:
            self._changed()

    async def _converse(self) -> bool:
        """Until the socket breaks or the server does not answer. False without a socket: a proxy may forbid it, we still poll."""
        try:
            async with connect(self.http.url, self.board) as socket:
                over = asyncio.Event()
                listening, watching = asyncio.create_task(listen(socket, self.board)), asyncio.create_task(self._watch(over))
                try:
                    await asyncio.wait({listening, watching}, return_when=asyncio.FIRST_COMPLETED)
                    over.set()
                    self._look.set()
                    await watching
                finally:
                    for task in (listening, watching):
                        task.cancel()
                    await asyncio.gather(listening, watching, return_exceptions=True)
        except (OSError, TimeoutError, websockets.WebSocketException):
            return False
        return True

    async def _watch(self, over: asyncio.Event) -> None:
        """Read the lists again now and then; return when nobody answers, or when the talk is over. A question that is under
        way is not torn off: just then the HTTP client puts away the connections of a server that died, and would lose some."""
        while not over.is_set():
            await self._pause(self._pace.refresh_s)
            self._look.clear()
            if over.is_set() or not await self._meet():
                return

    async def _pause(self, seconds: float) -> None:
        """Sleep, unless somebody suspects something."""
        sleep = asyncio.create_task(self._clock.sleep(seconds))
        look = asyncio.create_task(self._look.wait())
        _, pending = await asyncio.wait({sleep, look}, return_when=asyncio.FIRST_COMPLETED)
        for task in pending:
            task.cancel()
        await asyncio.gather(*pending, return_exceptions=True)
