"""Pure rules that turn parameters and input sizes into what a graph needs: exact pixels, factors, prefixes.

Each returns the derived values and the size of the picture that comes out, so that a chain of steps knows every size
before anything runs.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from tools.errors import BadInput, BadParameter, LettersMissing
from tools.letters import missing
from tools.model import Size

KONTEXT_SIZES = (
    (672, 1568), (688, 1504), (720, 1456), (752, 1392), (800, 1328), (832, 1248), (880, 1184), (944, 1104), (1024, 1024),
)  # fmt: skip
"""What FluxKontextImageScale brings a picture to, upright; each lies down too."""
MAX_SIDE = 8_192
"""The longest side of what is made here, whatever makes it: such pictures still fit into the memory of a small server."""
_MOST_NAMED = 10  # letters in one sentence
CELL = 1024  # pixels of the longer side of a picture in a collage
COLORS = {
    "white": "#ffffff", "black": "#000000", "grey": "#808080", "red": "#d62828", "orange": "#f77f00", "yellow": "#ffd60a",
    "green": "#2a9d3f", "blue": "#1d5fd6", "purple": "#7b2cbf", "pink": "#ff6fae", "brown": "#7f5539", "gold": "#d4a017",
    "cream": "#fff6e0",
}  # fmt: skip
"""Colours of words, borders and gaps by the names that people say."""


@dataclass(frozen=True)
class Derived:
    """Values for the graph's `$names`, and the size of the output."""

    values: Mapping[str, Any]
    size: Size | None


Rule = Callable[[Mapping[str, Any], Mapping[str, Size]], Derived]


def derive(rule: str | None, params: Mapping[str, Any], sizes: Mapping[str, Size]) -> Derived:
    """Apply the rule of that name; without one the picture keeps its size.

    Several rules are joined by `+`; what a rule is told of its graph stands behind its name: `sides:16+frames:4`. The
    size is that of the first. Rules that only tell sizes follow one another with `>`: `longest:1024>kept:8`.
    """
    if rule is None:
        return Derived({}, sizes.get("image"))
    parts = [_applied(part, params, sizes) for part in rule.split("+")]
    return Derived({name: value for part in parts for name, value in part.values.items()}, parts[0].size)


def _applied(rule: str, params: Mapping[str, Any], sizes: Mapping[str, Size]) -> Derived:
    earlier, _, last = rule.rpartition(">")
    if earlier:
        size = _applied(earlier, params, sizes).size
        return Derived({}, None) if size is None else _applied(last, params, {"image": size})
    name, *told = rule.split(":")
    return TOLD[name](params, sizes, *map(float, told)) if name in TOLD else RULES[name](params, sizes)


def canvas(params: Mapping[str, Any], _sizes: Mapping[str, Size]) -> Derived:
    """A new picture: sides rounded to multiples of 16, which every latent accepts."""
    width, height = _multiple(params["width"], 16), _multiple(params["height"], 16)
    return Derived({"canvas_width": width, "canvas_height": height}, Size(width, height))


def repaint(_params: Mapping[str, Any], sizes: Mapping[str, Size]) -> Derived:
    """Paint over a picture: at about one megapixel, same shape, sides multiples of 16."""
    source = _image(sizes)
    scale = min(1.0, math.sqrt(1_048_576 / (source.width * source.height)))
    width, height = _multiple(source.width * scale, 16), _multiple(source.height * scale, 16)
    return Derived({"work_width": width, "work_height": height}, Size(width, height))


def enlarge(params: Mapping[str, Any], sizes: Mapping[str, Size]) -> Derived:
    """Exactly `factor` times the sides."""
    source = _image(sizes)
    return _sized(source.width * params["factor"], source.height * params["factor"])


def resize(params: Mapping[str, Any], sizes: Mapping[str, Size]) -> Derived:
    """By factor, or to a width, a height or both; one side alone keeps the shape."""
    source = _image(sizes)
    width, height, factor = params.get("width"), params.get("height"), params.get("factor")
    if width and height:
        return _sized(width, height)
    if width:
        return _sized(width, source.height * width / source.width)
    if height:
        return _sized(source.width * height / source.height, height)
    return _sized(source.width * (factor or 1.0), source.height * (factor or 1.0))


