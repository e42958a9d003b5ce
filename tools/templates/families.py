"""The families of tools, in words a person uses, and which of them a template belongs to.

What goes in and what comes out decides first; the package's tags decide among the jobs that share these kinds.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from tools.model import MediaKind, Parameter, Port


@dataclass(frozen=True)
class Family:
    """`job` begins a description; `also` are words by which people ask for it. `by_model`: they choose among models."""

    job: str
    also: tuple[str, ...]
    by_model: bool = True


#: Every family of the catalogue. A curated tool takes its family from here too.
FAMILIES: dict[str, Family] = {
    "text to image": Family("Makes a new picture from words", ("generate", "create", "draw", "paint", "picture", "image", "photo")),
    "edit": Family("Changes a picture as told in words", ("edit", "change", "modify", "retouch", "replace", "add", "remove object")),
    "inpaint": Family("Repaints the masked part of a picture", ("inpaint", "fill", "erase", "remove object", "replace", "mask")),
    "outpaint": Family("Extends a picture beyond its borders", ("outpaint", "extend", "expand", "uncrop", "wider")),
    "background": Family("Cuts the subject out of its background", ("remove background", "cut out", "transparent", "matting"), False),
    "relight": Family("Lights a picture anew", ("relight", "light", "lighting", "shadows", "sunset light")),
    "style": Family("Makes a picture in the style of another", ("style transfer", "style reference", "look like", "artistic style")),
    "control": Family("Makes a picture that follows the pose, depth or edges of another", ("controlnet", "pose", "depth", "edges", "canny", "structure")),
    "reference": Family("Makes new pictures of the same subject", ("reference", "same character", "consistent", "same person", "angles")),
    "layers": Family("Splits a picture into layers", ("layers", "decompose", "separate", "psd")),
    "upscale": Family("Makes a picture larger and finer", ("upscale", "enlarge", "bigger", "super resolution", "restore detail", "2x", "4x"), False),
    "face": Family("Repairs or swaps faces", ("face", "restore face", "swap face", "portrait"), False),
    "colour": Family("Changes the colours of a picture", ("colour", "brightness", "contrast", "saturation", "tint"), False),
    "sharpness": Family("Sharpens or blurs a picture", ("sharpen", "blur", "soften"), False),
    "geometry": Family("Crops, turns or resizes a picture", ("crop", "rotate", "flip", "resize"), False),
    "join": Family("Joins several pictures into one", ("stitch", "grid", "collage", "side by side", "combine"), False),
    "text on image": Family("Writes words on a picture", ("caption", "title", "watermark", "text overlay"), False),
    "depth map": Family("Measures the depth and surfaces of what is seen", ("depth", "depth map", "normals", "geometry", "albedo", "z-depth"), False),
    "pose map": Family("Finds the poses of people", ("pose", "skeleton", "keypoints", "openpose"), False),
    "segment": Family("Finds and masks the things that words name", ("segment", "mask", "select", "cut out object"), False),
    "text to video": Family("Makes a video from words", ("video", "clip", "animation", "film", "movie", "footage")),
    "image to video": Family("Brings a picture to life as a video", ("animate", "video from image", "bring to life", "make it move", "motion")),
    "first and last frame": Family("Makes the video between a first and a last picture", ("transition", "morph", "first frame", "last frame", "keyframes", "from this to that")),
    "reference to video": Family("Makes a video with the people and things of given pictures", ("reference", "same character", "consistent character video")),
    "video control": Family("Makes a video that follows the movement of another", ("controlnet", "pose", "depth", "camera", "video to video")),
    "video edit": Family("Changes a video as told in words", ("edit video", "change the video", "remove from video", "restyle video", "video inpainting")),
    "motion": Family("Moves a character or camera as another video or path shows", ("motion transfer", "dance", "replace character", "motion control", "camera path")),
    "talking video": Family("Makes a picture speak or move to a sound", ("lip sync", "talking head", "speak", "sing", "avatar", "dubbing", "audio to video")),
    "video upscale": Family("Makes a video larger and finer", ("upscale video", "enhance video", "4k", "restore video"), False),
    "frame interpolation": Family("Makes a video smoother with frames between", ("smooth", "slow motion", "frame rate", "60 fps", "interpolate"), False),
    "video extend": Family("Continues a video", ("extend", "continue", "longer video")),
    "speech": Family("Speaks words", ("text to speech", "voice", "narration", "read aloud")),
    "music": Family("Makes music from words", ("song", "music", "melody", "soundtrack", "beat", "lyrics", "instrumental")),
    "sound effects": Family("Makes sounds from words", ("sound effect", "noise", "ambience", "foley", "audio")),
    "audio edit": Family("Makes a new version of a piece of audio", ("cover", "remix", "edit audio", "change the music")),
    "image to 3d": Family("Makes a three-dimensional model from pictures", ("3d", "mesh", "model", "glb", "sculpture", "gaussian splat")),
    "describe": Family("Writes about what is asked or shown", ("caption", "describe", "answer", "write", "text", "what is in the picture", "prompt ideas")),
    "basics": Family("Shows how nodes are put together", ("example", "nodes", "switch", "convert"), False),
}  # fmt: skip


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
        return next(iter(self.outputs.values())).kind

    @property
    def told(self) -> bool:
        """Whether words steer it."""
        return "prompt" in self.params


Rule = tuple[str, Callable[[Facts], bool]]


def family_of(facts: Facts) -> str:
    """One of FAMILIES."""
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
