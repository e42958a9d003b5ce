"""The executor put together from its real parts."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass

from base.bell import Bell
from base.clock import Clock
from base.crypto import KeyStore
from base.db import Database
from base.events import EventLog
from base.settings import Settings
from executor.assets import store as asset_store
from executor.assets.service import AssetService
from executor.assets.storage import Storage
from executor.comfy.memory import Memory
from executor.lifecycle import Lifecycle
from executor.pace import Pace
from executor.pool import InstancePool, Provider, Starter
from executor.providers.local import LocalProvider
from executor.providers.static import StaticProvider
from executor.service import RunService
from executor.work import Bench, Build, Implement
from executor.worker import TOPIC, Worker
from tools.protocols import Catalogue
from tools.service import choose_implementation


@dataclass(frozen=True)
class Executor:
    """What the rooms above receive; `worker` and `providers` are for whoever starts and stops the process."""

    runs: RunService
    assets: AssetService
    pool: InstancePool
    worker: Worker
    providers: tuple[Provider, ...]


@asynccontextmanager
async def open_executor(
    settings: Settings, db: Database, keys: KeyStore, events: EventLog, bell: Bell, clock: Clock, build: Build,
    catalogue: Catalogue, *, implement: Implement = choose_implementation, pace: Pace | None = None, work: bool = True,
    renderer: Sequence[str] | None = (), starters: Sequence[Starter] = (),
) -> AsyncIterator[Executor]:  # fmt: skip
    """Open the executor. Instances are met in the background; `renderer` are arguments of the embedded one, None for none;
    `starters` are where more instances could come from."""
    pace = pace or Pace()

    def changed() -> None:
        bell.ring(TOPIC)

    storage = Storage(settings.data / "assets")
    await asyncio.to_thread(storage.prepare)
    assets = AssetService(storage, db, keys, clock, settings.limits, int(settings.max_upload_gb * 2**30))
    lifecycle = Lifecycle(keys, events, clock, asset_store.outputs_of_step, assets.of_step, changed)
    providers = _providers(settings, clock, pace, changed, renderer)
    pool = InstancePool([provider.instance for provider in providers], catalogue, starters)
    bench = Bench(db, lifecycle, assets, events, clock, pace, catalogue, build, implement)
    worker = Worker(bench, pool, bell, alone=db.is_sqlite, deadline_s=settings.limits.job_seconds)
    attending = [asyncio.create_task(provider.attend()) for provider in providers]
    if work:
        worker.start()
    try:
        yield Executor(RunService(db, keys, lifecycle, assets), assets, pool, worker, providers)
    finally:
        await worker.stop()
        for task in attending:
            task.cancel()
        await asyncio.gather(*attending, return_exceptions=True)


def _providers(
    settings: Settings, clock: Clock, pace: Pace, changed: Callable[[], None], renderer: Sequence[str] | None
) -> tuple[Provider, ...]:
    memory = Memory(settings.data / "instances")
    static = [
        StaticProvider(url, clock=clock, pace=pace, changed=changed, memory=memory) for url in settings.comfy_urls
    ]
    if renderer is None:
        return tuple(static)
    local = LocalProvider(
        settings.data / "renderer", clock=clock, pace=pace, changed=changed, samplers=not static, arguments=renderer
    )  # fmt: skip
    return (*static, local)
