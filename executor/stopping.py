"""What takes long ends when its job is stopped."""

from __future__ import annotations

import asyncio
from collections.abc import Coroutine
from typing import Any, TypeVar

from executor.comfy.follow import Stopped

T = TypeVar("T")


async def unless_stopped(stop: asyncio.Event, doing: Coroutine[Any, Any, T]) -> T:
    """What it gives. Raises Stopped as soon as `stop` is set; it is cancelled then, so it must not be in a transaction."""
    task, asked = asyncio.create_task(doing), asyncio.create_task(stop.wait())
    try:
        await asyncio.wait({task, asked}, return_when=asyncio.FIRST_COMPLETED)
        if not task.done():
            raise Stopped
        return await task
    finally:
        task.cancel()
        asked.cancel()
        await asyncio.gather(task, asked, return_exceptions=True)
