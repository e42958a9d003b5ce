"""Cut a message into the requests it makes: `make this black and white and crop it square` is two. Pure."""

from __future__ import annotations

import re

from agent.embedded.words import clean

VERBS = (
    "make|create|generate|draw|paint|render|imagine|design|crop|trim|rotate|turn|flip|mirror|invert|resize|scale|upscale|"
    "enlarge|shrink|blur|soften|sharpen|brighten|darken|lighten|desaturate|saturate|add|remove|delete|erase|replace|put|"
    "change|convert|transform|give|show|tell|cancel|stop|undo|go back|retry|try|restyle|apply|use|increase|decrease|reduce|"
    "boost|tone|warm|cool|cut|swap|write|repaint|reimagine"
)
_COMPARATIVE = r"(?:(?:slightly|a bit|a little|much|a lot|way|even) )?(?:more|less|brighter|darker|warmer|cooler|sharper|softer|bigger|smaller|lighter)\b"
_QUESTION = r"(?:how (?:much|long|many)|what|which|why|when|where|who|is it|are you|can (?:i|you|we)|do you)\b"
_HARD = re.compile(
    r"\s*(?:;|\n|(?<=[a-z0-9)\"'])[.!?]\s+(?=\S)|,?\s*(?:and\s+)?(?:then|after that|afterwards|next|finally|after which)\b[\s,]*)\s*",
    re.I,
)
_SOFT = re.compile(
    rf"\s*(?:,\s*and\b|,|\band\b|\bbut also\b|\bplus\b)\s+(?:also\s+|please\s+)?(?=(?:{VERBS})\b(?:\s+(?:it|this|that|them|these|the|a|an|its|me|"
    rf"[aA]\d|my|to|by|in|up|down|from|into|horizontally|vertically|\d)|\s*$|\s+(?:square|back))|{_COMPARATIVE}|{_QUESTION})",
    re.I,
)
_PROTECTED = (("black and white", "black-and-white"), ("black & white", "black-and-white"), ("salt and pepper", "salt-and-pepper"))


def split(text: str) -> list[str]:
    """The clauses in order, never empty for a text with words."""
    text = clean(text)
    for plain, joined in _PROTECTED:
        text = re.sub(plain, joined, text, flags=re.I)
    parts = [soft for hard in _HARD.split(text) for soft in _SOFT.split(hard)]
    return [part.strip(" ,") for part in parts if re.search(r"\w", part)] or [text]
