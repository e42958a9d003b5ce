"""What is known of a picture in a graph before anything runs: a table of ComfyUI's nodes. Pure.

A picture that goes through a file comes back as three colours of 8 bits between 0 and 1, upright, one file each. A node is
in the table when what it gives is so already, apart from the 8 bits; whatever is not in it stays with files. (Pictures with
transparency, values beyond the ends as bicubic resampling makes them, several heads of one model: not in it.)
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from typing import Any

from tools.fusion.model import Graph
from tools.model import Size


@dataclass(frozen=True)
class Picture:
    """A batch of opaque pictures, or the latent of one: pixels and how many, where that is known."""

    size: Size | None = None
    count: int | None = None


Look = Callable[[Any], Picture | None]
Inputs = Mapping[str, Any]
Rule = Callable[[Inputs, Look], Picture | None]
_EXACT = frozenset({"nearest-exact", "bilinear", "area", "lanczos"})
_MOST = 200  # nodes on the way, which is also how deep it goes


def picture_of(graph: Graph, link: Any, files: Mapping[str, Size] | None = None) -> Picture | None:
    """What comes along a link, None where it may not be what a file would give. `files`: sizes of inputs by their name."""
    known: dict[tuple[str, int], Picture | None] = {}

    def look(link: Any) -> Picture | None:
        if not _is_link(link) or link[0] not in graph or len(known) > _MOST:
            return None
        node_id, slot = link
        if (node_id, slot) not in known:
            known[node_id, slot] = None  # until it is known; so that a circle ends
            known[node_id, slot] = _picture(graph[node_id], slot, files or {}, look)
        return known[node_id, slot]

    return look(link)


def _picture(node: Mapping[str, Any], slot: int, files: Mapping[str, Size], look: Look) -> Picture | None:
    name, inputs = node["class_type"], node["inputs"]
    if name == "LoadImage":  # a file may hold several frames: how many is not known
        file = inputs.get("image")
        return Picture(files.get(file) if isinstance(file, str) else None) if slot == 0 else None
    slots, rule = _TABLE.get(name, ((), _nothing))
    return rule(inputs, look) if slot in slots else None


def _nothing(_inputs: Inputs, _look: Look) -> None:
    return None


def _same(name: str) -> Rule:
    return lambda inputs, look: look(inputs.get(name))


def _any_size(name: str) -> Rule:
    def rule(inputs: Inputs, look: Look) -> Picture | None:
        source = look(inputs.get(name))
        return source and replace(source, size=None)

    return rule


def _empty(cell: int) -> Rule:
    """Sides off the grid of a latent come out a little smaller: how much is the model's affair."""

    def rule(inputs: Inputs, _look: Look) -> Picture:
        return Picture(_if_on_grid(_sides(inputs), cell), _whole(inputs.get("batch_size", 1)))

    return rule


def _encoded(name: str) -> Rule:
    def rule(inputs: Inputs, look: Look) -> Picture | None:
        source = look(inputs.get(name))
        return source and replace(source, size=_if_on_grid(source.size, 16))

    return rule


def _scaled(inputs: Inputs, look: Look) -> Picture | None:
    source = look(inputs.get("image"))
    if source is None or inputs.get("upscale_method") not in _EXACT:
        return None
    return replace(source, size=_sides(inputs))


def _scaled_by(inputs: Inputs, look: Look) -> Picture | None:
    source, factor = look(inputs.get("image")), inputs.get("scale_by")
    if source is None or inputs.get("upscale_method") not in _EXACT:
        return None
    if source.size is None or not isinstance(factor, int | float):
        return replace(source, size=None)
    return replace(source, size=Size(round(source.size.width * factor), round(source.size.height * factor)))


def _cropped(inputs: Inputs, look: Look) -> Picture | None:
    source, wanted = look(inputs.get("image")), _sides(inputs)
    x, y = _whole(inputs.get("x")), _whole(inputs.get("y"))
    if source is None:
        return None
    whole = source.size
    if whole is None or wanted is None or x is None or y is None:
        return replace(source, size=None)
    left, top = min(x, whole.width - 1), min(y, whole.height - 1)
    return replace(source, size=Size(min(wanted.width, whole.width - left), min(wanted.height, whole.height - top)))


def _turned(inputs: Inputs, look: Look) -> Picture | None:
    source, turn = look(inputs.get("image")), inputs.get("rotation")
    if source is None or source.size is None or turn in ("none", "180 degrees"):
        return source
    sideways = turn in ("90 degrees", "270 degrees")
    return replace(source, size=Size(source.size.height, source.size.width) if sideways else None)