def crop(params: Mapping[str, Any], sizes: Mapping[str, Size]) -> Derived:
    """A frame of so many pixels, or the largest of the wanted ratio that fits, placed by `position`."""
    source = _image(sizes)
    width, height = _frame(params, source)
    free_x, free_y = source.width - width, source.height - height
    across = {"left": 0.0, "right": 1.0}.get(params["position"], 0.5)
    down = {"top": 0.0, "bottom": 1.0}.get(params["position"], 0.5)
    values = {"crop_width": width, "crop_height": height}
    values |= {"crop_x": round(free_x * across), "crop_y": round(free_y * down)}
    return Derived(values, Size(width, height))


def _frame(params: Mapping[str, Any], source: Size) -> tuple[int, int]:
    width, height = params.get("width"), params.get("height")
    if not width and not height:
        ratio = parse_ratio(params["ratio"])
        return (
            min(source.width, max(1, round(source.height * ratio))), min(source.height, max(1, round(source.width / ratio))),
        )  # fmt: skip
    width, height = int(width or source.width), int(height or source.height)
    if width > source.width or height > source.height:
        raise BadParameter(
            f"A frame of {width} x {height} pixels does not fit into {source.width} x {source.height}.",
            action=f"Crop it to at most {source.width} x {source.height} pixels.",
        )
    return width, height


def rotate(params: Mapping[str, Any], sizes: Mapping[str, Size]) -> Derived:
    """Quarter turns clockwise, in ComfyUI's words."""
    source = _image(sizes)
    turned = Size(source.height, source.width) if params["angle"] in ("90", "270") else source
    return Derived({"rotation": f"{params['angle']} degrees"}, turned)


def flip(params: Mapping[str, Any], sizes: Mapping[str, Size]) -> Derived:
    """Mirror left-right or top-bottom, in ComfyUI's words."""
    method = "y-axis: horizontally" if params["direction"] == "horizontal" else "x-axis: vertically"
    return Derived({"flip_method": method}, sizes.get("image"))


def color(params: Mapping[str, Any], sizes: Mapping[str, Size]) -> Derived:
    """Core brightness nodes take a factor around 1 where we take an amount around 0."""
    return Derived({"brightness_factor": 1.0 + params["brightness"]}, sizes.get("image"))


def blur(params: Mapping[str, Any], sizes: Mapping[str, Size]) -> Derived:
    """One radius in pixels gives the kernel's radius and its sigma."""
    radius = int(params["radius"])
    return Derived({"blur_radius": radius, "sigma": round(max(0.3, radius / 2), 2)}, sizes.get("image"))


def stitch(params: Mapping[str, Any], sizes: Mapping[str, Size]) -> Derived:
    """Two pictures side by side or one above the other, the second scaled to meet the first, a gap between them."""
    first, second = _image(sizes), sizes.get("image2")
    if second is None:
        raise BadInput("The size of the second picture is not known.")
    gap = int(params["gap"]) + int(params["gap"]) % 2
    if params["direction"] in ("left", "right"):
        whole = _sized(first.width + gap + int(first.height * (second.width / second.height)), first.height)
    else:
        whole = _sized(first.width, first.height + gap + int(first.width / (second.width / second.height)))
    return Derived({"gap_pixels": gap}, whole.size)


def lettering(params: Mapping[str, Any], sizes: Mapping[str, Size]) -> Derived:
    """The colour of words by its name. Raises LettersMissing, so that nothing runs that could not draw them."""
    if absent := missing(params["text"]):
        named = ", ".join(absent[:_MOST_NAMED]) + ("" if len(absent) <= _MOST_NAMED else " and more")
        raise LettersMissing(f"This font has no letters for {named}.", parameter="text")
    return Derived({"ink": COLORS[params["color"]]}, sizes.get("image"))


def border(params: Mapping[str, Any], sizes: Mapping[str, Size]) -> Derived:
    """A margin in percent of the shorter side; an instant photo's is four times as wide at the bottom."""
    source = _image(sizes)
    width = max(1, round(min(source.width, source.height) * params["width"] / 100))
    below = width * 4 if params["style"] == "polaroid" else width
    return _margins(source, params["color"], width, width, width, below)


def pad(params: Mapping[str, Any], sizes: Mapping[str, Size]) -> Derived:
    """Margins on two sides until the picture has the wanted ratio; nothing of it is cut."""
    source = _image(sizes)
    ratio = parse_ratio(params["ratio"])
    missing_x = max(0, round(source.height * ratio) - source.width)
    missing_y = max(0, round(source.width / ratio) - source.height)
    left, top = missing_x // 2, missing_y // 2
    return _margins(source, params["color"], left, top, missing_x - left, missing_y - top)


