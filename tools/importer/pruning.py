"""Which inputs a graph can do without: a loader is left out with whatever cannot run without it."""

from __future__ import annotations

from collections.abc import Iterable

from tools.graph import Graph, without
from tools.importer.media import MediaPort
from tools.importer.wiring import Wiring
from tools.model import MediaKind

_NEVER = {MediaKind.MASK}
"""A mask says where to work; without it the work would be done somewhere else."""


def loose_links(wiring: Wiring) -> tuple[tuple[str, str], ...]:
    """The links that ComfyUI lets one leave out, as node id and input."""
    return tuple(
        (place.node, place.input)
        for place, _ in wiring.links()
        if (spec := wiring.spec(place)) is not None and not spec.required
    )


def optional_ports(
    graph: Graph, ports: Iterable[MediaPort], loose: tuple[tuple[str, str], ...], ends: Iterable[str]
) -> set[str]:
    """The ports after the first of their kind whose absence leaves every output standing.

    The first one of a kind stays required even where ComfyUI would run without: it is what the tool works on.
    """
    kinds: set[MediaKind] = set()
    optional = set()
    for port in ports:
        if port.kind in kinds and port.kind not in _NEVER:
            left = without(graph, [place.node for place in port.places], loose)
            if set(ends) <= set(left):
                optional.add(port.port)
        kinds.add(port.kind)
    return optional
