"""The bell: it tells listeners that the database has something new, and carries what is never stored.

A ring holds no data and may be lost: readers read the database by number and look every second anyway. Transient
messages (progress, previews) ride on the same topics; who is not listening misses them.
"""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager
from typing import Any, Protocol

MAX_WAITING = (
    64  # transient messages kept for a slow listener; older ones are dropped, they are outdated anyway
)


class Listener(Protocol):
    def wake(self) -> None:
        """Ring for this listener alone."""
        ...

    async def wait(self, timeout: float | None) -> list[dict[str, Any]]:
        """Return on a ring, a message or the timeout (seconds, None for none), with the transient messages that came
        meanwhile."""
        ...


class Bell(Protocol):
    def ring(self, topic: str) -> None: ...

    def publish(self, topic: str, message: dict[str, Any]) -> None: ...

    def listen(self, topic: str) -> AbstractContextManager[Listener]: ...

    def silent_s(self) -> float | None:
        """For how many seconds nothing was heard of what carries it to other processes; None where there is no such thing."""
        ...


class LocalListener:
    """A listener of this process."""

    def __init__(self) -> None:
        self._woken = asyncio.Event()
        self._messages: list[dict[str, Any]] = []

    def wake(self, message: dict[str, Any] | None = None) -> None:
        if message is not None:
            self._messages = [*self._messages[1 - MAX_WAITING :], message]
        self._woken.set()

    async def wait(self, timeout: float | None) -> list[dict[str, Any]]:
        try:
            async with asyncio.timeout(timeout):
                await self._woken.wait()
        except TimeoutError:
            pass
        self._woken.clear()
        messages, self._messages = self._messages, []
        return messages


class LocalBell:
    """The bell of a single process."""

    def __init__(self) -> None:
        self._listeners: dict[str, set[LocalListener]] = {}

    def silent_s(self) -> float | None:
        return None

    def ring(self, topic: str) -> None:
        for listener in self._listeners.get(topic, ()):
            listener.wake()

    def publish(self, topic: str, message: dict[str, Any]) -> None:
        for listener in self._listeners.get(topic, ()):
            listener.wake(message)

    @contextmanager
    def listen(self, topic: str) -> Iterator[Listener]:
        listener = LocalListener()
        self._listeners.setdefault(topic, set()).add(listener)
        try:
            yield listener
        finally:
            self._listeners[topic].discard(listener)
            if not self._listeners[topic]:
                del self._listeners[topic]