def backdrop(params: Mapping[str, Any], sizes: Mapping[str, Size]) -> Derived:
    """Behind the picture and as large as it: a colour as the number that `EmptyImage` takes, or another picture."""
    source = _image(sizes)
    number = int(COLORS[params.get("color", "white")].removeprefix("#"), 16)
    return Derived({"out_width": source.width, "out_height": source.height, "color_number": number}, source)


def pixelate(params: Mapping[str, Any], sizes: Mapping[str, Size]) -> Derived:
    """So many blocks along the longer side."""
    source = _image(sizes)
    shrunk = min(1.0, params["blocks"] / max(source.width, source.height))
    values = {"small_width": max(1, round(source.width * shrunk)), "small_height": max(1, round(source.height * shrunk))}
    return Derived(values | {"out_width": source.width, "out_height": source.height}, source)


def corners(params: Mapping[str, Any], sizes: Mapping[str, Size]) -> Derived:
    """A radius in percent of the shorter side; a circle is as wide as that side."""
    source = _image(sizes)
    shorter = min(source.width, source.height)
    size = Size(shorter, shorter) if params["shape"] == "circle" else source
    return Derived({"radius_pixels": max(1, round(shorter * params["radius"] / 100))}, size)


def collage(params: Mapping[str, Any], sizes: Mapping[str, Size]) -> Derived:
    """Cells in the shape of the first picture, as square a grid as there can be unless columns are told."""
    first, many = _image(sizes), len(sizes)
    columns = min(int(params["columns"] or math.ceil(math.sqrt(many))), many)
    rows, gap = math.ceil(many / columns), int(params["gap"])
    scale = min(1.0, CELL / max(first.width, first.height))
    width, height = max(16, round(first.width * scale)), max(16, round(first.height * scale))
    whole = _sized(columns * (width + gap) + gap, rows * (height + gap) + gap)
    values = {"grid_columns": columns, "cell_width": width, "cell_height": height, "gap_color": COLORS[params["color"]]}
    return Derived(values, whole.size)


def sides(params: Mapping[str, Any], _sizes: Mapping[str, Size], multiple: float) -> Derived:
    """A new picture or film: both sides rounded to what its model takes."""
    width, height = _multiple(params["width"], int(multiple)), _multiple(params["height"], int(multiple))
    return Derived({"canvas_width": width, "canvas_height": height}, Size(width, height))


def fit(
    params: Mapping[str, Any], sizes: Mapping[str, Size], multiple: float, width: float, height: float
) -> Derived:
    """A new picture or film in the shape of the first picture: as many pixels as `width` by `height` have, which are the
    defaults; a side that differs from its default is taken as it is, and the other follows. In the default size where
    the picture's is not known."""
    source = sizes.get("image") or next(iter(sizes.values()), Size(int(width), int(height)))
    shape = source.width / source.height
    given = [float(params.get(name) or usual) for name, usual in (("width", width), ("height", height))]
    wide, high = (side if side != usual else 0.0 for side, usual in zip(given, (width, height), strict=True))
    wide = wide or (high * shape if high else math.sqrt(width * height * shape))
    high = high or wide / shape
    return sides({"width": wide, "height": high}, sizes, multiple)


def frames(params: Mapping[str, Any], sizes: Mapping[str, Size], step: float, rate: float) -> Derived:
    """Seconds as frames: a whole number of steps and the first frame. `rate` counts where no `fps` can be set."""
    wanted = float(params["duration"]) * float(params.get("fps") or rate)
    return Derived({"frames": max(1, round(wanted / step)) * int(step) + 1}, sizes.get("image"))


def split(params: Mapping[str, Any], sizes: Mapping[str, Size], part: float) -> Derived:
    """The step at which a second model takes over, the same share of however many steps."""
    whole = int(params["steps"])
    return Derived({"split_step": min(max(1, round(whole * part)), max(1, whole - 1))}, sizes.get("image"))


def megapixels(
    _params: Mapping[str, Any], sizes: Mapping[str, Size], millions: float, multiple: float
) -> Derived:
    """As large as the first picture becomes when it is scaled to so many times 1024 * 1024 pixels, shape kept."""
    source = sizes.get("image")
    if source is None:
        return Derived({}, None)
    scale = math.sqrt(millions * 1_048_576 / (source.width * source.height))
    width, height = (_multiple(side * scale, int(multiple)) for side in (source.width, source.height))
    return Derived({}, Size(width, height))


