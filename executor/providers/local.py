"""The embedded renderer: a child process of ours that speaks ComfyUI's protocol, started again when it dies.

The child reads our end of a pipe and ends when it closes, so that even `kill -9` on us leaves no process behind.
"""

from __future__ import annotations

import asyncio
import contextlib
import fcntl
import json
import shutil
import sys
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import IO

from base.clock import Clock
from base.log import get_logger
from executor.comfy.http import FileRef
from executor.comfy.instance import Instance
from executor.pace import Pace

log = get_logger(__name__)
ROOT = Path(__file__).resolve().parent.parent.parent
_START_S = 60.0
_END_S = 2.0


def is_local(name: str) -> bool:
    """Whether an instance of this id is a process's own renderer."""
    return name == "local" or name.startswith("local-")


class LocalInstance(Instance):
    """The one instance whose disk is ours: pictures that were collected do not stay on it."""

    folder: Path | None = None

    def forget_files(self, files: Sequence[FileRef]) -> None:
        for ref in files:
            if self.folder is not None:
                path = (self.folder / ref.type / ref.subfolder / ref.filename).resolve()
                if path.is_relative_to(self.folder.resolve()):
                    path.unlink(missing_ok=True)


class LocalProvider:
    """`samplers` is False beside a real ComfyUI: then it takes plain image operations only."""

    def __init__(
        self, folder: Path, name: str = "local", *, clock: Clock, pace: Pace, changed: Callable[[], None], samplers: bool,
        arguments: Sequence[str] = (),
    ) -> None:  # fmt: skip
        self._folder, self._clock, self._pace, self._arguments = folder, clock, pace, arguments
        self.instance = LocalInstance(
            name, "http://127.0.0.1:0", clock=clock, pace=pace, changed=changed, sketch=True, samplers=samplers
        )
        self.instance.folder = folder
        self.process: asyncio.subprocess.Process | None = None
        self._lock: IO[str] | None = None

    async def attend(self) -> None:
        """Start, watch, start again; ends the child when cancelled."""
        pause, longest = self._pace.backoff_s
        try:
            while True:
                started = self._clock.monotonic()
                await self._live()
                lived = self._clock.monotonic() - started
                pause = self._pace.backoff_s[0] if lived > 10 * longest else min(pause * 2, longest)
                await self._clock.sleep(pause)
        finally:
            await self.instance.close()
            if self._lock is not None:
                self._lock.close()

    async def _live(self) -> None:
        try:
            await self._live_once()
        except Exception as error:  # noqa: BLE001  the rim: no process, no file left; it is tried again
            log.error("renderer_broke", error=type(error).__name__)

    async def _live_once(self) -> None:
        process = self.process = await self._start()
        try:
            if (port := await self._port(process)) is None:
                return
            await self.instance.point(f"http://127.0.0.1:{port}")
            attending = asyncio.create_task(self.instance.attend())
            try:
                await process.wait()
            finally:
                attending.cancel()
                await asyncio.gather(attending, return_exceptions=True)
        finally:
            self.instance.mark(False)
            await _end(process)
            log.info("renderer_ended", code=process.returncode)

    async def _start(self) -> asyncio.subprocess.Process:
        await asyncio.to_thread(self._own_folder)
        return await asyncio.create_subprocess_exec(
            sys.executable, "-m", "executor.renderer", "--port", "0", "--data", str(self._folder.resolve()), "--parent-pipe",
            *self._arguments, cwd=ROOT, stdin=asyncio.subprocess.PIPE, stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.DEVNULL,  # its tracebacks may hold somebody's words
        )  # fmt: skip

    def _own_folder(self) -> None:
        """An empty one that is marked as ours while this process lives. What earlier renderers kept is only cache, and may
        hold somebody's pictures: the folders of processes that are gone go too."""
        self._folder.parent.mkdir(parents=True, exist_ok=True)
        if self._lock is None:
            self._lock = _locked(self._folder.with_suffix(".lock"))
        shutil.rmtree(self._folder, ignore_errors=True)
        for mark in self._folder.parent.glob("*.lock"):
            if mark.stem != self._folder.name and (lock := _locked(mark)) is not None:
                shutil.rmtree(mark.with_suffix(""), ignore_errors=True)
                mark.unlink(missing_ok=True)
                lock.close()
        self._folder.mkdir(parents=True, exist_ok=True)

    async def _port(self, process: asyncio.subprocess.Process) -> int | None:
        """From the one line that it prints when it listens."""
        assert process.stdout is not None
        with contextlib.suppress(TimeoutError, ValueError, KeyError, TypeError):
            async with asyncio.timeout(_START_S):
                return int(json.loads(await process.stdout.readline())["port"])
        log.warning("renderer_did_not_start", code=process.returncode)
        return None


def _locked(mark: Path) -> IO[str] | None:
    """The open file with its lock, which the kernel frees with the process; None when somebody else holds it."""
    file = mark.open("a", encoding="ascii")
    try:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        file.close()
        return None
    return file


async def _end(process: asyncio.subprocess.Process) -> None:
    """Close its pipe, then insist."""
    if process.stdin is not None:
        process.stdin.close()
    for insist in (process.terminate, process.kill, None):
        try:
            async with asyncio.timeout(_END_S):
                await process.wait()
                return
        except TimeoutError:
            if insist is not None:
                insist()
