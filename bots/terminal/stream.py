"""Server-sent events, as far as this program needs them: pure, a line in, sometimes a frame out."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator
from typing import Any


async def frames(lines: AsyncIterator[str]) -> AsyncIterator[dict[str, Any]]:
    """The JSON of each `data:`; comments, which keep the connection alive, and frames without data are passed over."""
    data: list[str] = []
    async for line in lines:
        if line.startswith("data:"):
            data.append(line.removeprefix("data:").removeprefix(" "))
        elif not line and data:
            yield json.loads("\n".join(data))
            data = []
