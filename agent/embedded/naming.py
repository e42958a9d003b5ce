"""Models that are said by name: `with Z-Image Turbo`, `use wan 2.2 for it`, `upscale with seedvr2`. Pure.

A name is a run of words that stand in a tool's title or name and say no job. A common word (lens, chroma) is one only where
names stand: after `with` or `use`, or before a number.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from functools import lru_cache

from agent.model import PlanningRequest
from tools.loras.tags import TAG
from tools.model import Availability, SourceKind, Tool
from tools.protocols import Found
from tools.service import common_words

_JOBS = frozenset(
    ["image", "images", "picture", "video", "videos", "text", "to", "and", "from", "with", "by", "of", "in", "on", "for", "the", "a", "an", "model", "models", "example", "simple", "basic", "generation", "generate", "edit", "editing", "full", "base", "dev", "fast", "distilled", "checkpoint", "template", "templates", "utility", "node", "nodes", "api", "app", "workflow", "single", "multi", "multiple", "new", "official", "showcase", "built", "click", "character", "scene", "audio", "music", "song", "tool", "tools", "preview", "version", "reference", "control", "style", "first", "last", "frame", "frames", "camera", "motion", "transfer", "color", "colour", "light", "lighting", "product", "upscale", "upscaler", "upscaling", "estimation", "map", "detection", "person", "remove", "removal", "background", "segmentation", "depth", "pose", "portrait", "inpaint", "inpainting", "outpaint", "outpainting", "effect", "action", "animals", "anime", "realism", "illustration", "human", "body", "dance", "layer", "layers", "decomposition", "union", "any", "mask", "geometry", "traditional", "interpolation", "design", "sharpen", "blur", "crop", "resize", "rotate", "flip", "invert", "adjust", "blend", "combine", "instruction", "panorama", "view", "views", "mesh", "sound", "effects", "stitch", "grid", "gan", "real", "resolution", "restore", "face", "faces", "combined", "combining", "step", "steps", "turbo", "lora"]
)
"""Words of titles that name no model by themselves."""
_SURE = frozenset(["flux", "wan", "klein", "qwen", "sdxl", "hunyuan", "kontext", "ltx", "vace", "schnell"])
_CUES = frozenset(["with", "using", "use", "used", "via", "through", "try"])
_ATOM = re.compile(r"[a-z]+|\d+", re.I)


@dataclass(frozen=True)
class Said:
    """A name as it stands in a text: from where to where, and by how many words it names each tool."""

    start: int
    end: int
    tools: dict[str, int]
    """Tool -> words of the name that are its own; only those that match best."""


def heard(text: str, found: Iterable[Found]) -> Said | None:
    """The longest name in a text, and the tools it fits best. None where none is said."""
    atoms = [(match[0].lower(), match.start(), match.end()) for match in _ATOM.finditer(_untagged(text))]
    best: tuple[int, int, int] | None = None
    fits: dict[str, int] = {}
    runs = {f.tool.name: _run(atoms, _own(f.tool.title, f.tool.name)) for f in found if _is_a_model(f.tool)}
    for name, run in runs.items():
        if run is None:
            continue
        length = run[1] - run[0]
        if best is None or length > best[0]:
            best, fits = (length, *run), {}
        if length == best[0]:
            fits[name] = length
    if best is None:
        return None
    return Said(atoms[best[1]][1], atoms[best[2] - 1][2], fits)


def _untagged(text: str) -> str:
    """The text with blanks for its LoRA tags, each word where it was: what a tag names is a file, no wish for a model."""
    return TAG.sub(lambda tag: " " * len(tag[0]), text)


def _is_a_model(tool: Tool) -> bool:
    """Plain picture work has words, no names."""
    return tool.generative or tool.source.kind is SourceKind.TEMPLATE


def without(text: str, said: Said) -> str:
    """`animate it with wan 2.2` is to animate it, `use flux schnell: a red fox` a red fox."""
    before = re.sub(
        r"[\s,]*\b(?:(?:with|using|in|by|via|on|through|use|run|try)\s+)?(?:(?:it|this) (?:with|through)\s+)?(?:the\s+)?$", "", text[: said.start],
        flags=re.I,
    )  # fmt: skip
    after = re.sub(r"^\s*(?:model|template)?\s*[:,]?\s*(?:(?:for|to)\b)?\s*", " ", text[said.end :], flags=re.I)
    return re.sub(r"\s+", " ", f"{before} {after}").strip(" ,") or text


def words_of(found: Iterable[Found]) -> frozenset[str]:
    """Every word of the tools' names, so that none is taken for a slip."""
    return frozenset().union(*(_own(f.tool.title, f.tool.name) | _tags(f.tool.tags) for f in found))


