"""Take out what surrounds a request and asks for nothing: apologies, oaths, thinking aloud. Pure.

`I'm sorry to bother you, but would it be possible to have it mirrored?` -> `have it mirrored?`
"""

from __future__ import annotations

import re

_NO_REQUEST = (
    r"\bi(?:'m| am) (?:\w+ )?sorry (?:to (?:bother|trouble|ask|be a pain)|about this|for (?:bothering|asking))(?: you)?(?: again)?,?\s*(?:but )?",
    r",?\s*\bif (?:it(?:'s| is| isn't| is not| wouldn't be| would not be)|that(?:'s| is| isn't)) (?:not )?(?:too much |any |too )?(?:trouble|bother|ok(?:ay)?|alright|possible|hard)"
    r"(?: (?:with|for) you)?",
    r",?\s*\bif you (?:don't|wouldn't|do not) mind\b,?|,?\s*\bwhen(?:ever)? you (?:have|get) (?:a|the) (?:moment|minute|sec|second|chance|time)\b,?",
    r"\b(?:ffs|smh|wtf|omfg|jfc|for (?:fuck'?s|god'?s|heaven'?s|pete'?s) sake)\b,?\s*",
    r"(?<=\btoo )(?:bloody|fucking|damn|freaking|goddamn) |(?<=\bso )(?:bloody|fucking|damn|freaking|goddamn) |\b(?:fucking|goddamn) (?=thing\b)",
    r",?\s*\b(?:por favor|s'il (?:te|vous) pla[iî]t|bitte(?: schön)?|per favore)\b",
    r"^(?:hola|bonjour|salut|hallo|ciao|ol[aá]|buenas|moin|servus|namaste)\b[\s,!.]+(?=\S)",
    r"(?<=\w),? (?:like|you know|basically|literally|sort of),(?= \w)|^(?:yo|oi|ayo)\b,? (?=\S)|,? \b(?:x{2,}|x+(?:o+x+)+)$",
    r"^(?:idk|i don't know|dunno|hmm+|not sure|i guess|i suppose)[,.]? +(?=\S+ \S)",
    r"^(?:dear|good (?:morning|evening|afternoon|day))\b[^,.!]{0,40}[,.!]+\s*(?=\S)",
    r"[\s,.]*\b(?:with )?(?:kind|best|warm|many) (?:regards|wishes|thanks)\b.*$|[\s,.]*\byours (?:sincerely|truly|faithfully)\b.*$",
)
_REPEATED = re.compile(r"\b(\w+)\b(?:[ ,!]+(?:please|pls|i said)?[ ,!]*\b\1\b){2,}", re.I)
_BEFORE_IT = (
    r"^.*\b(?:question is|wondering|wanted to ask|like to ask|wonder) (?:whether|if) (?:you|we|i|it) (?:could|can|would|might)(?: (?:perhaps|maybe|possibly|please))?\b\s*",
    r"^.*\b(?:long story short|in short|bottom line|to cut a long story short|what i (?:really |actually )?(?:want|need) is)[,:]?\s+(?:(?:to|for you to|just) )*",
    r"^.*?\b(?:would|might|could|is) it (?:perhaps |maybe |at all |also )?(?:be )?possible (?:for you )?to\s+",
)
_TABLE = tuple(re.compile(pattern, re.I) for pattern in _NO_REQUEST)
_OPENINGS = tuple(re.compile(pattern, re.I) for pattern in _BEFORE_IT)


def without(text: str) -> str:
    """The text without what asks for nothing; as it was where nothing would be left."""
    text = _REPEATED.sub(r"\1", text)
    for pattern in _TABLE:
        text = pattern.sub("", text) if re.search(r"\w", pattern.sub("", text)) else text
    return text.strip()


def request_in(sentence: str) -> str:
    """The part of a sentence that asks, where the words before it only lead there."""
    for pattern in _OPENINGS:
        rest = pattern.sub("", sentence)
        sentence = rest if re.search(r"\w", rest) else sentence
    return sentence