def longest(_params: Mapping[str, Any], sizes: Mapping[str, Size], most: float) -> Derived:
    """The first picture with its longer side brought to this."""
    source = sizes.get("image")
    if source is None:
        return Derived({}, None)
    scale = most / max(source.width, source.height)
    return Derived({}, Size(max(1, round(source.width * scale)), max(1, round(source.height * scale))))


def padded(params: Mapping[str, Any], sizes: Mapping[str, Size]) -> Derived:
    """The first picture with the pixels that are added on its sides."""
    source = sizes.get("image")
    across, down = params["left"] + params["right"], params["top"] + params["bottom"]
    return Derived({}, source and Size(source.width + int(across), source.height + int(down)))


def kontext(_params: Mapping[str, Any], sizes: Mapping[str, Size]) -> Derived:
    """The size among those that the Kontext models know whose shape is nearest to the first picture's."""
    source = sizes.get("image")
    if source is None:
        return Derived({}, None)
    shape = source.width / source.height
    known = [Size(*pair) for pair in KONTEXT_SIZES] + [Size(high, wide) for wide, high in KONTEXT_SIZES]
    return Derived({}, min(known, key=lambda size: abs(shape - size.width / size.height)))


def kept(_params: Mapping[str, Any], sizes: Mapping[str, Size], grid: float) -> Derived:
    """As large as the first picture, without what does not fill the grid of its latent: `kept_width`, `kept_height`."""
    source, cell = sizes.get("image"), int(grid)
    if source is None:
        return Derived({}, None)
    width, height = (max(cell, side // cell * cell) for side in (source.width, source.height))
    return Derived({"kept_width": width, "kept_height": height}, Size(width, height))


def scaled(params: Mapping[str, Any], sizes: Mapping[str, Size]) -> Derived:
    """`scale` times the sides, where they are known."""
    source, factor = sizes.get("image"), float(params["scale"])
    whole = source and Size(round(source.width * factor), round(source.height * factor))
    return Derived({}, whole)


def unsized(_params: Mapping[str, Any], _sizes: Mapping[str, Size]) -> Derived:
    """What comes out has a size that only the run shows."""
    return Derived({}, None)


def parse_ratio(text: str) -> float:
    """`16:9` -> 1.777...; raises BadParameter for anything else."""
    width, _, height = text.partition(":")
    try:
        ratio = float(width) / float(height)
    except (ValueError, ZeroDivisionError):
        raise BadParameter("A ratio is two numbers such as 16:9.") from None
    if not 0.05 <= ratio <= 20:
        raise BadParameter("A ratio lies between 1:20 and 20:1.")
    return ratio


def _image(sizes: Mapping[str, Size]) -> Size:
    if "image" not in sizes:
        raise BadInput("The size of the input picture is not known.")
    return sizes["image"]


def _sized(width: float, height: float) -> Derived:
    size = Size(max(1, round(width)), max(1, round(height)))
    if max(size.width, size.height) > MAX_SIDE:
        raise BadParameter(
            f"The result would be {size.width} x {size.height} pixels.", maximum=MAX_SIDE,
            action=f"{MAX_SIDE} pixels is the longest side that is made here: ask for less, or make the picture smaller first.",
        )  # fmt: skip
    return Derived({"out_width": size.width, "out_height": size.height}, size)


def _margins(source: Size, color: str, left: int, top: int, right: int, bottom: int) -> Derived:
    size = _sized(source.width + left + right, source.height + top + bottom).size
    values = {"pad_left": left, "pad_top": top, "pad_right": right, "pad_bottom": bottom, "pad_color": COLORS[color]}
    return Derived(values, size)


def _multiple(value: float, of: int) -> int:
    return max(of, int(value / of + 0.5) * of)


RULES: dict[str, Rule] = {
    "canvas": canvas,
    "repaint": repaint,
    "enlarge": enlarge,
    "resize": resize,
    "crop": crop,
    "rotate": rotate,
    "flip": flip,
    "color": color,
    "blur": blur,
    "stitch": stitch,
    "kontext": kontext,
    "padded": padded,
    "lettering": lettering,
    "border": border,
    "pad": pad,
    "backdrop": backdrop,
    "pixelate": pixelate,
    "corners": corners,
    "collage": collage,
    "unsized": unsized,
    "scaled": scaled,
}
TOLD: dict[str, Callable[..., Derived]] = {
    "sides": sides,
    "frames": frames,
    "split": split,
    "fit": fit,
    "kept": kept,
    "longest": longest,
    "megapixels": megapixels,
}
"""Rules that are told something of their graph, as numbers behind their name."""
