"""ComfyUI servers that somebody else runs, known by URL."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from urllib.parse import urlsplit, urlunsplit

from base.clock import Clock
from executor.comfy.instance import Instance
from executor.comfy.memory import Memory
from executor.pace import Pace


class StaticProvider:
    """One URL, one instance. It is never started or ended here, only met again and again."""

    def __init__(
        self, url: str, *, clock: Clock, pace: Pace, changed: Callable[[], None], memory: Memory | None = None
    ) -> None:
        self.instance = Instance(instance_id(url), url, clock=clock, pace=pace, changed=changed, memory=memory)

    async def attend(self) -> None:
        """For ever."""
        try:
            await self.instance.attend()
        finally:
            await self.instance.close()


def instance_id(url: str) -> str:
    """The same after every restart, so that jobs find their instance again, and without the password a URL may hold."""
    parts = urlsplit(url)
    plain = urlunsplit((parts.scheme, parts.netloc.rpartition("@")[2], parts.path.rstrip("/"), "", ""))
    return "static-" + hashlib.sha256(plain.encode()).hexdigest()[:16]
