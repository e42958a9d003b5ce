"""The outputs of one job, on their way home: fetched, typed by what they hold, cleaned; and those that no port asked for left."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from contextlib import AsyncExitStack
from typing import Any

from executor.assets.intake import Prepared
from executor.assets.service import AssetService, Made
from executor.assets.sniff import fits
from executor.assets.vault import Held
from executor.blackness import is_black
from executor.comfy.faults import Faulted, of_the_house
from executor.comfy.http import FileRef
from executor.comfy.instance import Instance
from executor.comfy.verdict import Verdict
from executor.errors import MediaTooComplex, NoRoom, NotAnImage, StorageAway, TooLarge, UnreadableMedia
from executor.model import Fault, FaultKind, Owner
from executor.room import needed
from executor.stopping import unless_stopped
from tools.model import MediaKind, Tool

Source = FileRef | str
_BAD = (NotAnImage, UnreadableMedia, MediaTooComplex, TooLarge)


def wanted(outputs: Mapping[str, str], verdict: Verdict, tool: Tool) -> dict[str, list[Source]]:
    """Port -> its files, or the texts that its node showed where it saved none. Ports without any are left out."""
    found: dict[str, list[Source]] = {}
    for port, node in outputs.items():
        sources: list[Source] = [*verdict.files.get(node, ())]
        if not sources and tool.outputs[port].kind is MediaKind.TEXT:
            sources = [text for text in verdict.texts.get(node, ()) if text.strip()]
        if sources:
            found[port] = sources
    return found


class Collector:
    """Fetches for one job; temporary files live, and bytes are held, as long as `stack`."""

    def __init__(
        self, assets: AssetService, instance: Instance, tool: Tool, owner: Owner, stack: AsyncExitStack,
        stop: asyncio.Event,
    ) -> None:  # fmt: skip
        self._assets, self._instance, self._tool, self._stop = assets, instance, tool, stop
        self._owner, self._stack = owner, stack

    async def collect(
        self, port: str, sources: list[Source], origin: dict[str, Any], *, shall_show: bool = False
    ) -> list[Made]:
        """In the order of the batch. A node may save more than its port speaks of (a still beside its video): that is left.

        `shall_show`: pictures that are all black are a fault of the model. Raises Faulted for that, where nothing fits, a
        file is broken or the storage is away; FileGone; Stopped.
        """
        kind = self._tool.outputs[port].kind
        made: list[Made] = []
        black = shall_show
        for source in sources:
            ready = await self._fetched(source)
            black = black and await asyncio.to_thread(_is_black, ready)
            if fits(kind, ready.facts.media_type):
                held, stored = await self._held(ready), ready.stored
                made.append(Made(held, stored.bytes, stored.sha256, ready.facts, kind, port, len(made), origin))
        if not made:
            raise Faulted(self._garbled(kind))
        if black:
            raise Faulted(Fault(FaultKind.MODEL, "not_a_number", "The model computed nothing but black pixels."))
        return made

    async def _fetched(self, source: Source) -> Prepared:
        try:
            with needed():
                return await self._brought(source)
        except NoRoom as problem:
            raise Faulted(of_the_house(problem.code, problem.detail)) from None

    async def _brought(self, source: Source) -> Prepared:
        path = self._assets.intake.temporary(self._stack)
        if isinstance(source, str):
            path.write_text(source, encoding="utf-8")
            declared, name = "text/plain", "text.txt"
        else:
            declared = await unless_stopped(self._stop, self._instance.http.fetch(source, path))
            name = source.filename
        try:
            return await self._assets.intake.fetched(path, self._stack, declared, name)
        except _BAD:
            raise Faulted(self._garbled(None)) from None

    async def _held(self, ready: Prepared) -> Held:
        try:
            return await self._stack.enter_async_context(self._assets.holding(self._owner, ready))
        except StorageAway as problem:
            raise Faulted(of_the_house(problem.code, problem.detail)) from None

    def _garbled(self, kind: MediaKind | None) -> Fault:
        what = "file that cannot be read" if kind is None else f"file that is no {_WORDS[kind]}"
        detail = f"The render server at {self._instance.where} sent a {what}."
        return Fault(FaultKind.HOST, "host_failed", detail)


def _is_black(ready: Prepared) -> bool:
    with ready.stored.path.open("rb") as file:
        return is_black(file)


_WORDS = {
    MediaKind.IMAGE: "picture", MediaKind.MASK: "mask", MediaKind.VIDEO: "video", MediaKind.AUDIO: "sound",
    MediaKind.TEXT: "text", MediaKind.MODEL3D: "3D model",
}  # fmt: skip
