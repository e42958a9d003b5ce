"""Several finishes in one breath: `a golden frame, round corners and a vignette` is three requests. Pure.

Cut only where every piece is understood by itself and one of them is a finish; else the words belong together.
"""

from __future__ import annotations

import re

from agent.embedded.finishing import finished
from agent.embedded.operations import recognise
from agent.embedded.vocabulary import things

_AND = re.compile(r"\s*(?:,\s*(?:and|plus|then)?|\s(?:and|plus|&|as well as))\s+(?:also\s+|then\s+)?", re.I)
_WITH = re.compile(r"\s+(?:with|and)\s+", re.I)
_REMOVAL = re.compile(r"(?:remove|erase|delete|take out|take away|get rid of) (?:the|its|that|this|all|his|her|their) [\w -]+$", re.I)
_WORK = re.compile(
    r"(?:(?:make|turn) (?:it|this|that|a\d+) |(?:(?:slightly|a bit|a little|much|a lot) )?(?:more|less|\w+er)\b|black-and-white$|in? ?(?:black-and-white|sepia)$|sepia$"
    r"|(?:crop|rotate|flip|mirror|sharpen|blur|brighten|darken|lighten|warm|cool|invert|upscale|enlarge|resize|shrink|desaturate)\b)",
    re.I,
)
_VERB = re.compile(r"(?:add|put|give|make|write|apply|place|round|pixelate|posteri[sz]e|frame|cut|crop|auto|overlay|stamp|caption|title|watermark|sign|letter)\b", re.I)


def listed(clause: str) -> list[str]:
    """The pieces as requests of their own, in order; the clause alone where it is no such list."""
    for border in (_AND, _WITH):
        pieces = [piece for piece in border.split(clause) if piece]
        if len(pieces) > 1 and _each_understood(pieces):
            return [piece if _VERB.match(piece) or not finished(piece) else f"add {piece}" for piece in pieces]
    return [clause]


def _each_understood(pieces: list[str]) -> bool:
    """No finish twice (`a frame and a black border` is one), and bars are a way of cropping."""
    if any(piece.count('"') % 2 for piece in pieces) or any(":" in piece for piece in pieces[:-1]):
        return False
    ends = [finished(piece) for piece in pieces]
    tools = [finish.tool for finish in ends if finish is not None]
    if not tools or len(set(tools)) < len(tools) or "pad_image" in tools:
        return False
    return all(finish is not None or _is_work(piece) for piece, finish in zip(pieces, ends, strict=True))


def _is_work(piece: str) -> bool:
    if _REMOVAL.match(piece):
        return True
    worked = _WORK.match(piece) is not None and not re.search(r"\ban? [\w-]+$", piece, re.I)
    return worked and bool(recognise(piece)) and not things(piece)
