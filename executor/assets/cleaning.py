"""Run the program that takes an untrusted file apart, under its limits."""

from __future__ import annotations

import asyncio
import json
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from base.log import get_logger
from base.settings import Limits
from executor.assets.sniff import Family, Way
from executor.assets.strip import Facts
from executor.errors import ImageTooComplex, MediaTooComplex, NoRoom, NotAnImage, TooLarge, UnreadableMedia
from executor.sanitize import picture, plain, stream

log = get_logger(__name__)
_PROGRAMS = {Way.PICTURE: picture.__file__, Way.STREAM: stream.__file__, Way.PLAIN: plain.__file__}
_ERRORS = {
    "too_large": TooLarge, "not_an_image": NotAnImage, "image_too_complex": ImageTooComplex,
    "unreadable_media": UnreadableMedia, "media_too_complex": MediaTooComplex, "no_room": NoRoom,
}  # fmt: skip
_BYTES_PER_S = 20_000_000  # what even a slow disk copies: long files get longer


@dataclass(frozen=True)
class Cleaner:
    """Each child may use much memory, so only a few run at a time."""

    limits: Limits
    places: asyncio.Semaphore

    async def clean(self, family: Family, source: Path, target: Path, poster: Path) -> Facts:
        """Write the clean file, and of a video or sound a picture to `poster`.

        Raises TooLarge (pixels), NotAnImage, ImageTooComplex, UnreadableMedia, MediaTooComplex (time or memory), NoRoom.
        """
        seconds = self.limits.decode_seconds + (await asyncio.to_thread(source.stat)).st_size / _BYTES_PER_S
        async with self.places:
            code, answer = await self._run(self._command(family, source, target, poster, seconds), seconds)
        if code == 0:
            return Facts(
                answer["media_type"], answer.get("width"), answer.get("height"), answer.get("duration_s"),
                answer.get("facts", {}),
            )  # fmt: skip
        killed = ImageTooComplex if family.way is Way.PICTURE else MediaTooComplex
        if code < 0:  # killed: by the kernel at a limit, or by us at the deadline
            raise killed
        log.info("upload_refused", error=answer.get("error"))
        raise _ERRORS.get(answer.get("error", ""), NotAnImage if family.way is Way.PICTURE else UnreadableMedia)

    async def shrink(self, source: Path, target: Path, edge: int) -> None:
        """Write a small copy of a picture of ours: `edge` pixels at most. Raises as `clean`."""
        command = self._command(Family(Way.PICTURE, "picture"), source, target, target, self.limits.decode_seconds)
        async with self.places:
            code, answer = await self._run([*command, "--edge", str(edge)], self.limits.decode_seconds)
        if code != 0:
            raise NoRoom if answer.get("error") == NoRoom.code else ImageTooComplex

    def _command(self, family: Family, source: Path, target: Path, poster: Path, seconds: float) -> list[str]:
        common = ["--memory", str(self.limits.decode_bytes), "--seconds", str(max(1, int(seconds)))]
        pixels, name = ["--pixels", str(self.limits.upload_pixels)], ["--family", family.name]
        special = {
            Way.PICTURE: [str(source), str(target), *pixels],
            Way.STREAM: [str(source), str(target), str(poster), *name, *pixels],
            Way.PLAIN: [str(source), str(target), *name],
        }
        return [_PROGRAMS[family.way], *special[family.way], *common]

    async def _run(self, command: list[str], seconds: float) -> tuple[int, dict[str, Any]]:
        # By file and isolated: no environment, no current folder, nothing of the house to import.
        process = await asyncio.create_subprocess_exec(
            sys.executable, "-I", *command,
            stdin=asyncio.subprocess.DEVNULL, stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.DEVNULL, env={},
        )  # fmt: skip
        try:
            async with asyncio.timeout(seconds):
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
