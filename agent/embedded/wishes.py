"""What a clause wants made that plain picture work does not give: which kind of media, by which families of tools. Pure.

What it is about decides with the words: "make it smoother" is a blur on a picture and frame interpolation on a video.
"""

from __future__ import annotations

import re
from dataclasses import dataclass


@dataclass(frozen=True)
class Wish:
    """`families` in the order in which they are tried; a tool of another family only by name."""

    makes: str
    families: tuple[str, ...]
    look: bool = False
    """The same thing looking different, rather than a further operation."""
    told: bool = True
    """The clause's own words steer it."""


def wished(clause: str, sources: tuple[str, ...], wanted: str | None) -> Wish | None:
    """`sources` are the kinds of what the clause is about, `wanted` the kind that `media.asked` heard."""
    if wanted is not None:
        return _of_kind(clause, sources, wanted)
    if not sources:
        return None
    table = {"image": _ON_PICTURES, "video": _ON_VIDEOS, "audio": _ON_SOUNDS}.get(sources[0], ())
    return next((wish for pattern, wish in table if pattern.search(clause)), None)


def otherwise(sources: tuple[str, ...]) -> Wish | None:
    """Any other change of what is no picture: told in words."""
    if not sources:
        return None
    return {"video": _VIDEO_EDIT, "audio": _AUDIO_EDIT}.get(sources[0])


def _of_kind(clause: str, sources: tuple[str, ...], wanted: str) -> Wish:
    match wanted, tuple(sorted(sources)):
        case "video", ():
            return Wish("video", ("text to video",))
        case "video", ("image",):
            return Wish("video", ("image to video", "reference to video"))
        case "video", ("audio", "image") | ("audio",):
            return Wish("video", ("talking video",))
        case "video", ("image", "video"):
            return Wish("video", ("motion", "video control", "reference to video"))
        case "video", ("video", *_):
            return _VIDEO_EDIT
        case "video", ("image", *_):
            return Wish("video", ("first and last frame", "reference to video"))
        case "audio", ("audio", *_):
            return _AUDIO_EDIT
        case "audio", _:
            return Wish("audio", _sounds(clause))
        case "model3d", _:
            return Wish("model3d", ("image to 3d",), told=False)
    return Wish(wanted, ())


def _sounds(clause: str) -> tuple[str, ...]:
    if re.search(r"\b(?:speech|voice-?overs?|narrat\w+|read (?:it |this )?aloud|say(?:s|ing)? \")", clause, re.I):
        return ("speech", "sound effects", "music")
    if re.search(r"\b(?:sounds?(?! ?track)|sound effects?|noises?|ambien\w+|foley|soundscapes?)\b", clause, re.I):
        return ("sound effects", "music")
    return ("music", "sound effects")


_VIDEO_EDIT = Wish("video", ("video edit", "video control"), look=True)
_AUDIO_EDIT = Wish("audio", ("audio edit",), look=True)
_UPSCALE = r"\bup-?(?:scale|res|size|sample)|\benlarge|\b(?:bigger|larger)\b|\bsuper.?res|\b(?:higher|better) (?:resolution|quality)|\b[248]k\b|\b\d(?:\.\d)?x\b"
_DEPTH = r"\b(?:depth|normal|normals|albedo)[- ](?:map|estimation|pass|image)s?\b|\bz-?depth\b|\bsurface normals?\b|\b(?:estimate|measure|show) (?:the |its )?depth\b"
_POSE = r"\bopen-?pose\b|\bskeletons?\b|\bkey-?points\b|\b(?:extract|find|detect|estimate|get|show) (?:the |his |her |their )?poses?\b|\bpose (?:map|detection|estimation)\b"
_SEGMENT = r"\bsegment(?:ation)?s?\b|\bmask (?:out |of )?(?:the|every|all)\b(?!.*\bin the mask\b)"


def _rows(*rows: tuple[str, Wish]) -> tuple[tuple[re.Pattern[str], Wish], ...]:
    return tuple((re.compile(pattern, re.I), wish) for pattern, wish in rows)


_ON_PICTURES = _rows(
    (
        r"\b(?:remove|erase|delete|cut (?:out|away)|get rid of|strip|drop|lose|take (?:out|away|off)|knock out|no)\b(?: \w+)? (?:the |its |this |my )?"
        r"(?:\w+ )?background\b(?! (?:\w+ )?(?:people|person|objects?|noise|crowd))|\btransparent\b|\bcut[- ]?out\b(?=.*\b(?:person|subject|him|her|them|it|"
        r"product|figure|man|woman|dog|cat)\b)|\bbackground remov\w+|\bwithout (?:a |the |its )?background\b|\bisolate the subject\b",
        Wish("image", ("background",), told=False),
    ),
    (_DEPTH, Wish("image", ("depth map",), told=False)),
    (_POSE, Wish("image", ("pose map",), told=False)),
    (_SEGMENT, Wish("image", ("segment",))),
    (r"\b(?:split|separate|decompose|take apart|break)\b.*\blayers?\b|\binto layers\b|\blayer decomposition\b", Wish("image", ("layers",))),
    (
        r"\boutpaint\w*|\buncrop\b|\b(?:extend|expand|widen) (?:it|this|the (?:picture|image|photo|canvas|scene|view|frame|borders?|edges?)|a\d+)\b|"
        r"\bbeyond (?:its|the) (?:borders?|edges?|frame)\b",
        Wish("image", ("outpaint",)),
    ),
    (r"\bre-?light\w*|\b(?:change|redo|fix) the light(?:ing)?\b|\bnew light(?:ing)?\b|\blight (?:it|her|him|them) from\b", Wish("image", ("relight",), look=True)),
    (
        r"\b(?:other|different|several|multiple|more|all) (?:camera )?angles\b|\bcharacter sheet\b|\bfrom (?:every|all|other) (?:sides?|angles?)\b",
        Wish("image", ("reference",)),
    ),
    (r"\brestore (?:the |his |her |their )?faces?\b|\bfix (?:the |his |her |their )faces?\b|\bswap (?:the )?faces?\b", Wish("image", ("face",))),
)  # fmt: skip
_ON_VIDEOS = _rows(
    (_UPSCALE, Wish("video", ("video upscale",), told=False)),
    (
        r"\bsmooth(?:er|ly|en)?\b|\binterpolat\w+|\bframe ?rates?\b|\b\d{2,3} ?fps\b|\bslow[- ]?mo(?:tion)?\b|\b(?:more|extra) frames\b",
        Wish("video", ("frame interpolation",), told=False),
    ),
    (_DEPTH, Wish("video", ("depth map",), told=False)),
    (_POSE, Wish("video", ("pose map",), told=False)),
    (_SEGMENT, Wish("video", ("segment",))),
    (r"\b(?:extend|continue|prolong|lengthen)\b|\blonger\b", Wish("video", ("video extend",))),
)
_ON_SOUNDS = _rows((r"\bcover\b|\bremix\w*|\bversion\b|\bre-?arrange\b", _AUDIO_EDIT))
