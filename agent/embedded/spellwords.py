"""What is said about spells: save this as one, cast one, which are there, what is in it, share it. Pure.

A spell is meant by its title, by words of it before `spell`, or, where none of it is said, by what it does.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from agent.embedded import words
from agent.model import PlanningRequest
from tools.model import Tool

NAME_IT = "What shall the spell be called?"
TITLE_CHARS = 80


@dataclass(frozen=True)
class Save:
    """Keep how a picture was made."""

    ref: str
    """The words for the picture."""
    title: str = ""
    same_seed: bool = False


@dataclass(frozen=True)
class Cast:
    """`rest` is what was said to fill it: words for blanks, pictures for ports."""

    spell: Tool
    rest: str = ""


@dataclass(frozen=True)
class About:
    """A question: `list`, `show` or `share`, or `unknown` for a spell that is not there; without a spell about all of them, or about what spells are."""

    what: str
    spell: Tool | None = None
    title: str = ""
    """What was said to be a spell, and is none."""


Heard = Save | Cast | About


def own_spells(request: PlanningRequest) -> list[Tool]:
    return [tool for tool in request.own if tool.recipe]


def heard(text: str, request: PlanningRequest) -> Heard | None:
    """What one request says about spells; None for whatever is about something else."""
    said = words.bare(text)
    if (saving := _saved(said)) is not None:
        return saving
    if _WHICH.search(said):
        return About("list")
    spells = own_spells(request)
    for spell in sorted(spells, key=lambda tool: -len(tool.title)):
        if (found := _by_title(said, spell)) is not None:
            return found
    return _by_other_words(said, request, spells)


_SEED = re.compile(r"[,;]?\s+(?:and\s+)?(?:with|using|keep(?:ing)?)\s+(?:the\s+|its\s+|that\s+)?(?:same\s+)?seed$", re.I)
_AS_SPELL = re.compile(
    r"^(?:save|keep|store|remember|turn|make)\s+(?P<ref>.+?)\s+(?:as|into)\s+(?:an?|my|the|one of my)?\s*(?:new\s+)?spell(?:s)?"
    r"(?:[\s,:]+(?:(?:and\s+)?(?:call(?:ed)?(?:\s+it)?|named?(?:\s+it)?)\s*:?\s*)?(?P<title>.+))?$",
    re.I,
)
_SPELL_OF = re.compile(
    r"^(?:save|make|create|build)\s+(?:me\s+)?(?:an?|my|the)\s+(?:new\s+)?spell\s+(?:(?:called|named)\s+(?P<first>.+?)\s+)?"
    r"(?:out\s+of|from|of)\s+(?P<ref>.+?)(?:[\s,:]+(?:and\s+)?(?:call(?:ed)?(?:\s+it)?|named?(?:\s+it)?)\s*:?\s*(?P<title>.+))?$",
    re.I,
)
_AS_TITLE = re.compile(
    r"^(?:save|keep|store)\s+(?P<ref>(?:how you made\s+|the (?:plan|recipe|steps|making) (?:of|for|behind)\s+)?"
    r"(?:that|this|it|these steps|[aA]\d{1,4}|the [\w ]{1,40}?(?:one|picture|image|photo|result|plan|recipe|steps)))"
    r"\s+as\s+(?P<title>.+)$",
    re.I,
)
_FILE = re.compile(
    r"^(?:(?:an?|the|my)\s+)?(?:[\w-]+\s+)?(?:png|jpe?gs?|webp|gif|pdf|svg|tiff?|bmp|files?|images?|pictures?|photos?|copy|draft|"
    r"favou?rites?|download|backup|wallpaper|background|avatar|is|well|final|reference|base|original|default)\b",
    re.I,
)


def _saved(said: str) -> Save | None:
    text = _SEED.sub("", said)
    same_seed = text != said
    found = _AS_SPELL.match(text) or _SPELL_OF.match(text)
    if found is not None:
        first = found.groupdict().get("first")
        return Save(found["ref"], _title(found["title"] or first or ""), same_seed)
    found = _AS_TITLE.match(text)
    if found is None or _FILE.match(found["title"]):
        return None
    title = _title(found["title"])
    return Save(found["ref"], title, same_seed) if title else None


def _title(said: str) -> str:
    """`my "sticker maker" spell` -> `Sticker maker`."""
    text = re.sub(r"^(?:my|the|an?)\s+|\s+spell$", "", said.strip(" .!?\"'"), flags=re.I).strip(" \"'")[:TITLE_CHARS]
    return text[:1].upper() + text[1:]


_WHICH = re.compile(
    r"^(?:(?:what|which) spells\b.*|(?:show|list|see|give)(?: me)?(?: all)?(?: of)? (?:my |the )?spells(?: i have)?|(?:my |all )?spells|"
    r"(?:do i|have i got|do we) have (?:any )?spells|what (?:is|are) (?:a )?spells?|how do (?:i (?:use|cast|make) )?(?:a )?spells?\b.*)$",
    re.I,
)
_CAST = r"(?:cast|use|apply|run|invoke|try|do)"
_TO = r"(?:on|onto|for|with|to|about|of)"
_MAKE = r"(?:(?:make|do|draw|create|paint|render|give me|show me|turn|run|put|i want|i need)\s+(?:me\s+)?)"


def _by_title(said: str, spell: Tool) -> Heard | None:
    """A request in which the title stands where a spell can be meant."""
    parts = re.findall(r"\w+", spell.title)
    lower = said.lower()
    if not parts or not all(part.lower() in lower for part in parts):
        return None
    name = r"[\s_'-]+".join(map(re.escape, parts))
    mine = rf"(?:my\s+|the\s+|spell\s+)*[\"']?{name}[\"']?(?:\s+spell)?"
    sure = rf"(?:my\s+(?:spell\s+)?[\"']?{name}[\"']?(?:\s+spell)?|(?:the\s+)?(?:spell\s+[\"']?{name}[\"']?|[\"']?{name}[\"']?\s+spell))"
    alone = mine if len(parts) > 1 else sure  # a title of one word may be a word like any other
    for what, pattern in _ABOUT.items():
        if re.match(pattern.replace("TITLE", mine), said, re.I):
            return About(what, spell)
    patterns = (
        rf"^{_CAST}\s+{mine}(?:\s+again)?(?:\s*[,:]?\s+{_TO}\s+(?P<rest>.+)|\s*:\s*(?P<after>.+))?$",
        rf"^{mine}\s*:\s*(?P<rest>.+)$",
        rf"^{_MAKE}?{alone}\s*(?:,|-|\s{_TO}\s)\s*(?P<rest>.+)$",
        rf"^{_MAKE}?(?P<rest>.+?)\s+(?:with|using|through|via|by)\s+(?:my\s+|the\s+){mine}$",
        rf"^{alone}$",
    )
    for pattern in patterns:
        if (found := re.match(pattern, said, re.I)) is not None:
            given = found.groupdict()
            return Cast(spell, (given.get("rest") or given.get("after") or "").strip())
    return None


_ABOUT = {
    "show": r"^(?:show|explain|describe|open)(?: me)? TITLE$|^what(?:'s| is) (?:in )?TITLE$|^(?:what|how) does TITLE (?:do|work)$",
    "share": r"^share TITLE(?: with .+)?$|^(?:give me |make |get )?(?:me )?an? link (?:to|for) TITLE$",
}
_SOME = re.compile(
    rf"^{_CAST}\s+(?P<whose>my|the|that)\s+(?P<what>[\w' -]*?)\s*spell(?:\s+(?:that|which)\s+(?P<does>.+?))?"
    rf"(?:\s*[,:]?\s+(?:on|onto|for|with|to)\s+(?P<rest>.+)|\s*:\s*(?P<after>.+))?$",
    re.I,
)

#: A title that nothing here has. Light, shadows and metal are cast too, and no spells.
_UNKNOWN = re.compile(
    r"^cast\s+(?!(?:an?|some|more|less|no|it|them|him|her|its|his|their|this|that|these|those|everything|iron|metal|bronze|steel|concrete|stone|plaster)\b)"
    r"(?!.*\b(?:shadows?|lights?|glow|rays?|reflections?|glances?|looks?|doubt|nets?|spells? (?:on|over|at) )\b)"
    r"(?:the\s+)?(?:spell\s+)?(?P<what>[\"']?\w[\w'-]*(?: [\w'-]+){0,4}?[\"']?)(?:\s+spell)?(?:\s*,?\s+(?:again|(?:on|onto|for|with|to|about|of)\s+.+)|\s*:\s*.+)?$",
    re.I,
)


def _by_other_words(said: str, request: PlanningRequest, spells: list[Tool]) -> Heard | None:
    """`use my sticker spell for this photo`, `cast the spell that cuts things out: a fox`."""
    found = _SOME.match(said)
    if found is None:
        unknown = _UNKNOWN.match(said)
        return None if unknown is None else About("unknown", title=unknown["what"].strip(" \"'"))
    rest = (found["rest"] or found["after"] or "").strip()
    meant = next(_candidates(f"{found['what']} {found['does'] or ''}", request, spells), None)
    if meant is not None:
        return Cast(meant, rest)
    if found["what"] and (found["whose"].lower() == "my" or said.lower().startswith("cast ")):
        return About("unknown", title=found["what"])
    return About("list") if found["whose"].lower() == "my" else None


def _candidates(description: str, request: PlanningRequest, spells: list[Tool]) -> Iterator[Tool]:
    """Whose title has the words, then what the search found for the whole message."""
    said = [word for word in re.findall(r"\w{3,}", description.lower()) if word not in ("that", "which", "the", "and")]
    named = [tool for tool in spells if said and all(word[:5] in tool.title.lower() for word in said)]
    if len(named) == 1:
        yield named[0]
    if not said and len(spells) == 1:
        yield spells[0]
    mine = {tool.name: tool for tool in (named or spells)}
    yield from (mine[found.tool.name] for found in request.found if said and found.tool.name in mine)


_PARTS = re.compile(r"\s*(?:,\s*(?:and\s+)?then\s+|\band\s+then\s+|\bthen\s+|;\s*|(?<=[a-z0-9]{2})\.\s+)", re.I)


def parts(text: str, request: PlanningRequest) -> list[tuple[str, Heard | None]]:
    """The message in pieces, with what each says about spells; empty when none says anything."""
    whole = heard(text, request)
    if whole is not None and not (isinstance(whole, Cast | Save) and _PARTS.search(text)):
        return [(text, whole)]
    pieces = [(piece, heard(piece, request)) for piece in _PARTS.split(text) if piece.strip()]
    return pieces if any(said is not None for _, said in pieces) else [(text, whole)] if whole else []
