"""The size of the result: two numbers that a person may set, or what the picture that was brought makes of it."""

from __future__ import annotations

import math
from dataclasses import dataclass, field, replace

from tools.derive import parse_ratio
from tools.errors import BadParameter
from tools.importer.numbers import handed_on, is_number, leaves
from tools.importer.outputs import media_kind
from tools.importer.sampling import spine
from tools.importer.shaping import UNSIZED, first_picture, rule_of, rule_of_number
from tools.importer.wiring import Link, Place, Wiring

Sides = dict[Place, float]
"""Where one side is written, with what stands there."""
_NAMED = ("{}", "resize_type.{}", "target_{}")
"""How nodes that make or scale pictures call a side."""
_RESIZES = (
    "ImageScale",
    "ImageUpscale",
    "LatentUpscale",
    "ResizeImage",
    "ImageCrop",
    "ImagePad",
    "ImageStitch",
)
_ENCODED = 8
"""A picture that is encoded loses what is left over of so many pixels."""


@dataclass(frozen=True)
class Canvas:
    """Where width and height are written, and the number both must be multiples of; `rule` is for tools.derive where
    nobody sets them."""

    width: Sides = field(default_factory=dict)
    height: Sides = field(default_factory=dict)
    multiple: int = 1
    rule: str | None = UNSIZED
    batches: tuple[Place, ...] = ()
    """Where it is written how many pictures of that size are begun."""
    resized: bool = False
    """What is begun in that size is not saved in it."""


def find_canvas(wiring: Wiring, end: str) -> Canvas:
    """Look at what the first sampler starts from; without one, at the node nearest to the output that sets a size."""
    way = spine(wiring, end)
    for node in reversed(way):
        makes = wiring.type_of(Link(node, _latent_slot(wiring, node)))
        if {"width", "height"} <= set(wiring.graph[node]["inputs"]) and makes in ("LATENT", "IMAGE"):
            found = _begun(wiring, node, _of_node(wiring, node, wiring.ancestors(end)))
            return replace(found, resized=_is_resized(wiring, end))
    for node in reversed(way):
        for _, link in wiring.linked(node):
            makes = wiring.type_of(Link(node, _latent_slot(wiring, node)))
            if media_kind(wiring, link) is not None and makes == "LATENT":
                return _of_picture(wiring, link, wiring.ancestors(end))
    return _of_saved(wiring, end)


def _of_saved(wiring: Wiring, end: str) -> Canvas:
    """Where nothing is sampled, what is saved is the picture itself, worked on."""
    source = first_picture(wiring, end)
    return Canvas(rule=rule_of(wiring, source, 1) if source else UNSIZED)


def _latent_slot(wiring: Wiring, node: str) -> int:
    """Which output is the latent; the first where none is."""
    kinds = wiring.info.get(wiring.class_of(node), {}).get("output") or []
    return kinds.index("LATENT") if "LATENT" in kinds else 0


def _begun(wiring: Wiring, node: str, canvas: Canvas) -> Canvas:
    """With the number of pictures that the node begins; of a film the number is one."""
    place = Place(node, "batch_size")
    written = tuple(leaves(wiring, place)) if wiring.value(place) is not None else ()
    is_film = any(name in wiring.graph[node]["inputs"] for name in ("length", "video_frames", "num_frames"))
    return canvas if is_film or not canvas.width else replace(canvas, batches=written)


def _of_node(wiring: Wiring, node: str, above: set[str]) -> Canvas:
    width = _written(wiring, Place(node, "width"))
    height = _written(wiring, Place(node, "height"))
    if not width or not height:
        return Canvas(rule=rule_of_number(wiring, Place(node, "width"), _step(wiring, node)))
    if set(width) & set(height):  # one number for both: set each where it is read
        width = {Place(node, "width"): next(iter(width.values()))}
        height = {Place(node, "height"): next(iter(height.values()))}
    return _with_twins(wiring, width, height, above, _step(wiring, node))


