"""The one thread that runs jobs, one at a time, so that HTTP stays responsive."""

from __future__ import annotations

import threading

from .cache import Cache
from .config import Config
from .execution import Execution
from .files import Folders
from .jobs import Job, JobQueue
from .nodes.registry import Registry
from .ws import Hub


class Worker:
    def __init__(
        self, queue: JobQueue, registry: Registry, hub: Hub, config: Config, folders: Folders
    ) -> None:
        self._queue, self._registry, self._hub = queue, registry, hub
        self._config, self._folders = config, folders
        self._cache = Cache()
        self._forget = threading.Event()
        self._thread = threading.Thread(target=self._loop, name="renderer-worker", daemon=True)

    def start(self) -> None:
        self._thread.start()

    def stop(self, timeout: float) -> None:
        """Interrupt what runs and wait up to `timeout` seconds for the thread to end."""
        self._queue.close()
        self._thread.join(timeout)

    def forget_results(self) -> None:
        """Drop all cached results before the next job."""
        self._forget.set()

    def _loop(self) -> None:
        import scipy.ndimage  # noqa: F401  loaded here, while the server already answers

        while not self._queue.closed:
            job = self._queue.take(timeout=60.0)
            if self._forget.is_set():
                self._forget.clear()
                self._cache.clear()
            if job is not None:
                self._run(job)

    def _run(self, job: Job) -> None:
        stop = self._queue.interrupted
        entry = Execution(
            job, self._registry, self._cache, self._hub, self._config, self._folders, stop
        ).run()
        self._hub.executing = (None, None)
        self._queue.finish(job, entry)
        if job.client is not None:
            self._hub.send("executing", {"node": None, "prompt_id": job.id}, job.client)
