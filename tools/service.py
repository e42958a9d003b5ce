"""The catalogue at work: look up, search, check, build graphs."""

from __future__ import annotations

import asyncio
from collections import OrderedDict
from collections.abc import Callable, Collection, Hashable, Mapping, Sequence
from dataclasses import replace
from difflib import get_close_matches
from functools import cache
from pathlib import Path
from typing import Any

from tools import graph as graphs
from tools import rules
from tools.convert.conversion import Conversion, convert
from tools.curated import curated, joined
from tools.derive import Derived, derive
from tools.embedding import common_words
from tools.errors import ToolNotFound, ToolUnavailable, ToolUnknown
from tools.fusion.joining import Joining, fits
from tools.fusion.model import Fused, NotFusable, Part, Taken, named, part_of
from tools.graph import BoundGraph
from tools.index import ToolIndex
from tools.loras.insertion import inserted
from tools.loras.model import uses
from tools.loras.tags import without_tags
from tools.model import Availability, Capabilities, Implementation, ModelFile, Size, SourceKind, Tool
from tools.protocols import Found, Own
from tools.recorded import reference
from tools.search.collapsing import offered
from tools.search.sayings import known_as
from tools.shelf.names import is_own
from tools.shelf.ranking import merged
from tools.templates import loading
from tools.templates.loading import made_now

__all__ = [
    "Conversion", "Fused", "Joining", "NotFusable", "Part", "Taken", "ToolCatalogue", "all_tools", "build_graph",
    "choose_implementation", "common_words", "convert", "core_nodes", "fits", "known_as", "load_tools", "named", "output_size",
    "part_of", "ready_tools", "weight_files",
]  # fmt: skip

choose_implementation = rules.choose_implementation


LOOKED_AT = 100
"""So many tools are ranked before their groups are collapsed."""
EVERYDAY = ("text to image", "edit", "upscale", "background", "colour", "geometry", "style", "text to video", "image to video")
"""Families in the order in which a list begins."""
POOLS = 8
"""So many sets of instances are remembered with what can run on them."""
_Instances = tuple[tuple[Hashable, ...], ...]


class ToolCatalogue:
    """Implements tools.protocols.Catalogue."""

    def __init__(
        self, tools: Sequence[Tool], index: ToolIndex, own: Own | None = None, late: Callable[[], Sequence[Tool]] | None = None
    ) -> None:
        """`late` gives all tools where `tools` are only those that can be had at once; it may take seconds."""
        self._tools = {tool.name: tool for tool in tools}
        self._index, self._own, self._late = index, own, late
        self._known: OrderedDict[_Instances, dict[str, tuple[Tool, Availability]]] = OrderedDict()
        self._whole = asyncio.Event()
        if late is None:
            self._whole.set()

    async def prepare(self) -> None:
        """Get the late tools and fill the index; searches before that raise nothing but wait for nobody: ask `warm` first."""
        if self._late is not None:
            try:
                tools = await asyncio.to_thread(self._late)
                self._tools, self._late = {tool.name: tool for tool in tools}, None
            finally:
                self._whole.set()
        await self._index.build(self.all())

    async def whole(self) -> None:
        """Return once all tools are there that will be: what is not known then is not known here."""
        await self._whole.wait()

    def names(self) -> tuple[str, ...]:
        """Of all tools but people's own, those that stand behind another too."""
        return tuple(self._tools)

    def warm(self) -> bool:
        return self._index.ready

    def get(self, name: str) -> Tool:
        if self._own is not None and is_own(name):
            return self._own.get(name)
        if name not in self._tools:
            raise ToolUnknown(name, nearest(name, self._tools))
        return self._tools[name]

    async def fetch(self, name: str, account_id: str | None = None) -> Tool:
        if self._own is not None and is_own(name):
            return await self._own.fetch(name, account_id)
        return self.get(name)

    async def own(self, account_id: str) -> tuple[Tool, ...]:
        return () if self._own is None else await self._own.of(account_id)

    def all(self) -> tuple[Tool, ...]:
        """Without those that stand behind another; these are found by their name only."""
        return tuple(tool for tool in self._tools.values() if tool.behind is None)

    def availability(self, tool: Tool, capabilities: Sequence[Capabilities]) -> Availability:
        """Remembered by what the instances have, for the catalogue's own tools: a message asks for hundreds of them, and
        instances seldom change."""
        if tool.recipe:
            return self._castable(tool, capabilities)
        if tool.owner is not None:
            return rules.availability(tool, capabilities)
        instances = tuple(each.key for each in capabilities)
        known = self._known.setdefault(instances, {})
        self._known.move_to_end(instances)
        if len(self._known) > POOLS:
            self._known.popitem(last=False)
        of, answer = known.get(tool.name, (None, None))
        if of is not tool or answer is None:
            answer = rules.availability(tool, capabilities)
            known[tool.name] = (tool, answer)
        return answer

    def _castable(self, spell: Tool, capabilities: Sequence[Capabilities]) -> Availability:
        """A spell can be cast where each of its steps can run; the first that cannot says why."""
        sketch = False
        for step in spell.recipe:
            try:
                tool = self.get(step.tool)
            except ToolNotFound:
                return Availability(False, f"its step {step.id} uses a tool that is no longer there")
            can = rules.availability(tool, capabilities)
            if not can.available:
                return Availability(False, f"{tool.title}: {can.reason}")
            sketch = sketch or can.sketch
        return Availability(True, sketch=sketch)

    async def search(
        self, query: str, capabilities: Sequence[Capabilities], limit: int, account_id: str | None = None
    ) -> list[Found]:
        if not query.strip():
            own = [] if account_id is None else await self.own(account_id)
            listed = sorted(self.all(), key=_everyday_first)
            return [Found(tool, 0.0, self.availability(tool, capabilities)) for tool in [*own, *listed][:limit]]
        ranked = await self._index.search(query, max(LOOKED_AT, limit))
        mine = [] if self._own is None or account_id is None else await self._own.rank(query, account_id)
        known = self._tools | {tool.name: tool for tool, _ in mine}
        ranked = merged(ranked, [(tool.name, score) for tool, score in mine], max(LOOKED_AT, limit))
        found = [(known[name], score) for name, score in ranked if name in known]
        return offered([Found(tool, score, self.availability(tool, capabilities)) for tool, score in found], limit)


