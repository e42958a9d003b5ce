"""Which inputs a graph can do without: a loader is left out with whatever cannot run without it."""

from __future__ import annotations

from collections.abc import Iterable

from tools.graph import Graph, without
from tools.importer.media import MediaPort
from tools.importer.wiring import Wiring
from tools.model import MediaKind

_NEVER = {MediaKind.MASK}
"""A mask says where to work; without it the work would be done somewhere else."""
_ENDS = {"start_image", "end_image"}


def loose_links(wiring: Wiring) -> tuple[tuple[str, str], ...]:
    """The links that ComfyUI lets one leave out, as node id and input."""
    return tuple(
        (place.node, place.input)
        for place, _ in wiring.links()
        if (spec := wiring.spec(place)) is not None and not spec.required
    )


def optional_ports(
    graph: Graph,
    ports: Iterable[MediaPort],
    loose: tuple[tuple[str, str], ...],
    ends: Iterable[str],
    talks: bool,
) -> set[str]:
    """The ports after the first of their kind whose absence leaves every output standing.

    The first one of a kind stays required even where ComfyUI would run without: it is what the tool works on. So does
    either end of a film. A language model works on whatever it is given.
    """
    ports = list(ports)
    kinds: set[MediaKind] = set(MediaKind) if talks and len(ports) > 1 else set()
    optional = set()
    for port in ports:
        if port.kind in kinds and port.kind not in _NEVER and port.role not in _ENDS:
            left = without(graph, [place.node for place in port.places], loose)
            if set(ends) <= set(left):
                optional.add(port.port)
        kinds.add(port.kind)
    return optional
