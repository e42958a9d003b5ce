"""Which media a request speaks of, by its words. Pure."""

from __future__ import annotations

import re
from dataclasses import dataclass

from tools.model import MediaKind, Tool
from tools.search.words import plain

_SPOKEN = {
    MediaKind.VIDEO: (
        r"videos?|clips?|films?|movies?|footage|animations?|animate[ds]?|reels?|trailer|gifs?|fps|frame rate|"
        r"slow motion|mp4|webm|filmed|filming|cinematic"
    ),
    MediaKind.AUDIO: (
        r"audio|songs?|music|musical|sounds?|sfx|beats?|tune|melody|jingle|lyrics|vocals?|voices?|"
        r"talk(?:ing|s)?|speak(?:ing|s)?|sing(?:ing|s|er)?|lip ?sync|dub(?:bing|bed)?|mp3|wav|noises?|"
        r"soundtrack|rap|lofi|bpm|narration|instrumental|remix|podcast"
    ),
    MediaKind.MODEL3D: (
        r"3d|mesh(?:es)?|glb|obj|stl|splats?|splatting|figurine|printable|blender|unity"
    ),
    MediaKind.TEXT: (
        r"captions?|describe|description|alt text|ocr|poem|essay|summari[sz]e|answer|explain"
    ),
    MediaKind.MASK: (
        r"masks?|segment(?:ation)?"
    ),
    MediaKind.IMAGE: (
        r"images?|pictures?|photos?|photographs?|drawings?|paintings?|portraits?|selfies?|stills?|"
        r"illustrations?|posters?|screenshots?|jpe?g|png"
    ),
}
_WORDS = {kind: re.compile(rf"\b(?:{pattern})\b") for kind, pattern in _SPOKEN.items()}
_BECOMES = re.compile(r"\b(?:in)?to (?:an? |the |my |some )?(?P<what>(?:\w+ ){0,3}\w+)")
RARE = (MediaKind.VIDEO, MediaKind.AUDIO, MediaKind.MODEL3D)
"""Media that one does not get unless one speaks of them."""


@dataclass(frozen=True)
class Spoken:
    """The kinds that a request names, and those that something shall become ("into a 3d model")."""

    kinds: frozenset[MediaKind]
    becomes: frozenset[MediaKind]


def spoken(text: str) -> Spoken:
    said = plain(text)
    becomes = [found["what"] for found in _BECOMES.finditer(said)]
    return Spoken(_kinds(said), frozenset(kind for what in becomes for kind in _kinds(what)))


def _kinds(text: str) -> frozenset[MediaKind]:
    return frozenset(kind for kind, pattern in _WORDS.items() if pattern.search(text))


def fit(said: Spoken, takes: frozenset[MediaKind], gives: frozenset[MediaKind]) -> float:
    """-1 to 1: how well a tool's media are those that were spoken of."""
    has = takes | gives
    rare = [kind for kind in RARE if kind in said.kinds]
    named = sum(kind in has for kind in rare) / len(rare) if rare else 0.0
    wanted = [kind for kind in said.becomes if kind in RARE]
    made = sum(kind in gives for kind in wanted) / len(wanted) if wanted else 0.0
    unasked = any(kind in gives and kind not in said.kinds for kind in RARE)
    missing = any(kind not in has for kind in rare)
    return 0.5 * named + 0.5 * made - 0.5 * unasked - 0.5 * missing


def media(tool: Tool) -> tuple[frozenset[MediaKind], frozenset[MediaKind]]:
    """What it takes and what it gives."""
    return frozenset(port.kind for port in tool.inputs.values()), frozenset(port.kind for port in tool.outputs.values())