def nearest(name: str, names: Collection[str]) -> str | None:
    """The name that was meant by another: one that begins with it, `crop` -> `crop_image`, else one that looks like it."""
    longer = sorted((other for other in names if other.startswith(f"{name}_")), key=len)
    return next(iter([*longer, *get_close_matches(name, names, n=1, cutoff=0.7)]), None)


def _everyday_first(tool: Tool) -> tuple[bool, int, str, str]:
    """What is asked for most leads a list that nobody searched; templates follow the curated tools."""
    rank = EVERYDAY.index(tool.family) if tool.family in EVERYDAY else len(EVERYDAY)
    return tool.source.kind is not SourceKind.CURATED, rank, tool.family, tool.name


@cache
def load_tools() -> tuple[Tool, ...]:
    """The curated tools. Those that stand on a template are made on the spot, which takes some seconds for all, once."""
    return curated(made_now)


def all_tools(folder: Path) -> tuple[Tool, ...]:
    """The curated tools and the official templates, from the build in `folder`; made first (seconds) when it is missing or
    outdated. Raises TemplatesUnavailable."""
    return _joined(loading.load(folder))


def ready_tools(folder: Path) -> tuple[Tool, ...]:
    """What can be had in a fraction of a second: all tools where the build in `folder` is fresh, else the curated ones that
    stand on no template."""
    kept = loading.fresh(folder)
    return curated(None) if kept is None else _joined(kept)


def _joined(templates: tuple[Tool, ...]) -> tuple[Tool, ...]:
    by_template = {tool.source.name: tool for tool in templates}
    return joined(curated(lambda _names: by_template.get), templates)


def build_graph(
    tool: Tool,
    implementation: Implementation,
    params: Mapping[str, Any],
    inputs: Mapping[str, Sequence[str]],
    sizes: Mapping[str, Size],
    capabilities: Capabilities,
    filename_prefix: str,
) -> BoundGraph:
    """The API graph of one step for one instance.

    `inputs` are file names as LoadImage wants them, by port; `sizes` the pixels of those inputs. A model parameter left
    open takes the first file the instance lists, by name, so that the same instance always gives the same picture.
    """
    checked = rules.checked_params(tool, params)
    derived = derive(tool.derive, checked, sizes)
    files = {name: names[0] for name, names in inputs.items() if names}
    models = _chosen_models(tool, checked, capabilities)
    values = {**checked, **models, **derived.values, **files, "filename_prefix": filename_prefix}
    values |= {name: without_tags(values[name]) for name in ("prompt", "negative") if isinstance(values.get(name), str)}
    empty = [port for port, asked in tool.inputs.items() if asked.count[0] == 0 and port not in files]
    bound = graphs.bind(graphs.without_optional(implementation, empty), values)
    return replace(bound, graph=inserted(bound.graph, uses(checked), tool.base))


def weight_files(
    tool: Tool, implementation: Implementation, params: Mapping[str, Any], capabilities: Capabilities
) -> list[ModelFile]:
    """What this graph loads there: the files it names, those the parameters choose, and LoRAs. The instance has them all."""
    chosen = {name: params[name] for name, spec in tool.params.items() if spec.type == "model" and params.get(name)}
    files = [
        ModelFile(file=file, folder=rules.MODEL_FOLDERS[name])
        for name, file in (chosen | _chosen_models(tool, params, capabilities)).items()
    ]
    return [*implementation.models, *files, *(ModelFile(file=lora.file, folder="loras") for lora in uses(params))]


@cache
def core_nodes() -> frozenset[str]:
    """The node classes of ComfyUI's own, as they were recorded. Reads two files, once."""
    return frozenset(name for info in reference().values() for name in info)


def output_size(tool: Tool, params: Mapping[str, Any], sizes: Mapping[str, Size]) -> Size | None:
    """The pixels that a step will give, before anything runs; None when it cannot be known."""
    return _derived(tool, params, sizes).size


def _derived(tool: Tool, params: Mapping[str, Any], sizes: Mapping[str, Size]) -> Derived:
    return derive(tool.derive, rules.checked_params(tool, params), sizes)


def _chosen_models(tool: Tool, params: Mapping[str, Any], capabilities: Capabilities) -> dict[str, str]:
    chosen = {}
    for name, spec in tool.params.items():
        if spec.type != "model" or params.get(name):
            continue
        listed = sorted(capabilities.models.get(rules.MODEL_FOLDERS[name], ()))
        if not listed:
            raise ToolUnavailable(f"{tool.title} needs a file in models/{rules.MODEL_FOLDERS[name]}.")
        chosen[name] = listed[0]
    return chosen
