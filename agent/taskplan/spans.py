"""Pieces of a request, from clauses to the whole: what zero-shot scoring compares with the words of tools. Pure."""

from __future__ import annotations

import re
from dataclasses import dataclass, field

KEPT = 6
"""Words that are kept of a long quoted passage: what it says is material, not a request."""
_QUOTED = re.compile(r"(?<!\w)(['\"“‘])(?:(?!['\"”’](?!\w)).)+['\"”’](?!\w)", re.S)
_CUT = re.compile(
    r"(?<=[.!?;:])\s+|,\s*(?:(?:and|then|also|finally|or)\s+)*"
    r"|\s+(?:and|then|but|while|after|before|finally|also|as well as|along with|using|based on|with|from|into|to)\s+(?=\w)",
    re.I,
)
_SENTENCE = re.compile(r"(?<=[.!?])\s+")


@dataclass(frozen=True)
class Span:
    """A piece and where its middle stands in the request, 0..1."""

    text: str = field(repr=False)
    at: float


def shorten(request: str, kept: int = 10) -> str:
    """The request with long quoted passages cut after `kept` words."""
    return _QUOTED.sub(lambda found: _shortened(found.group(0), kept), request)


def spans(request: str) -> list[Span]:
    """Clauses, neighbouring clauses together, sentences, and the whole."""
    text = shorten(request, KEPT)
    parts = [part for part in _parts(text, _CUT) if len(part.text.split()) > 1 or re.search(r"\w{5}", part.text)]
    joined = [
        Span(" ".join(part.text for part in parts[i : i + size]), sum(part.at for part in parts[i : i + size]) / size)
        for size in (2, 3) for i in range(len(parts) - size + 1)
    ]  # fmt: skip
    return [*parts, *joined, *_parts(text, _SENTENCE), Span(text, 0.5)]


def _parts(text: str, cut: re.Pattern[str]) -> list[Span]:
    found, start = [], 0
    for match in [*cut.finditer(text), None]:
        end = match.start() if match else len(text)
        piece = text[start:end].strip(" .,'\"")
        if piece:
            found.append(Span(piece, (start + end) / 2 / max(1, len(text))))
        start = match.end() if match else end
    return found


def _shortened(quoted: str, kept: int) -> str:
    words = quoted.split()
    return quoted if len(words) <= kept + 4 else f"{' '.join(words[:kept])} ...{quoted[-1]}"
