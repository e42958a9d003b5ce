"""One look a second for all who follow a stream in this process, so that a lost ring costs a second at most and a thousand
idle followers cost one statement."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Collection, Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from base.bell import LocalListener

POLL_S = 1.0
Heads = Callable[[Collection[str]], Awaitable[dict[str, int]]]
"""Stream -> the number of its newest event, for each of these."""


@dataclass(eq=False)
class Follower:
    """Who has read `stream` up to `after`; `wake` has him read on."""

    stream: str
    after: int
    wake: Callable[[], None]


class Lookout:
    """Looks for as long as anybody follows."""

    def __init__(self, heads: Heads) -> None:
        self._heads = heads
        self._followers: set[Follower] = set()
        self._looking: asyncio.Task[None] | None = None
        self._pause = LocalListener()
        """Nobody rings it: it waits in the same time as those who follow."""

    @contextmanager
    def mind(self, follower: Follower) -> Iterator[None]:
        """Wake him when his stream has grown past what he has read. He keeps `after` up to date."""
        self._followers.add(follower)
        if self._looking is None or self._looking.done():
            self._looking = asyncio.create_task(self._look_on())
        try:
            yield
        finally:
            self._followers.discard(follower)
            if not self._followers and self._looking is not None:
                self._looking.cancel()
                self._looking = None

    async def _look_on(self) -> None:
        while True:
            await self._pause.wait(POLL_S)
            try:
                heads = await self._heads({follower.stream for follower in self._followers})
            except Exception:  # noqa: BLE001  who then reads for himself is told, as anybody is who reads
                heads = None
            for follower in list(self._followers):
                if heads is None or heads.get(follower.stream, 0) > follower.after:
                    follower.wake()