@lru_cache(maxsize=4096)
def _tags(tags: tuple[str, ...]) -> frozenset[str]:
    return frozenset(match[0].lower() for tag in tags for match in _ATOM.finditer(tag))


def named_generator(text: str, request: PlanningRequest) -> Found | None:
    """A model that is said by name, whether it can run now or not; what paints comes before what only sounds alike."""
    makers = [f for f in request.found if paints(f.tool)]
    exact = next((f for f in makers if says(text, f.tool)), None)
    if exact is not None:
        return exact
    said = heard(text, makers)
    return None if said is None else min((f for f in makers if f.tool.name in said.tools), key=_usable)


def paints(tool: Tool) -> bool:
    """Whether it makes a picture from words alone."""
    words_in = "prompt" in tool.params
    return tool.generative and not tool.inputs and words_in and next(iter(tool.outputs.values())).kind == "image"


def says(text: str, tool: Tool) -> bool:
    """A title that is plain words (`Text to image`) is no name."""
    return "checkpoint" not in tool.params and re.search(_named(tool), _untagged(text), re.I) is not None


def without_name(text: str, tool: Tool) -> str:
    """`a cat with SDXL` shows a cat."""
    if not says(text, tool):
        said = heard(text, [Found(tool, 0.0, _NOWHERE)])
        return text if said is None else without(text, said)
    said_title = (
        rf",?\s*\b(?:with|using|in|by|via|on|through|use|run)\s+(?:it (?:with|through) )?{_named(tool)}"
        r"(?: (?:for|to (?:paint|draw|make)))?"
    )
    return re.sub(said_title, "", text, flags=re.I).strip() or text


def _usable(found: Found) -> tuple[bool, float]:
    return not found.availability.available, -found.tool.popularity


def _named(tool: Tool) -> str:
    """A pattern of the tool's title, however its parts are joined."""
    return rf"\b{'[ -]?'.join(re.escape(part) for part in re.split('[ -]', tool.title))}\b"


@lru_cache(maxsize=4096)
def _own(title: str, name: str) -> frozenset[str]:
    """The words by which a tool may be named."""
    return frozenset(match[0].lower() for match in _ATOM.finditer(f"{title} {name}"))


def _run(atoms: list[tuple[str, int, int]], own: frozenset[str]) -> tuple[int, int] | None:
    """The longest run of a tool's own words that has a name in it, without job words at its ends."""
    best: tuple[int, int] | None = None
    place = 0
    while place < len(atoms):
        end = place
        while end < len(atoms) and atoms[end][0] in own:
            end += 1
        start, stop = _trimmed(atoms, place, end)
        if stop > start and any(_meant(atoms, at, stop) for at in range(start, stop)):
            best = (start, stop) if best is None or stop - start > best[1] - best[0] else best
        place = max(end, place + 1)
    return best


def _trimmed(atoms: list[tuple[str, int, int]], start: int, end: int) -> tuple[int, int]:
    while start < end and (atoms[start][0] in _TASKS or atoms[start][0].isdigit()):
        start += 1
    while end > start and atoms[end - 1][0] in _TASKS:
        end -= 1
    return start, end


_TASKS = _JOBS - {"turbo", "base", "dev", "full", "distilled", "fast"}


def _meant(atoms: list[tuple[str, int, int]], at: int, stop: int) -> bool:
    """Whether this word of a run that ends before `stop` makes it a name. A number counts where it is the name's: `krea 2`."""
    word = atoms[at][0]
    if word in _JOBS or word.isdigit() or (len(word) == 1 and not _pair(atoms, at)):
        return False
    if word in _SURE or word not in common_words():
        return True
    cued = any(before in _CUES for before, _, _ in atoms[max(0, at - 1) : at])
    return cued or (at + 1 < stop and atoms[at + 1][0].isdigit())


def _pair(atoms: list[tuple[str, int, int]], at: int) -> bool:
    """`z-image`: a letter that is joined to what follows."""
    return at + 1 < len(atoms) and atoms[at + 1][1] - atoms[at][2] <= 1 and atoms[at + 1][0] == "image"


_NOWHERE = Availability(False)
