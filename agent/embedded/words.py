"""Reading words: clean text, numbers, ratios, sizes, amounts. Pure."""

from __future__ import annotations

import re
from dataclasses import dataclass

NUMBERS = {
    "one": 1, "two": 2, "three": 3, "four": 4, "five": 5, "six": 6, "seven": 7, "eight": 8, "nine": 9, "ten": 10, "eleven": 11, "twelve": 12, "thirteen": 13,
    "fourteen": 14, "fifteen": 15, "sixteen": 16, "eighteen": 18, "twenty": 20, "thirty": 30, "forty": 40, "fifty": 50, "seventeen": 17, "nineteen": 19, "sixty": 60, "seventy": 70, "eighty": 80, "ninety": 90,
    "half a dozen": 6, "a half dozen": 6, "two dozen": 24, "a dozen": 12, "dozen": 12, "twice": 2, "double": 2,
    "triple": 3, "thrice": 3, "quadruple": 4, "a couple of": 2, "a couple": 2, "a few": 3, "several": 4,
}  # fmt: skip
_UNIT = "one|two|three|four|five|six|seven|eight|nine"
_TENS = "twenty|thirty|forty|fifty|sixty|seventy|eighty|ninety"
#: `twenty-five`, `five hundred`, `a thousand`, `two hundred and fifty`.
LARGE = (
    rf"(?:(?:an?|{_UNIT}) )?(?:hundred|thousand)\b(?: (?:and )?(?:(?:{_TENS})(?:[- ](?:{_UNIT}))?|ten|eleven|twelve|\w+teen|{_UNIT})\b)?"
    rf"|(?:{_TENS})[- ](?:{_UNIT})\b"
)
_NUMBER = rf"\d+(?:\.\d+)?|{LARGE}|" + "|".join(sorted(NUMBERS, key=len, reverse=True))  # `sixteen` before `six`

_POLITE = re.compile(
    r"^(?:(?:ok(?:ay)?|hey|hi|hello|now|please|pls|so|well|great|nice|cool(?=[\s]*[,!.])|perfect|awesome|thanks|thank you|"
    r"and|also|then|"
    r"next(?! to\b)|after that|afterwards|finally|first(?=,)|actually|hmm+|oh|um+|uh|alright|right(?=,)|"
    r"sorry|wait|no(?=,)|nope|"
    r"yes(?=,)|yeah|yep|sure|can you|could you|would you(?! mind)|will you|i want you to|i'd like you to|"
    r"i would like you to|let's|lets|"
    r"just|go ahead and|try to|kindly|i (?:really )?(?:like|love) (?:it|this|that)(?=,| but)|"
    r"but)\b[\s,!.]*)+(?=\S)",
    re.I,
)
_TRAILING = re.compile(
    r"[\s,]*\b(?:please|pls|thanks|thank you|for me|now|maybe|perhaps|if (?:you can|possible|you could|"
    r"you don't mind)|ok(?:ay)?|as well|(?<=\w\w\w )too)\b[\s.!?]*$",
    re.I,
)

RATIO_WORDS = {
    "square": "1:1", "squared": "1:1", "quadratic": "1:1", "widescreen": "16:9", "wide": "16:9", "cinematic": "21:9",
    "landscape": "3:2", "portrait": "2:3", "vertical": "9:16", "phone": "9:16", "story": "9:16", "banner": "3:1",
}  # fmt: skip


def clean(text: str) -> str:
    """One line, straight quotes, no surrounding space; the words themselves stay as written."""
    table = {"’": "'", "‘": "'", "“": '"', "”": '"', "–": "-", "—": "-", "×": "x"}
    for curly, straight in table.items():
        text = text.replace(curly, straight)
    return re.sub(r"\s+", " ", text).strip()


def bare(clause: str) -> str:
    """A clause without its politeness: `please, can you now blur it, thanks` -> `blur it`."""
    text = _TRAILING.sub("", _POLITE.sub("", clean(clause).rstrip(" .!?,;:")))
    return text.strip(" .!?,;:") or clean(clause)


def only_polite(clause: str) -> bool:
    """Nothing is asked for: `actually`, `well then`."""
    return _POLITE.sub("", f"{clean(clause)} .") in ("", ".")


def number(word: str) -> float:
    """The value of a numeral or a number word that `_NUMBER` matched."""
    return float(NUMBERS.get(word.lower(), 0) or (_sum(word.lower()) if re.match(r"[a-z]", word, re.I) else word))


def _sum(said: str) -> int:
    """`two hundred and fifty` is 250."""
    total = 0
    for word in re.split(r"[ -](?:and )?", said):
        if word in ("hundred", "thousand"):
            total = (total or 1) * (100 if word == "hundred" else 1000)
        else:
            total += NUMBERS.get(word, 0)
    return total


