"""Run the decoding child on an upload, under its limits."""

from __future__ import annotations

import asyncio
import json
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from base.log import get_logger
from base.settings import Limits
from executor import sanitize
from executor.assets.strip import Facts
from executor.errors import ImageTooComplex, NotAnImage, TooLarge

log = get_logger(__name__)
_ERRORS = {"too_large": TooLarge, "not_an_image": NotAnImage, "image_too_complex": ImageTooComplex}


@dataclass(frozen=True)
class Cleaner:
    """Each child may use much memory, so only a few run at a time."""

    limits: Limits
    places: asyncio.Semaphore

    async def clean(self, source: Path, target: Path) -> Facts:
        """Write the clean picture. Raises TooLarge (pixels), NotAnImage, ImageTooComplex (time or memory)."""
        async with self.places:
            code, answer = await self._run(source, target)
        if code == 0:
            return Facts(answer["media_type"], answer["width"], answer["height"])
        if code < 0:  # killed: by the kernel at a limit, or by us at the deadline
            raise ImageTooComplex
        log.info("upload_refused", error=answer.get("error"))
        raise _ERRORS.get(answer.get("error", ""), NotAnImage)

    async def _run(self, source: Path, target: Path) -> tuple[int, dict[str, Any]]:
        # By file and isolated: no environment, no current folder, nothing of the house to import.
        process = await asyncio.create_subprocess_exec(
            sys.executable, "-I", sanitize.__file__, str(source), str(target),
            "--pixels", str(self.limits.upload_pixels), "--memory", str(self.limits.decode_bytes),
            "--seconds", str(max(1, int(self.limits.decode_seconds))),
            stdin=asyncio.subprocess.DEVNULL, stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.DEVNULL, env={},
        )  # fmt: skip
        try:
            async with asyncio.timeout(self.limits.decode_seconds):
                output, _ = await process.communicate()
        except TimeoutError:
            return -9, {}
        finally:
            if process.returncode is None:
                process.kill()
                await process.wait()
        return int(process.returncode or 0), _answer(output)


def _answer(output: bytes) -> dict[str, Any]:
    try:
        answer = json.loads(output)
    except ValueError:
        return {}
    return answer if isinstance(answer, dict) else {}
