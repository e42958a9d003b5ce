"""Cut a message into the requests it makes: `make this black and white and crop it square` is two. Pure."""

from __future__ import annotations

import re
from dataclasses import dataclass, field, replace

from agent.embedded import courtesy, finishes, plain
from agent.embedded.branches import unrolled
from agent.embedded.continuing import degree
from agent.embedded.numerals import beside, counted
from agent.embedded.references import ORDINAL, REFERENCE
from agent.embedded.repeating import repeated
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
    "colorize|colourize|leave|do|bump|crank|dial|stack|blend|merge|combine|join|stitch|overlay|arrange|double|take"
)
_COMPARATIVE = (
    r"(?:(?:slightly|a bit|a little|much|a lot|way|even) )?"
    r"(?:more|less|fewer|brighter|darker|warmer|cooler|sharper|softer|bigger|smaller|lighter)\b"
)
_QUESTION = (
    r"(?:how (?:much|long|many)|what|which|why|when|where|who|is it|are you|can (?:i|you|we)|do you)\b"
)
_OTHER_ONE = (
    rf"(?:[aA]\d{{1,4}}|the (?:{ORDINAL}|last|other) (?:one|picture|image|photo))\s+(?!and\b|then\b|or\b)\w"
)
_EACH_DONE = r"(?:each|all|both)(?: of them| one)? (?:(?:should be|to be|must be|turned|made|\w+ly) )*(?:\w+ed\b|black-and-white|sepia|in )"
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
    r"\s*(?:->|=>|→|»)\s*|,?\s*\b(?:and\s+)?(?:then|after that|afterwards|next(?! to\b)|finally|after which)\b[\s,]*",
    re.I,
)
_ANOTHER_NEW = r"an? (?:separate|second|different|new|further) (?:one|picture|image|photo|drawing|painting)\b"
_SOFT = re.compile(
    rf"\s*(?:,\s*and\b|,\s*so\b|,|\band\b|\bbut also\b|\bplus\b)\s+(?:also\s+|please\s+|now\s+|this time\s+)*"
    rf"(?=(?:{VERBS})\b{_OBJECT}|{_COMPARATIVE}|{_QUESTION}|{_OTHER_ONE}|{_EACH_DONE}|{_ANOTHER_NEW})",
    re.I,
)
_INSTEAD = re.compile(
    r"[\s,.]*\b(?:(?:no|oh|actually|hang on|hold on)[, ]+)*(?:wait,? no|no,? wait|no no|scratch that|scrap that|strike that|forget that|make that)\b[\s,:.]+(?=\S)", re.I
)  # fmt: skip
#: Said in a sentence of its own, how many pictures they shall be: `in red, green and blue. One picture per colour.`
_EACH_APART = re.compile(r"[.!;]\s+(?=(?:one|a) (?:separate )?(?:picture|image|version|copy) (?:per|each|(?:for|of|in) (?:each|every))\b)", re.I)
_NUMBERED = re.compile(r"(?:^|(?<=[\s,;]))(?:\d{1,2}[.)]|\(\d{1,2}\))\s+(?=[a-z])", re.I)
_WHEN_DONE = re.compile(
    r",? \b(?:when|once|as soon as|after) (?:it|that|this|they|you)(?:'s|'re| is| are| has| have| comes?)?"
    r" (?:been )?(?:done|ready|there|finished|rendered|out|here|made|complete)\b", re.I
)  # fmt: skip
_BULLET = re.compile(r"^\s*(?:[-*•]\s+(?:\[[ x]?\]\s+)?|\d{1,2}[.)]\s+|\(\d{1,2}\)\s+)|\*{1,2}(?=\w)|(?<=\w)\*{1,2}")
_PROTECTED = (
    ("black and white", "black-and-white"),
    ("black & white", "black-and-white"),
    ("salt and pepper", "salt-and-pepper"),
)


@dataclass(frozen=True)
class Clause:
    """One piece of a message."""

    text: str = field(repr=False)
    then: bool = False
    """The person put it after what came before."""
    instead: bool = False
    """It takes the place of what came before: `a horse. no wait, a donkey`."""
    apart: bool = False
    """It starts from what the piece before started from: another branch, not a further step."""


