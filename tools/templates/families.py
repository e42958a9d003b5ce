"""The families of tools, in words a person uses, and which of them a template belongs to.

What goes in and what comes out decides first; the package's tags decide among the jobs that share these kinds.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cache
from importlib import resources

from tools.model import MediaKind, Parameter, Port


@dataclass(frozen=True)
class Family:
    """`job` begins a description; `also` are words by which people ask for it."""

    job: str
    also: tuple[str, ...]
    one_choice: bool = False
    """What is in it differs in how well it does the same thing; elsewhere people choose among models by name."""


@cache
def families() -> Mapping[str, Family]:
    """Every family of the catalogue, the curated tools' too."""
    import yaml

    text = (resources.files("tools") / "templates" / "families.yaml").read_text(encoding="utf-8")
    return {
        name: Family(entry["job"], tuple(entry["also"]), entry.get("one_choice", False))
        for name, entry in yaml.safe_load(text).items()
    }


@dataclass(frozen=True)
class Facts:
    """What the decision is made of. `tags` are lower-case with hyphens; `title` helps only where nothing else tells."""

    inputs: Mapping[str, Port]
    outputs: Mapping[str, Port]
    params: Mapping[str, Parameter]
    tags: frozenset[str]
    classes: frozenset[str] = frozenset()
    title: str = ""

    def takes(self, kind: MediaKind) -> bool:
        return any(port.kind == kind for port in self.inputs.values())

    @property
    def makes(self) -> MediaKind:
        """What a person wants of it: a 3D model before the video that shows it, a picture before its mask."""
        kinds = [port.kind for port in self.outputs.values()]
        return next((kind for kind in (MediaKind.MODEL3D, MediaKind.VIDEO, MediaKind.IMAGE) if kind in kinds), kinds[0])

    @property
    def told(self) -> bool:
        """Whether words steer it."""
        return "prompt" in self.params


Rule = tuple[str, Callable[[Facts], bool]]


def family_of(facts: Facts) -> str:
    """The name of one of `families`."""
    rules = _RULES[facts.makes]
    return next(name for name, applies in rules if applies(facts))


def _tagged(*tags: str) -> Callable[[Facts], bool]:
    return lambda facts: bool(facts.tags & set(tags))


def _titled(*words: str) -> Callable[[Facts], bool]:
    return lambda facts: any(word in facts.title.lower() for word in words)


def _any(*conditions: Callable[[Facts], bool]) -> Callable[[Facts], bool]:
    return lambda facts: any(condition(facts) for condition in conditions)


def _all(*conditions: Callable[[Facts], bool]) -> Callable[[Facts], bool]:
    return lambda facts: all(condition(facts) for condition in conditions)


def _takes(kind: MediaKind) -> Callable[[Facts], bool]:
    return lambda facts: facts.takes(kind)


def _has(*ports: str) -> Callable[[Facts], bool]:
    return lambda facts: set(ports) <= set(facts.inputs)


def _uses(*classes: str) -> Callable[[Facts], bool]:
    return lambda facts: bool(facts.classes & set(classes))


def _untold(facts: Facts) -> bool:
    return not facts.told


def _otherwise(_facts: Facts) -> bool:
    return True


_MEASURED = _any(
    _tagged("depth-estimation", "normal-estimation", "albedo-estimation"),
    _all(_untold, _any(_tagged("depth", "depth-estimation"), _titled("depth", "geometry"))),
)
_PICTURES: tuple[Rule, ...] = (
    ("basics", _tagged("node-basics")),
    ("join", _all(_untold, _titled("stitch", "grid"))),
    ("pose map", _all(_tagged("pose-map"), _untold)),
    ("segment", _tagged("element-segmentation", "image-segmentation")),
    ("depth map", _all(_takes(MediaKind.IMAGE), _MEASURED, _any(_untold, _titled("estimation")))),
    ("upscale", _tagged("image-upscale")),
    ("background", _tagged("background-removal", "remove-background")),
    ("relight", _tagged("relight")),
    ("outpaint", _all(_tagged("outpainting"), lambda facts: "inpainting" not in facts.tags)),
    ("inpaint", _any(_tagged("inpainting", "image-inpainting"), _all(_has("mask"), _takes(MediaKind.IMAGE)))),
    ("layers", _tagged("layer-decompose")),
    ("style", _any(_tagged("style-transfer", "style-reference"), _uses("StyleModelApply"))),
    ("reference", _all(_takes(MediaKind.IMAGE), _titled("angles"))),
    ("edit", _all(_takes(MediaKind.IMAGE), _tagged("image-edit"))),
    ("control", _all(_takes(MediaKind.IMAGE), _any(_tagged("controlnet", "depth"), _has("control"), _titled("control")))),
    ("edit", _takes(MediaKind.IMAGE)),
    ("text to image", _otherwise),
)  # fmt: skip
_VIDEOS: tuple[Rule, ...] = (
    ("frame interpolation", _tagged("frame-interpolation")),
    ("video upscale", _tagged("video-upscale")),
    ("pose map", _all(_tagged("pose-map"), _untold)),
    ("segment", _tagged("element-segmentation", "image-segmentation")),
    ("depth map", _all(_MEASURED, _untold)),
    ("talking video", _any(_tagged("lip-sync", "audio-to-video"), _takes(MediaKind.AUDIO))),
    ("motion", _tagged("motion-control", "character-replacement")),
    ("first and last frame", _any(_tagged("flf2v"), _has("start_image", "end_image"))),
    ("reference to video", _any(_tagged("reference-to-video"), _all(_has("reference"), _titled("reference")))),
    ("video extend", _titled("extend", "continuation")),
    ("video control", _tagged("controlnet")),
    ("video edit", _all(_takes(MediaKind.VIDEO), _any(_tagged("video-edit", "inpainting", "outpainting"), _titled("edit")))),
    ("video control", _any(_takes(MediaKind.VIDEO), _titled("camera"))),
    ("image to video", _takes(MediaKind.IMAGE)),
    ("text to video", _otherwise),
)  # fmt: skip
_SOUNDS: tuple[Rule, ...] = (
    ("audio edit", _any(_takes(MediaKind.AUDIO), _tagged("audio-edit", "audio-editing"))),
    ("speech", _tagged("text-to-speech", "voice-cloning")),
    ("music", _any(_tagged("music", "text-to-music"), lambda facts: "lyrics" in facts.params, _titled("song", "music"))),
    ("sound effects", _otherwise),
)  # fmt: skip
_RULES: dict[MediaKind, tuple[Rule, ...]] = {
    MediaKind.IMAGE: _PICTURES,
    MediaKind.MASK: (("segment", _otherwise),),
    MediaKind.VIDEO: _VIDEOS,
    MediaKind.AUDIO: _SOUNDS,
    MediaKind.MODEL3D: (("image to 3d", _otherwise),),
    MediaKind.TEXT: (("basics", _tagged("node-basics")), ("describe", _otherwise)),
}
