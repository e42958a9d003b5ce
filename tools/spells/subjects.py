"""What a prompt is about, as against how it is shown: the phrase that another person would replace. Pure."""

from __future__ import annotations

import re

_KINDS = (
    "photo|photograph|picture|image|drawing|painting|portrait|sticker|logo|icon|poster|illustration|sketch|emoji|avatar|"
    "render|rendering|watercolou?r|cartoon|mascot|statue|figurine|badge|stamp|tattoo|postcard|card|cover|banner|"
    "silhouette|close-up|closeup|shot|scene|view|doodle|wallpaper|engraving|woodcut|collage|mosaic|print|pattern|model|"
    "sculpture|comic|caricature|infographic|map|animation|video|clip|gif"
)
_OF = re.compile(
    rf"^(?P<lead>(?:(?:an?|the|one|some)\s+)?(?:(?!(?:as|in|on|at|with|by|of|and)\b)[\w'-]+\s+){{0,5}}?(?:{_KINDS})s?\s+"
    r"(?:of|showing|depicting|featuring|for)\s+)",
    re.I,
)
#: where the thing ends and how or where it is shown begins
_ENDS = re.compile(
    r"\s*(?:[,;:.!?(\n]|\s[-–—]\s|\b(?:as|in|on|at|with|without|under|over|above|below|beside|behind|near|by|inside|outside|against|"
    r"from|through|during|before|after|among|between|across|along|around|into|onto|beneath|amid|like|made|drawn|painted|"
    r"rendered|styled|style|wearing|who|that|which|while|when|where|and|or|is|are|to|for)\b|\b(?!(?:building|wedding|painting|drawing|ceiling|evening|morning|clothing|viking|earring|lightning|pudding|"
    r"something|anything|nothing|everything|\w+ling)\b)\w{2,}ing\b)",
    re.I,
)
_NO_NOUN = re.compile(rf"^(?:\b(?:an?|the|some|this|that|my|your|it|its|\d+|very|oil|ink|pencil|{_KINDS})\b|\W)*$", re.I)
MOST_WORDS = 8


def subject_of(prompt: str) -> str | None:
    """`a red fox as a sticker, white outline` -> `a red fox`; None where no phrase can be told apart."""
    text = prompt.strip()
    lead = _OF.match(text)
    rest = text[lead.end() :] if lead else text
    end = next((found.start() for found in _ENDS.finditer(rest) if not _NO_NOUN.match(rest[: found.start()])), len(rest))
    phrase = rest[:end].strip()
    if not phrase or _NO_NOUN.match(phrase) or _ENDS.match(phrase) or len(phrase.split()) > MOST_WORDS:
        return None
    return phrase


def with_blank(prompt: str, subject: str, blank: str) -> str:
    """The prompt with the blank wherever the phrase stands as a whole; `prompt` and `subject` have their braces doubled."""
    return re.sub(rf"(?<!\w){re.escape(subject)}(?!\w)", f"{{{blank}}}", prompt, flags=re.I)