def factor(text: str) -> float | None:
    """`2x`, `x4`, `three times`, `twice`, `double`, `200 %`, `half`: times the sides."""
    if found := re.search(rf"\b({_NUMBER})\s*(?:x\b|times\b|-?fold\b)|\bx\s?(\d+(?:\.\d+)?)\b", text, re.I):
        return number(found[1] or found[2])
    if found := re.search(rf"\bfactor (?:of )?({_NUMBER})\b", text, re.I):
        return number(found[1])
    if found := _BY.search(text):
        return number(found[1])
    if found := re.search(r"\b(twice|double|triple|thrice|quadruple)\b", text, re.I):
        return number(found[1])
    if found := re.search(r"\b(to|by)\s+(\d+(?:\.\d+)?)\s?(?:%|percent\b)", text, re.I):
        share = float(found[2]) / 100
        if found[1].lower() == "to" or not _STEPWISE.search(text):
            return share
        return 1 + share if (step := _STEPWISE.search(text)) and step["more"] else max(0.05, 1 - share)
    for pattern, share in _SHARES:
        if pattern.search(text):
            return share
    return None


#: `Scale it by 8`: with no unit behind it, the number is times the sides.
_BY = re.compile(
    rf"\b(?:scal|re-?siz|up-?(?:scal|res|siz|sampl)|enlarg|increas|magnif|blow|grow|multipl|bigger|larger)\w*\b.*?\bby (?:about |around |exactly )?({_NUMBER})\b"
    r"(?!\.?\d| ?(?:%|percent|px|pixels?|x|by|:|/|degrees|°|points?|steps?|stops?|cm|mm|inch|and a|an?|halfs?|thirds?|quarters?|fifths?)\b| ?%)", re.I
)  # fmt: skip
_STEPWISE = re.compile(r"\b(?:(?P<more>increase|enlarge|raise|grow|bigger|larger|more)|decrease|reduce|shrink|smaller|less|lower)\b", re.I)
_SHARES = tuple(
    (re.compile(pattern, re.I), share)
    for pattern, share in (
        (r"\b(?:one and a half|a time and a half|half (?:as big )?again)\b", 1.5), (r"\btwo thirds\b", 0.667),
        (r"\b(?:a|one) third\b", 0.333), (r"\bthree quarters\b", 0.75), (r"\b(?:a|one) quarter (?:of|the)\b|\bquarter(?:-| )size\b", 0.25),
        (r"\bhalf\b|\bhalve\b", 0.5),
    )
)  # fmt: skip


def ratio(text: str) -> str | None:
    """`16:9`, `4 by 3`, `square`, `widescreen`: width to height."""
    found = re.search(r"\b(\d{1,2}(?:\.\d+)?)\s?(?::|/|\bby\b|\bto\b)\s?(\d{1,2}(?:\.\d+)?)\b", text)
    if found and drawable(said := f"{found[1]}:{found[2]}"):
        return said
    found = re.search(r"\b(" + "|".join(RATIO_WORDS) + r")\b", text, re.I)
    return RATIO_WORDS[found[1].lower()] if found else None


def drawable(ratio: str) -> bool:
    """Whether a `width:height` is a shape that a picture can have: `0:7` is none, nor is a hair of 1:50."""
    across, down = (float(part) for part in ratio.split(":"))
    return down > 0 and 0.05 <= across / down <= 20


def pixels(text: str) -> tuple[int | None, int | None]:
    """(width, height) from `1024x768`, `512 px wide`, `800 pixels high`; None where nothing is said."""
    if found := re.search(r"\b(\d{2,5})\s?(?:x|by)\s?(\d{2,5})\b", text, re.I):
        return int(found[1]), int(found[2])
    width = re.search(
        r"\b(\d{2,5})\s?(?:px|pixels?)?\s?(?:wide|in width|across)\b|\bwidth (?:of |to )?(\d{2,5})\b",
        text,
        re.I,
    )
    height = re.search(
        r"\b(\d{2,5})\s?(?:px|pixels?)?\s?(?:high|tall|in height)\b|\bheight (?:of |to )?(\d{2,5})\b",
        text,
        re.I,
    )
    if width or height:
        return _pixel(width), _pixel(height)
    only = re.search(r"\b(\d{2,5})\s?(?:px|pixels?)\b", text, re.I)
    return (int(only[1]) if only else None), None


_LESS = re.compile(
    r"\b(?:less|fewer|lower|reduce|decrease|drop|not (?:so|as|that)|too|lose|(?:tone|turn|dial|bring|take|"
    r"pull|push)\b.{0,30}\bdown|down)\b"
    r"|(?:^|\s)-\s?\d",
    re.I,
)
_LACKING = re.compile(
    r"\b(?:not|isn't|aren't|never) (?:\w+ )?enough\b|\b(?:not|n't) (?:very|really|quite) ", re.I
)
_PERCENT = re.compile(r"(\d{1,3}(?:\.\d+)?)\s?(?:%|percent\b)|(?:^|\s)[+-]\s?(\d{1,3})\b", re.I)


