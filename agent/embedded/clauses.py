"""Cut a message into the requests it makes: `make this black and white and crop it square` is two. Pure."""

from __future__ import annotations

import re
from dataclasses import dataclass, field

from agent.embedded.references import ORDINAL
from agent.embedded.words import clean, only_polite

MOST = 12  # a text in more pieces than this is one long description, not so many requests

VERBS = (
    "make|create|generate|draw|paint|render|imagine|design|crop|trim|rotate|turn|flip|mirror|invert|resize|"
    "scale|upscale|"
    "enlarge|shrink|blur|soften|sharpen|brighten|darken|lighten|desaturate|saturate|add|remove|delete|erase|"
    "replace|put|"
    "change|convert|transform|give|show|tell|cancel|stop|undo|go back|retry|try|restyle|apply|use|increase|"
    "decrease|reduce|"
    "boost|raise|lower|tone|warm|cool|cut|swap|write|repaint|reimagine|place|insert|include|fix|save|keep|"
    "colorize|colourize|leave"
)
_COMPARATIVE = (
    r"(?:(?:slightly|a bit|a little|much|a lot|way|even) )?"
    r"(?:more|less|fewer|brighter|darker|warmer|cooler|sharper|softer|bigger|smaller|lighter)\b"
)
_QUESTION = (
    r"(?:how (?:much|long|many)|what|which|why|when|where|who|is it|are you|can (?:i|you|we)|do you)\b"
)
_OTHER_ONE = (
    rf"(?:[aA]\d{{1,4}}|the (?:{ORDINAL}|last|other) (?:one|picture|image|photo))\s+(?!and\b|then\b)\w"
)
_OBJECT = (
    r"(?:\s+(?:it|this|that|them|these|the|a|an|its|me|him|her|his|[aA]\d|my|to|by|in|up|down|from|into|"
    r"everything|both|all|some|"
    r"horizontally|vertically|\d)|\s*$|\s+(?:square|back))"
)
_ABBREVIATION = r"(?<!\b[MDmd]r\.)(?<!\b[Ss]t\.)(?<!\bMrs\.)(?<!\bvs\.)(?<!\be\.g\.)(?<!\bi\.e\.)(?<!\bno\.)"
_SENTENCE = re.compile(
    rf"(?<=[a-z0-9)\"'][.!?]){_ABBREVIATION}\s+(?=\S)|(?<=[.!?]{{2}})\s+(?=\S)|\s*;\s*", re.I
)
_THEN = re.compile(
    r",?\s*\b(?:and\s+)?(?:then|after that|afterwards|next(?! to\b)|finally|after which)\b[\s,]*", re.I
)
_SOFT = re.compile(
    rf"\s*(?:,\s*and\b|,|\band\b|\bbut also\b|\bplus\b)\s+(?:also\s+|please\s+|now\s+)*"
    rf"(?=(?:{VERBS})\b{_OBJECT}|{_COMPARATIVE}|{_QUESTION}|{_OTHER_ONE})",
    re.I,
)
_WHEN_DONE = re.compile(
    r",? \b(?:when|once|as soon as|after) (?:it|that|this|they|you)(?:'s|'re| is| are| has| have| comes?)?"
    r" (?:been )?(?:done|ready|there|finished|rendered|out|here|made|complete)\b", re.I
)  # fmt: skip
_BULLET = re.compile(r"^\s*(?:[-*•]\s+|\d{1,2}[.)]\s+)")
_PROTECTED = (
    ("black and white", "black-and-white"),
    ("black & white", "black-and-white"),
    ("salt and pepper", "salt-and-pepper"),
)


@dataclass(frozen=True)
class Clause:
    """One piece of a message; `then` says that the person put it after what came before."""

    text: str = field(repr=False)
    then: bool = False


def split(text: str) -> list[Clause]:
    """The clauses in order, never empty for a text with words; a very long text is one."""
    lines = [_BULLET.sub("", line) for line in text.strip().splitlines()] if "\n" in text.strip() else [text]
    text = _WHEN_DONE.sub("", clean(" ; ".join(line for line in lines if line.strip())))
    for plain, joined in _PROTECTED:
        text = re.sub(plain, joined, text, flags=re.I)
    clauses = [clause for sentence in _SENTENCE.split(text) for clause in _ordered(sentence)]
    clauses = [clause for clause in clauses if not only_polite(clause.text)] or clauses
    return clauses if 0 < len(clauses) <= MOST else [Clause(text.strip(" ;"))]


def _ordered(sentence: str) -> list[Clause]:
    """Cut at `then`, and at a comma or an `and` where another request begins."""
    found: list[Clause] = []
    for number, part in enumerate(_THEN.split(sentence)):
        pieces = [piece.strip(" ,") for piece in _SOFT.split(part)]
        for piece in (piece for piece in pieces if re.search(r"\w", piece)):
            found.append(Clause(piece, then=number > 0 and piece == pieces[0]))
    return found
