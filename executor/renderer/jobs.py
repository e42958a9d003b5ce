"""Jobs that wait, the one that runs, and the history of those that ended. Safe to use from any thread."""

from __future__ import annotations

import heapq
import threading
from collections.abc import Callable
from dataclasses import dataclass
from itertools import count, islice
from typing import Any

HISTORY_LIMIT = 10_000


@dataclass(frozen=True)
class Job:
    number: float
    id: str
    graph: dict[str, Any]
    extra: dict[str, Any]
    outputs: tuple[str, ...]

    @property
    def client(self) -> str | None:
        client = self.extra.get("client_id")
        return client if isinstance(client, str) else None

    def public(self) -> list[Any]:
        """The five-part form seen in /queue and /history."""
        return [self.number, self.id, self.graph, self.extra, list(self.outputs)]


class JobQueue:
    """A heap by number, then id. `changed` is called after each change, outside the lock."""

    def __init__(self, changed: Callable[[], None]) -> None:
        self._changed = changed
        self._condition = threading.Condition()
        self._heap: list[tuple[float, str, int, Job]] = []
        self._order = count()
        self._running: Job | None = None
        self._history: dict[str, dict[str, Any]] = {}
        self._closed = False
        self._interrupt = threading.Event()

    def put(self, job: Job) -> None:
        with self._condition:
            heapq.heappush(self._heap, (job.number, job.id, next(self._order), job))
            self._condition.notify()
        self._changed()

    def take(self, timeout: float) -> Job | None:
        """The next job, marked as running; None when none came in time (seconds) or the queue is closed."""
        with self._condition:
            self._condition.wait_for(lambda: self._heap or self._closed, timeout)
            if self._closed or not self._heap:
                return None
            self._running = heapq.heappop(self._heap)[-1]
            self._interrupt.clear()
            job = self._running
        self._changed()
        return job

    def finish(self, job: Job, entry: dict[str, Any]) -> None:
        """Move the running job to the history, before anyone is told that it is over."""
        with self._condition:
            self._running = None
            self._history.pop(job.id, None)
            self._history[job.id] = entry
            while len(self._history) > HISTORY_LIMIT:
                del self._history[next(iter(self._history))]
        self._changed()

    def close(self) -> None:
        """End `take` for good and interrupt what runs."""
        with self._condition:
            self._closed = True
            self._heap.clear()
            self._interrupt.set()
            self._condition.notify_all()

    @property
    def closed(self) -> bool:
        return self._closed

    @property
    def interrupted(self) -> threading.Event:
        return self._interrupt

    def interrupt(self, job_id: str | None) -> None:
        """Stop what runs, or only the named job if it is what runs."""
        with self._condition:
            if self._running and job_id in (None, self._running.id):
                self._interrupt.set()

    def running(self) -> Job | None:
        with self._condition:
            return self._running

    def remaining(self) -> int:
        with self._condition:
            return len(self._heap) + (self._running is not None)

    def snapshot(self) -> dict[str, list[list[Any]]]:
        with self._condition:
            running = [self._running.public()] if self._running else []
            return {"queue_running": running, "queue_pending": [item[-1].public() for item in self._heap]}

    def delete(self, ids: list[Any]) -> None:
        """Drop pending jobs, one for each listed id."""
        with self._condition:
            before = len(self._heap)
            for wanted in ids:
                self._drop(wanted)
            heapq.heapify(self._heap)
            changed = len(self._heap) != before
        if changed:
            self._changed()

    def clear(self) -> None:
        with self._condition:
            self._heap.clear()
        self._changed()

    def history(self, max_items: int | None = None, offset: int = -1) -> dict[str, Any]:
        """Ended jobs, oldest first; without an offset the last `max_items`."""
        with self._condition:
            if max_items is None and offset < 0:
                return dict(self._history)
            total = len(self._history)
            start = offset if offset >= 0 else max(0, total - (max_items or 0))
            stop = total if max_items is None else start + max(0, max_items)
            return dict(islice(self._history.items(), start, stop))

    def history_of(self, job_id: str) -> dict[str, Any]:
        with self._condition:
            entry = self._history.get(job_id)
            return {job_id: entry} if entry is not None else {}

    def forget(self, ids: list[Any]) -> None:
        with self._condition:
            for job_id in ids:
                self._history.pop(job_id, None)

    def forget_all(self) -> None:
        with self._condition:
            self._history.clear()

    def _drop(self, wanted: Any) -> None:
        for place, item in enumerate(self._heap):
            if item[1] == wanted:
                del self._heap[place]
                return