def _of_picture(wiring: Wiring, link: Link, above: set[str]) -> Canvas:
    width, height = _of_image(wiring, link, "width"), _of_image(wiring, link, "height")
    if width and height and not set(width) & set(height):
        return _with_twins(wiring, width, height, above, _ENCODED)
    return Canvas(rule=rule_of(wiring, link, _ENCODED))


def _with_twins(wiring: Wiring, width: Sides, height: Sides, above: set[str], step: int) -> Canvas:
    """Every other node that is told the same size is told it again."""
    size = next(iter(width.values())), next(iter(height.values()))
    for node in sorted(above):
        for form in _NAMED:
            pair = Place(node, form.format("width")), Place(node, form.format("height"))
            written = [_written(wiring, place) for place in pair]
            values = tuple(next(iter(sides.values()), None) for sides in written)
            if values == size and not set(written[0]) & (set(written[1]) | set(height)):
                width, height = width | written[0], height | written[1]
    return Canvas(width, height, _fitting(step, size), None)


def _fitting(step: int, size: tuple[float, float]) -> int:
    """The step that ComfyUI asks for, at least 8, unless the template's own size does not keep to it."""
    return math.gcd(max(step, 8), int(size[0]), int(size[1]))


def _step(wiring: Wiring, node: str) -> int:
    spec = wiring.spec(Place(node, "width"))
    return int(spec.options.get("step", 8)) if spec else 8


def _written(wiring: Wiring, place: Place) -> Sides:
    """Where a number is written at last, through sums and through the size of pictures made on the way."""
    link = wiring.link(place)
    if link is None:
        value = wiring.value(place)
        return {place: value} if is_number(value) else {}
    name = wiring.class_of(link.node)
    if name == "ResolutionSelector":
        side = _selected(wiring, link)
        return {} if side is None else {place: side}
    if name == "GetImageSize" and link.slot in (0, 1):
        source = wiring.link(Place(link.node, "image"))
        return _of_image(wiring, source, ("width", "height")[link.slot]) if source else {}
    found: Sides = {}
    for given in handed_on(wiring, link):
        found |= _written(wiring, given)
    return found if len(found) == 1 else {}


def _of_image(wiring: Wiring, link: Link, side: str) -> Sides:
    """Where the side of a picture that is made or scaled in the graph is written."""
    for form in _NAMED:
        place = Place(link.node, form.format(side))
        if wiring.value(place) is not None:
            return _written(wiring, place)
    source = first_picture(wiring, link.node)
    return _of_image(wiring, source, side) if source else {}


def _selected(wiring: Wiring, link: Link) -> float | None:
    """The side that a shape and a number of pixels come to; None where they make no sense."""
    ratio = str(wiring.value(Place(link.node, "aspect_ratio"))).split(" ")[0]
    multiple, area = (wiring.value(Place(link.node, name)) for name in ("multiple", "megapixels"))
    try:
        shape = parse_ratio(ratio)
    except BadParameter:
        return None
    if not (is_number(multiple) and is_number(area) and multiple > 0 and area > 0):
        return None
    pixels = area * 1024 * 1024
    exact = math.sqrt(pixels * shape) if link.slot == 0 else math.sqrt(pixels / shape)
    return float(round(exact / multiple) * multiple)


def _is_resized(wiring: Wiring, end: str) -> bool:
    """Whether the result is brought to another size after it was begun; an upsampler between two stages only makes up
    for a first one that is half as large."""
    node: str | None = end
    while node is not None:
        if wiring.class_of(node).startswith(_RESIZES):
            return True
        if {"width", "height"} <= set(wiring.graph[node]["inputs"]):
            return False
        links = [link for _, link in wiring.linked(node)]
        latents = [link.node for link in links if wiring.type_of(link) == "LATENT"]
        pictures = [link.node for link in links if media_kind(wiring, link) is not None]
        node = next(iter([*latents, *pictures]), None)
    return False