def _padded(inputs: Inputs, look: Look) -> Picture | None:
    source = look(inputs.get("image"))
    sides = [_whole(inputs.get(side)) for side in ("left", "right", "top", "bottom")]
    if source is None or source.size is None or any(side is None for side in sides):
        return source and replace(source, size=None)
    left, right, top, bottom = (side or 0 for side in sides)
    return replace(source, size=Size(source.size.width + left + right, source.size.height + top + bottom))


def _repeated(inputs: Inputs, look: Look) -> Picture | None:
    source = look(inputs.get("samples" if "samples" in inputs else "image"))
    times = _whole(inputs.get("amount"))
    many = None if source is None or source.count is None or times is None else source.count * times
    return source and replace(source, count=many)


def _picked(inputs: Inputs, look: Look) -> Picture | None:
    source = look(inputs.get("image"))
    return source and replace(source, count=1 if inputs.get("length") == 1 else None)


def _blended(inputs: Inputs, look: Look) -> Picture | None:
    first, second = look(inputs.get("image1")), look(inputs.get("image2"))
    return first if first is not None and second is not None else None


def _laid_over(inputs: Inputs, look: Look) -> Picture | None:
    under, over = look(inputs.get("destination")), look(inputs.get("source"))
    return under if under is not None and over is not None else None


def _stitched(inputs: Inputs, look: Look) -> Picture | None:
    sides = [look(inputs[name]) for name in ("image1", "image2") if name in inputs]
    return None if None in sides else Picture()


def _sides(inputs: Inputs) -> Size | None:
    width, height = _whole(inputs.get("width")), _whole(inputs.get("height"))
    return Size(width, height) if width and height else None


def _if_on_grid(size: Size | None, cell: int) -> Size | None:
    return size if size is not None and size.width % cell == size.height % cell == 0 else None


def _whole(value: Any) -> int | None:
    return value if isinstance(value, int) and not isinstance(value, bool) else None


def _is_link(value: Any) -> bool:
    return isinstance(value, list) and len(value) == 2 and isinstance(value[0], str) and isinstance(value[1], int)


_FIRST = (0,)
_TABLE: dict[str, tuple[tuple[int, ...], Rule]] = {
    "EmptyLatentImage": (_FIRST, _empty(16)),
    "EmptySD3LatentImage": (_FIRST, _empty(16)),
    "EmptyFlux2LatentImage": (_FIRST, _empty(16)),
    "KSampler": (_FIRST, _same("latent_image")),
    "KSamplerAdvanced": (_FIRST, _same("latent_image")),
    "SamplerCustom": ((0, 1), _same("latent_image")),
    "SamplerCustomAdvanced": ((0, 1), _same("latent_image")),
    "SetLatentNoiseMask": (_FIRST, _same("samples")),
    "RepeatLatentBatch": (_FIRST, _repeated),
    "VAEEncode": (_FIRST, _encoded("pixels")),
    "InpaintModelConditioning": ((2,), _encoded("pixels")),
    "VAEDecode": (_FIRST, _same("samples")),
    "VAEDecodeTiled": (_FIRST, _same("samples")),
    "EmptyImage": (_FIRST, _empty(1)),
    "ImageScale": (_FIRST, _scaled),
    "ImageScaleBy": (_FIRST, _scaled_by),
    "ImageUpscaleWithModel": (_FIRST, _any_size("image")),
    "ImageCrop": (_FIRST, _cropped),
    "ImageFlip": (_FIRST, _same("image")),
    "ImageRotate": (_FIRST, _turned),
    "ImageInvert": (_FIRST, _same("image")),
    "ImageBlur": (_FIRST, _same("image")),
    "ImageSharpen": (_FIRST, _same("image")),
    "ImageQuantize": (_FIRST, _same("image")),
    "ImageFromBatch": (_FIRST, _picked),
    "RepeatImageBatch": (_FIRST, _repeated),
    "ImageBlend": (_FIRST, _blended),
    "ImageStitch": (_FIRST, _stitched),
    "ImageCompositeMasked": (_FIRST, _laid_over),
    "MaskToImage": (_FIRST, lambda _inputs, _look: Picture()),
    "Canny": (_FIRST, _same("image")),
    "StationThisColorAdjust": (_FIRST, _same("image")),
    "StationThisGrain": (_FIRST, _same("image")),
    "StationThisLevels": (_FIRST, _same("image")),
    "StationThisPad": (_FIRST, _padded),
    "StationThisText": (_FIRST, _same("image")),
    "StationThisVignette": (_FIRST, _same("image")),
}
"""Class -> which of its outputs are pictures or latents that are known, and what is known of them."""
NODES = frozenset(_TABLE)
