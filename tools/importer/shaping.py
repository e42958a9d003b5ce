"""How large a picture is that the graph makes of one that was brought: a rule of tools.derive, a link of the chain a node."""

from __future__ import annotations

from tools.importer.media import reads_input
from tools.importer.numbers import evaluated, handed_on, is_number
from tools.importer.outputs import media_kind
from tools.importer.wiring import Link, Place, Wiring
from tools.model import MediaKind

UNSIZED = "unsized"
BORDERS = ("left", "top", "right", "bottom")
"""What ImagePadForOutpaint calls the pixels that it adds."""
_SAME_SIZE = {
    "Canny", "ImageBlur", "ImageInvert", "ImageSharpen", "JoinImageWithAlpha", "PreviewImage", "SaveImage",
    "SaveImageAdvanced",
}  # fmt: skip
"""Nodes that give a picture as large as the first one they are given."""
_GRIDS = (8, 16, 32, 64)
_TRIED = (777.0, 1000.0, 1025.0, 2000.0)


def rule_of(wiring: Wiring, link: Link, grid: int) -> str:
    """The rule for a result as large as this picture, on the grid that its latent has (1: none)."""
    chain = _chain(wiring, link)
    if chain is None:
        return UNSIZED
    return ">".join([*chain, f"kept:{grid}"])


def rule_of_number(wiring: Wiring, side: Place, grid: int) -> str:
    """The rule for a result whose side is the side of a picture, as it is or brought onto a grid."""
    link = wiring.link(side)
    if link is None:
        return UNSIZED
    if wiring.class_of(link.node) == "ComfyMathExpression":
        grid = max(grid, _grid_of(str(wiring.value(Place(link.node, "expression")))))
        inside = handed_on(wiring, link)
        known = len(inside) == 1 and grid > 1
        return rule_of_number(wiring, inside[0], grid) if known else UNSIZED
    if wiring.class_of(link.node) != "GetImageSize" or link.slot > 1:
        return UNSIZED
    picture = wiring.link(Place(link.node, "image"))
    return rule_of(wiring, picture, grid) if picture else UNSIZED


def borders(wiring: Wiring, above: set[str]) -> dict[str, Place]:
    """Where it is written how many pixels a picture grows on each side, if one node does that."""
    nodes = [node for node in sorted(above) if wiring.class_of(node) == "ImagePadForOutpaint"]
    found = {side: Place(node, side) for node in nodes for side in BORDERS}
    return (
        found if len(nodes) == 1 and all(is_number(wiring.value(place)) for place in found.values()) else {}
    )


def first_picture(wiring: Wiring, node: str) -> Link | None:
    """The first picture or film that a node is given."""
    return next((link for _, link in wiring.linked(node) if media_kind(wiring, link) is not None), None)


def _chain(wiring: Wiring, link: Link) -> list[str] | None:
    """What happens to the size between the picture that was brought and this; None where that is not known."""
    if reads_input(wiring, link):
        return [] if media_kind(wiring, link) is MediaKind.IMAGE else None
    source = first_picture(wiring, link.node)
    step = _step(wiring, link.node)
    before = _chain(wiring, source) if source is not None and step is not None else None
    return None if before is None or step is None else [*before, *([step] if step else [])]


def _step(wiring: Wiring, node: str) -> str | None:
    """The rule of one node; empty where it keeps the size, None where it is not known."""
    given = wiring.graph[node]["inputs"]
    numbers = {name.removeprefix("resize_type."): value for name, value in given.items() if is_number(value)}
    name = wiring.class_of(node)
    if name in _SAME_SIZE:
        return ""
    if name == "FluxKontextImageScale":
        return "kontext"
    if name == "ImagePadForOutpaint":
        return "padded" if borders(wiring, set(wiring.graph)) else None
    if "megapixels" in numbers:
        return f"megapixels:{numbers['megapixels']:g}:{int(numbers.get('resolution_steps', 1))}"
    longest = numbers.get("largest_size", numbers.get("longer_size"))
    return None if longest is None else f"longest:{int(longest)}"


def _grid_of(expression: str) -> int:
    """The grid that a sum brings a side onto, such as `floor(a/32)*32`; 0 where it does something else."""
    found = [evaluated(expression, {"a": value}) for value in _TRIED]
    return next((g for g in _GRIDS if found == [value // g * g for value in _TRIED]), 0)
