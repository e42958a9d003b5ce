"""Enlarging with a model that is said by name: `upscale it 4x with RealESRGAN_x4plus`. Pure.

A named upscale model is used where a server has its file. Where none has, the answer says so and offers the plain way:
what is asked to be larger is never painted anew.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from pathlib import PurePath

from agent.embedded import words
from agent.embedded.operations import Operation
from tools.model import Capabilities

FOLDER = "upscale_models"
_VERB = r"\b(?:up-?(?:scale|res|size|sample)|enlarge|super-?res\w*|bigger|larger|scale|resi[sz]e)\b"
#: Resampling is the plain way, whichever filter is named.
_PLAINLY = re.compile(r"\b(?:with|using|via|through|by)\s+(?:lanczos|bicubic|bilinear|plain resampling|resampling)\b", re.I)
_LARGER = re.compile(r"(?:please )?(?:up-?(?:scale|res|size|sample)|enlarge)\b", re.I)
_FAMILIES = (
    r"[\w.-]*(?:esrgan|ultra-?sharp|swin2?ir|bsrgan|ldsr|supir|remacri|animesharp|nmkd|siax|waifu2x|foolhardy|gigapixel|topaz|magnific|dat2?)"
    r"(?:[ _.+-]?(?:x?\d+x?|plus|anime|v\d+|[\w.+]*[_\d][\w.+-]*))*"
)
_FILE = r"[\w.+-]+\.(?:pth|pt|safetensors|onnx)"
_CODE = r"(?-i:(?=[\w.+-]*[A-Za-z]{2})(?=[\w.+-]*(?:[A-Za-z][\d_]|\d[_-]|[a-z][A-Z]))[\w.+-]*[\w+])"
_NAME = rf"(?P<name>{_FILE}|\b{_FAMILIES}(?![\w.-]*\w)|{_CODE})"
_WITH = re.compile(
    rf"[\s,]*\b(?:with|using|use|via|through|by)\s+(?:the\s+|an?\s+)?(?:(?:upscal\w+\s+)?model\s+)?{_NAME}(?:\s+(?:upscaler|model))?(?:\s+(?:to|for|and)\b(?=\s+\w*(?:scal|larg)))?",
    re.I,
)


def named(clause: str, instances: Sequence[Capabilities], whole: str) -> Operation | None:
    """The enlargement by a model that is named, or why it cannot be; None where no model is named for one.

    `whole` is the message, which is offered again without the name.
    """
    if not re.search(_VERB, clause, re.I):
        return None
    if _PLAINLY.search(clause):
        times = min(8.0, max(1.0, words.factor(clause) or 2.0))
        return Operation("resize_image", {"factor": times}, f"enlarging it {times:g} times", whole=True) if _LARGER.match(clause) else None
    said = _WITH.search(clause)
    if said is None:
        return None
    name = said["name"].rstrip(".,")
    factor = words.factor(_without(clause)) or _factor_of(name)
    file = next((file for each in instances for file in sorted(each.models.get(FOLDER, ())) if _same(file, name)), None)
    if file is not None:
        params = {"factor": min(8.0, max(1.0, factor)), "upscale_model": file}
        return Operation("upscale_image", params, f"enlarging it {factor:g} times with {name}", whole=True)
    why = (
        f"{name} is on no connected render server: an upscale model is a file in models/{FOLDER} of a ComfyUI. "
        "Shall I enlarge it without that model?"
    )
    plain = _without(whole).replace("|", " ")
    return Operation("", note=("no_such_model", why), instead=plain, whole=True)


def _without(text: str) -> str:
    """The words without the name; a size that only the name says stays."""
    said = _WITH.search(text)
    if said is None:
        return text
    before, after = text[: said.start()].rstrip(" ,"), text[said.end() :]
    rest = f"{before}{after}".strip(" ,")
    if words.factor(rest):
        return rest
    times = f"{_factor_of(said['name']):g}x"
    return f"{before} {times}{after}" if before else f"{rest} {times}"


def _factor_of(name: str) -> float:
    """`4x-UltraSharp`, `RealESRGAN_x4plus`: four times."""
    found = re.search(r"(?<!\d)([248])x|x([248])(?!\d)", name, re.I)
    return float(found[1] or found[2]) if found else 2.0


def _same(file: str, name: str) -> bool:
    asked, there = (re.sub(r"[^a-z0-9]", "", _stem(text).lower()) for text in (name, file))
    return asked == there


def _stem(name: str) -> str:
    known = PurePath(name).suffix.lower() in (".pth", ".pt", ".safetensors", ".onnx")
    return PurePath(name).stem if known else name
