"""What a planner may refer to: the handles of a conversation and what still renders, as plain values. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from typing import Any

from agent.model import Shown
from executor.model import VERSION, Asset
from tools.model import AssetRef, Plan, Size, StepRef
from tools.service import output_size

MAX_DEPTH = 100  # steps back to the words; a chain of edits this long is no person's


def shown_handles(rows: Sequence[Any], assets: Mapping[str, Asset]) -> list[Shown]:
    """One Shown per handle, oldest first. `rows` have number, asset_id and turn_id; deleted assets are left out."""
    names = {row["asset_id"]: f"A{row['number']}" for row in reversed(rows)}
    found: list[Shown] = []
    for row in rows:
        asset = assets.get(row["asset_id"])
        if asset is not None:
            item = _shown(f"A{row['number']}", asset, names, assets)
            found.append(replace(item, set=item.run_id or row["turn_id"]))
    return found


def still_rendering(
    plan: Plan, run_id: str, made: Iterable[str], tools: Any, known: Sequence[Shown]
) -> list[Shown]:
    """The steps of a run at work that will be delivered and are not yet."""
    finished = set(made)
    sizes: dict[str, Size | None] = {}
    waiting: list[Shown] = []
    for step in plan.steps:
        tool = tools.get(step.tool)
        inputs = {port: _size(refs[0], sizes, known) for port, refs in step.inputs.items() if refs}
        sizes[step.id] = (
            output_size(tool, step.params, {p: s for p, s in inputs.items() if s})
            if all(inputs.values())
            else None
        )
        if step.deliver and step.id not in finished:
            parents = tuple(ref.handle for refs in step.inputs.values() for ref in refs if ref.handle)
            whole = Shown(
                ref=f"run:{run_id}:{step.id}", handle=None, kind=next(iter(step.outputs.values())).value, origin="output",
                size=sizes[step.id], run_id=run_id, step_id=step.id, tool=step.tool, params=step.params, parents=parents,
                words=_words(step.params, parents, known), set=run_id,
            )  # fmt: skip
            waiting += _each(whole, int(step.params.get("count", 1)))
    return waiting


def _each(whole: Shown, many: int) -> list[Shown]:
    """A step that makes several pictures makes each of them something to refer to."""
    if many < 2:
        return [whole]
    return [replace(whole, ref=f"{whole.ref}.{n + 1}", index=n) for n in range(many)]


def _above(asset: Asset, names: Mapping[str, str], assets: Mapping[str, Asset]) -> tuple[str, ...]:
    """The nearest ancestors with handles; inner results of a chain are walked through."""
    found: list[str] = []
    for parent in asset.parents:
        if parent.port == VERSION:
            continue
        if parent.asset_id in names:
            found.append(names[parent.asset_id])
        elif parent.asset_id in assets:
            found += _above(assets[parent.asset_id], names, assets)
    return tuple(dict.fromkeys(found))


def _shown(handle: str, asset: Asset, names: Mapping[str, str], assets: Mapping[str, Asset]) -> Shown:
    size = Size(asset.width, asset.height) if asset.width and asset.height else None
    words = _prompt(asset, assets) if asset.origin == "output" else asset.name or ""
    refined = next((names.get(parent.asset_id) for parent in asset.parents if parent.port == VERSION), None)
    return Shown(
        ref=handle, handle=handle, kind=asset.kind.value, origin=asset.origin, size=size, asset_id=asset.id,
        run_id=asset.run_id, step_id=asset.step_id, tool=asset.tool, params=asset.params or {},
        parents=_above(asset, names, assets), words=words, version_of=refined,
        file_bytes=asset.file_bytes,
    )  # fmt: skip


def _prompt(asset: Asset, assets: Mapping[str, Asset], depth: int = 0) -> str:
    """The prompt behind a picture: its own, else that of what it was made from, inner results included; never the name
    of a file."""
    if asset.origin != "output" or depth > MAX_DEPTH:
        return ""
    if (asset.params or {}).get("prompt"):
        return str((asset.params or {})["prompt"])
    entered = [parent.asset_id for parent in asset.parents if parent.port != VERSION]
    above = assets.get(entered[0]) if entered else None
    return _prompt(above, assets, depth + 1) if above is not None else ""


def _words(params: Mapping[str, Any], parents: Sequence[str], known: Sequence[Shown]) -> str:
    """The prompt behind a picture: its own, else that of what it was made from; never the name of a file."""
    if params.get("prompt"):
        return str(params["prompt"])
    made = (item for item in known if parents and item.handle == parents[0] and item.origin == "output")
    return next((item.words for item in made), "")


def _size(ref: AssetRef | StepRef, sizes: Mapping[str, Size | None], known: Sequence[Shown]) -> Size | None:
    if isinstance(ref, StepRef) and ref.run_id is None:
        return sizes.get(ref.step_id)
    asset_id = ref.asset_id if isinstance(ref, AssetRef) else None
    return next((item.size for item in known if asset_id and item.asset_id == asset_id), None)
