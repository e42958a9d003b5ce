"""What can be told of a template whose graph cannot be made here: its ports, from the classes of its nodes.

Enough to find it and to say what it would need; never enough to run it.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Mapping

from tools.model import MediaKind, Parameter, Port
from tools.templates import nodes
from tools.templates.package import Template

_LOADERS = (
    (re.compile(r"LoadImageMask"), MediaKind.MASK), (re.compile(r"LoadImage"), MediaKind.IMAGE),
    (re.compile(r"LoadVideo"), MediaKind.VIDEO), (re.compile(r"LoadAudio"), MediaKind.AUDIO),
    (re.compile(r"Load3D"), MediaKind.MODEL3D),
)  # fmt: skip
_SAVERS = (
    (re.compile(r"SaveVideo|SaveWEBM|SaveAnimated"), MediaKind.VIDEO),
    (re.compile(r"Save3D|SaveGLB|SaveGaussian"), MediaKind.MODEL3D),
    (re.compile(r"SaveAudio"), MediaKind.AUDIO), (re.compile(r"SaveImage"), MediaKind.IMAGE),
    (re.compile(r"Preview3D"), MediaKind.MODEL3D), (re.compile(r"PreviewAudio"), MediaKind.AUDIO),
    (re.compile(r"PreviewImage|MaskPreview"), MediaKind.IMAGE), (re.compile(r"PreviewAny|SaveText"), MediaKind.TEXT),
)  # fmt: skip
_WORDS = re.compile(r"TextEncode|TextGenerate|Prompt")


def ports_of(template: Template) -> tuple[dict[str, Port], dict[str, Port]]:
    """Inputs by the loaders, and the one output that the first saver of the best kind makes."""
    classes = Counter(node["type"] for node in nodes.active(template.ui))
    inputs: dict[str, Port] = {}
    for pattern, kind in _LOADERS:
        for _ in range(sum(count for name, count in classes.items() if _first(_LOADERS, name) == (pattern, kind))):
            inputs[_free(kind.value, inputs)] = Port(kind=kind)
    kind = next((kind for pattern, kind in _SAVERS if any(pattern.match(name) for name in classes)), MediaKind.IMAGE)
    return inputs, {kind.value: Port(kind=kind)}


def params_of(template: Template) -> Mapping[str, Parameter]:
    """A prompt where some node reads words."""
    if any(_WORDS.search(node["type"]) for node in nodes.active(template.ui)):
        return {"prompt": Parameter(type="string", description="What it should be.", required=True)}
    return {}


def _first(table: tuple[tuple[re.Pattern[str], MediaKind], ...], name: str) -> tuple[re.Pattern[str], MediaKind] | None:
    return next((row for row in table if row[0].match(name)), None)


def _free(name: str, taken: Mapping[str, Port]) -> str:
    if name not in taken:
        return name
    return next(f"{name}_{number}" for number in range(2, 1000) if f"{name}_{number}" not in taken)
