"""The inputs of one job, on their way to an instance: files under names that say what they hold, texts as texts."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

from base.errors import Problem
from executor.assets.objects import Spoiled
from executor.assets.service import AssetService
from executor.comfy.faults import Faulted, of_the_house, too_large
from executor.comfy.instance import Instance
from executor.errors import StorageAway
from executor.model import VERSION, Asset, Fault, FaultKind, JobStep, Link, Owner, Parent
from tools.model import MediaKind, Size, Tool

_FOLDERS = {MediaKind.MODEL3D: "3d"}
"""Where under `input` the loaders look, if not right there."""


@dataclass(frozen=True)
class Inputs:
    """`names` are what a graph wants to know by port; `sizes` the pixels of those that have some, `files` by name."""

    names: dict[str, list[str]]
    sizes: dict[str, Size]
    files: dict[str, Size]


def entering(one: JobStep, tool: Tool) -> dict[str, list[str | Link]]:
    """Port -> asset ids and links, as many as the port takes."""
    ports = tool.inputs
    return {n: many[: ports[n].count[1]] if n in ports else many for n, many in one.inputs.items()}


def kept(one: JobStep, tool: Tool) -> dict[str, list[str]]:
    """Of these the assets: what exists already."""
    return {port: [given for given in many if isinstance(given, str)] for port, many in entering(one, tool).items()}


def parents_of(one: JobStep, tool: Tool) -> tuple[Parent, ...]:
    """What entered the step, and the picture that it refines."""
    entered = [Parent(asset_id, port) for port, ids in kept(one, tool).items() for asset_id in ids]
    refined = one.step.version_of
    return tuple(entered) if refined is None else (*entered, Parent(refined.asset_id, VERSION))


async def send_inputs(assets: AssetService, one: JobStep, tool: Tool, owner: Owner, instance: Instance) -> Inputs:
    """What a step needs beside what others of its job make. Raises Faulted: an input is gone, or too large for the instance."""
    found = Inputs({}, {}, {})
    for port, ids in kept(one, tool).items():
        brought = [await _asset(assets, asset_id, owner.account_id) for asset_id in ids]
        found.names[port] = [await _sent(assets, asset, instance) for asset in brought]
        if brought and brought[0].width and brought[0].height:
            found.sizes[port] = found.files[found.names[port][0]] = Size(brought[0].width, brought[0].height)
    return found


async def _asset(assets: AssetService, asset_id: str, account_id: str) -> Asset:
    try:
        return await assets.get(asset_id, account_id)
    except Problem:
        raise Faulted(Fault(FaultKind.JOB, "input_failed")) from None


async def _sent(assets: AssetService, asset: Asset, instance: Instance) -> str:
    """The input's name on the instance: by its hash, so that equal inputs hit ComfyUI's cache. A text is its own name."""
    if asset.kind is MediaKind.TEXT:
        async with _opened(assets, asset) as path:
            return await asyncio.to_thread(Path.read_text, path, encoding="utf-8")
    name = f"stationthis-{asset.sha256[:40]}.{asset.ending}"
    folder = _FOLDERS.get(asset.kind, "")
    known = f"{folder}/{name}" if folder else name
    if known in instance.uploaded:
        return known
    has = instance.capabilities
    if has is not None and not has.takes_file(asset.bytes):  # it takes less than when the job was given to it
        raise Faulted(too_large(instance.where, asset.bytes, instance.takes_bytes))
    async with _opened(assets, asset) as path:
        stored = await instance.http.upload(path, name, folder)
    if stored == known:
        instance.uploaded.add(known)
    return stored


@asynccontextmanager
async def _opened(assets: AssetService, asset: Asset) -> AsyncIterator[Path]:
    async with AsyncExitStack() as stack:
        try:
            path = await stack.enter_async_context(assets.opened(asset))
        except StorageAway as problem:
            raise Faulted(of_the_house(problem.code, problem.detail)) from None
        except Spoiled as problem:
            raise Faulted(Fault(FaultKind.JOB, problem.code, problem.detail)) from None
        except Problem:
            raise Faulted(Fault(FaultKind.JOB, "input_failed")) from None
        yield path