@dataclass(frozen=True)
class Amount:
    """How much and which way: `sign` -1 or 1, `strength` 0..1 where a plain word is 0.35, `exact` when a number was said."""

    sign: int
    strength: float
    exact: bool = False
    beyond: float | None = None
    """The percentage that was said, where it is more than a whole."""

    @property
    def signed(self) -> float:
        return round(self.sign * self.strength, 3)


_UTMOST = re.compile(
    r"\bas (?:\w+ )?as (?:possible|it gets|you can|it can|can be)\b|\b(?:completely|totally|entirely|fully|full[- ]on|all the way|to the max|"
    r"maximum|max(?:ed)? out|at full strength|heavily)\b",
    re.I,
)
_LITTLE = re.compile(
    r"\b(slight(?:ly)?|a (?:tiny |wee |little )?bit|a little|a touch|a tad|a hint|a dash|somewhat|subt(?:ly|le)|gent(?:ly|le)|a smidge|"
    r"ever so|just barely|a fraction)\b",
    re.I,
)


def amount(text: str) -> Amount:
    """`slightly less`, `a lot more`, `by 20 %`, `too` (which means: the other way)."""
    sign = -1 if _LESS.search(text) and not _LACKING.search(text) else 1
    if found := _PERCENT.search(text):
        percent = float(found[1] or found[2])
        return Amount(sign, min(1.0, percent / 100), exact=True, beyond=percent if percent > 100 else None)
    if _UTMOST.search(text):
        return Amount(sign, 1.0)
    if _LITTLE.search(text):
        return Amount(sign, 0.18)
    if re.search(
        r"\b(much|a lot|lots|way|very|really|far|extremely|super|strongly|dramatically|significantly)\b",
        text,
        re.I,
    ):
        return Amount(sign, 0.65)
    return Amount(sign, 0.35)


_FORMATS = (
    r"\s--[a-z]+(?:[ =][\d.:]+)?",
    r",?\s*(?:in |with )?(?<!at )\b\d{1,2}:\d{1,2}\b(?: format| aspect ratio| ratio)?",
    r",?\s*(?:in |at )?\b\d{2,5}\s?x\s?\d{2,5}\b(?: ?px| ?pixels)?",
    r",?\s*(?:in )?\b(?:widescreen|(?:portrait|landscape|square|vertical|phone|cinematic) (?:format|mode|"
    r"orientation|aspect))\b",
    r",\s*(?:square|portrait|landscape|vertical)\b",
    r",?\s*(?:with |using )?\bseed\s*(?:of|=|:|is)?\s*\d{1,16}\b",
    r"\bin (?:square|portrait|landscape)$",
)


def without_format(text: str) -> str:
    """A prompt without the words that only say its format: `the sea, in 16:9, seed 4` -> `the sea`."""
    for pattern in _FORMATS:
        text = re.sub(pattern, "", text, flags=re.I)
    return text.strip(" ,")


def count(text: str) -> int | None:
    """`four variations`, `3 pictures`: how many; None where nothing is said."""
    things = (
        r"(?:different |more |new |other )*"
        r"(?:variations?|variants?|versions?|pictures?|images?|photos?|options?|alternatives?|of (?:them|it|this|that|those|these)|takes?|choices|"
        r"more(?: like)?)"
    )
    found = re.search(rf"\b({_NUMBER})\s+{things}\b", _EACH_ITS_OWN.sub("", text), re.I)
    found = found or re.search(rf"\banother ({_NUMBER})\b(?! {_NUMBER})", text, re.I)
    if found is None and _EACH_ITS_OWN.search(text):
        found = re.search(rf"(?:^|\b(?:draw|paint|make|create|generate|me|want|need|show|give)\s+)({_NUMBER})\s+(?=[a-z])", text, re.I)
    return int(number(found[1])) if found else None


def counted_apart(text: str) -> str:
    """`3 different bells, one picture each` shows bells, one at a time."""
    if not _EACH_ITS_OWN.search(text):
        return text
    rest = _EACH_ITS_OWN.sub("", text).strip(" ,")
    return re.sub(rf"^(?:{_NUMBER})\s+(?:different |separate )?", "", rest, flags=re.I)


_EACH_ITS_OWN = re.compile(
    r",?\s*\b(?:(?:as )?(?:one |a )?(?:separate |individual |own )?(?:picture|image|file)s? each|each (?:in|on|as) (?:its|their|a) own(?: picture| image| file)?"
    r"|one (?:per|in each|on each|for each) (?:picture|image)|separately|individually|as separate (?:pictures|images|files))\b",
    re.I,
)


def seed(text: str) -> int | None:
    """`seed 42`."""
    found = re.search(r"\bseed\s*(?:of|=|:|is|to)?\s*(\d{1,16})\b", text, re.I)
    return int(found[1]) if found else None


def _pixel(found: re.Match[str] | None) -> int | None:
    return None if found is None else int(next(group for group in found.groups() if group))
