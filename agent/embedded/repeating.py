"""Work that is to be done several times over: `blur it twice`, `enlarge it by a factor of 3, two times`. Pure.

`Upscale it twice` is not of that kind: without another number it says how large.
"""

from __future__ import annotations

import re

from agent.embedded import words
from agent.embedded.operations import recognise
from agent.embedded.references import REFERENCE

MOST = 4
_OVER = re.compile(
    r"^(?P<what>\S.*?)(?P<aside>,)?\s+(?:(?P<word>twice|thrice)|(?P<count>two|three|four|[2-4]) times)"
    r"(?P<row>,? (?:in a row|over|in succession|one after the other|after another))?$",
    re.I,
)
_LARGER = frozenset({"upscale_image", "resize_image"})


def repeated(piece: str) -> list[str]:
    """The piece as often as it says, each on what came of the one before; the piece alone where it says no such thing."""
    said = _OVER.match(piece.strip(" .!"))
    if said is None:
        return [piece]
    what, many = said["what"].strip(" ,"), int(words.number(said["word"] or said["count"]))
    operations = recognise(what)
    if not operations or operations[-1].tool == "adjust_color" or many > MOST:
        return [piece]
    sized = any(operation.tool in _LARGER for operation in operations)
    if sized and words.factor(what) is None and not said["row"]:
        return [piece]
    return [what, *[re.sub(REFERENCE, "it", what)] * (many - 1)]