def split(text: str, *, here: bool = False) -> list[Clause]:
    """The clauses in order, never empty for a text with words; a very long text is one.

    With a picture `here`, what may be said about it is said in plain words.
    """
    text = _EACH_APART.sub(", ", courtesy.without(_WHEN_DONE.sub("", clean(_in_one_line(text)))))
    for apart, joined in _PROTECTED:
        text = re.sub(apart, joined, text, flags=re.I)
    clauses = [clause for sentence in _sentences(text) for clause in _said(courtesy.request_in(sentence), here=here)]
    clauses = [clause for clause in clauses if not only_polite(clause.text)] or clauses
    clauses = _by_degrees(clauses)
    return clauses if 0 < len(clauses) <= MOST else [Clause(text.strip(" ;"))]


def _said(sentence: str, *, here: bool) -> list[Clause]:
    """The clauses of a sentence; where a whole sentence or a clause of it has plain words, these."""
    if not here:
        return _ordered(sentence)
    whole = plain.said(sentence)
    return [replace(clause, text=plain.said(clause.text)) for clause in _ordered(whole)]


def _in_one_line(text: str) -> str:
    """Lines are requests of their own, without their bullets; headings ask for nothing, a verb alone goes on below."""
    lines = [line for line in text.strip().splitlines() if line.strip()]
    if len(lines) < 2:
        return text
    wanted = [_BULLET.sub("", line) for line in lines if not _HEADING.match(line.strip())] or lines
    return _ALONE.sub(r"\1 ", " ; ".join(wanted))


_HEADING = re.compile(r"#{1,6} .*$|\*\*[^*]+\*\*:?$|[\w ]{2,40}:$")
_ALONE = re.compile(rf"(?:^|(?<=; ))({VERBS})\s*;\s*", re.I)


def _sentences(text: str) -> list[str]:
    return [sentence for sentence in _SENTENCE.split(_NUMBERED.sub(" ; ", text)) if sentence]


def _by_degrees(clauses: list[Clause]) -> list[Clause]:
    """`That's too much, a bit less`: said twice, meant once."""
    last = clauses[-1:]
    while len(clauses) > 1 and all(degree(clause.text) is not None for clause in clauses[-2:]):
        clauses = [*clauses[:-2], *last]
    return clauses


def _ordered(sentence: str) -> list[Clause]:
    """Cut at `then`, and at a comma or an `and` where another request begins."""
    found: list[Clause] = []
    for turn, said in enumerate(_INSTEAD.split(sentence)):
        for number, part in enumerate(_THEN.split(_in_time(said))):
            pieces = _pieces(part, then=number > 0)
            if turn and not number and pieces:
                pieces[0] = replace(pieces[0], instead=True)
            found += pieces
    return found


def _pieces(part: str, *, then: bool) -> list[Clause]:
    """The requests that stand beside one another; the first of them comes after what was before, when `then`."""
    if branches := unrolled(part):
        return [Clause(branch, then and not place, apart=place > 0) for place, branch in enumerate(branches)]
    pieces = [piece.strip(" ,") for piece in _SOFT.split(part)]
    pieces = _rejoined([piece for piece in pieces if re.search(r"\w", piece)])
    pieces = [counted(each) for piece in pieces for each in beside(piece)]
    pieces = [each for piece in pieces for each in finishes.listed(piece)]
    found: list[Clause] = []
    for piece in pieces:
        found += [Clause(each, then=bool(turn) or (then and not found)) for turn, each in enumerate(repeated(piece))]
    return found


def _rejoined(pieces: list[str]) -> list[str]:
    """`Do A1 and A2 in sepia` is one request for both: a verb and a name alone ask for nothing yet."""
    joined: list[str] = []
    for piece in pieces:
        if joined and _NAME_ALONE.match(joined[-1]) and _NAME_FIRST.match(piece):
            joined[-1] = f"{joined[-1]} and {piece}"
        else:
            joined.append(piece)
    return joined


_NAME_ALONE = re.compile(rf"(?:(?:{VERBS})\s+)?(?:{REFERENCE}(?:,? (?:and )?)?)+$", re.I)
_NAME_FIRST = re.compile(REFERENCE, re.I)


_BEFORE = re.compile(
    r"^before (?:you |we )?(?P<late>.+?), (?P<early>.+)$|^(?P<late2>.+?),? but first,? (?P<early2>.+)$|^(?P<late3>.+?) after (?:you(?:'ve)? |having )(?P<early3>.+)$",
    re.I,
)


def _in_time(sentence: str) -> str:
    """`Before you upscale it, make it grey`: in the order in which it is to be done."""
    said = _BEFORE.match(sentence.strip())
    if said is None:
        return sentence
    early = said["early"] or said["early2"] or said["early3"]
    late = said["late"] or said["late2"] or said["late3"]
    return f"{early.rstrip(' .!')} then {late}"
