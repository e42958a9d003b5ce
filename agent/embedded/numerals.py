"""How many pictures somebody asks for, in whatever words: `six paintings of a mill`, `a mill, 3 times`, `a dozen mills`. Pure.

All of them come to one way of saying it, `draw 6 pictures of a painting of a mill`, which is the one that the rest reads.
"""

from __future__ import annotations

import re

from agent.embedded.words import LARGE, NUMBERS, number

_ONCE = frozenset({"one", "twice", "double", "triple", "thrice", "quadruple"})
COUNT = rf"(?:{LARGE}|{'|'.join(sorted((word for word in NUMBERS if word not in _ONCE), key=len, reverse=True))}|\d{{1,3}})(?![\w:.%])"
LEAD = (
    r"(?:(?:(?:can|could|would) (?:you|i|we) |please |now |just |also |then |i (?:want|need|would like|'d like)(?: (?:you )?to (?:see|have|make|get|paint|draw))? |i'd (?:like|love) |"
    r"let me (?:see|have) |let's (?:see|have|do) |have |do |(?P<verb>show|give|get|make|draw|paint|create|generate|render|design|sketch|imagine|illustrate|produce)(?: (?:me|us))? )*)"
)
#: What is only another word for a picture; and what says how the picture is made, and belongs to its words.
PICTURE = r"(?:pictures?|images?|pics?|versions?|variations?|variants?|options?|alternatives?|takes?|renders?|renderings?|interpretations?|examples?|shots?)"
MEDIUM = (
    r"(?:(?:oil |ink |pencil |line |pen |charcoal )?(?:paintings?|drawings?|sketch(?:es)?)|photos?|photographs?|portraits?|illustrations?|posters?|logos?|icons?|avatars?|wallpapers?|banners?|watercolou?rs?|"
    r"stickers?|postcards?|emblems?|badges?|book covers?|covers?|cartoons?|comics?|engravings?|collages?|mandalas?|concepts?|designs?|scenes?)"
)
DIFFERENT = r"(?:(?:different|separate|distinct|individual|unique|various|varied|diverse|new|more|other) )*"
SET_OF = r"(?:an? (?:set|series|collection|batch|group|row|sequence) of )?"
_ABOUT = r"(?:of|for|showing|depicting|about|that (?:says?|shows?|reads?))"
_OF_PICTURES = re.compile(rf"^{LEAD}{SET_OF}(?P<count>{COUNT}) (?P<different>{DIFFERENT})(?P<how>(?:(?!{_ABOUT}\b|in\b|on\b|with\b|and\b|or\b)[\w'-]+ ){{0,3}}?)(?:(?P<plain>{PICTURE})|(?P<medium>{MEDIUM})) (?P<rest>{_ABOUT} .+)$", re.I)
_TIMES = rf"(?:{COUNT} (?:times|{DIFFERENT}{PICTURE}|{DIFFERENT}{MEDIUM}|copies|of (?:them|these|those)|pieces|{DIFFERENT}ones)|\d{{1,3}} ?x\b|x ?\d{{1,3}}\b|twice|thrice)"
_AFTER = re.compile(rf"^{LEAD}(?P<what>(?:an?|some|the same) (?:(?!, )(?!\b(?:and|that|which|who)\b).)+?)(?P<aside>,| -|:| \()? ?\(?(?P<times>{_TIMES})\)?$", re.I)
_BEFORE = re.compile(rf"^{LEAD}(?P<times>{COUNT} times|\d{{1,3}} ?x|twice|thrice),? (?:the same )?(?P<what>an? .+)$", re.I)
_THAT = re.compile(rf"^{LEAD}(?:(?:re)?(?:draw|paint|render|generate|do) )(?P<it>it|this|that|a\d+)(?: again)? (?P<times>{COUNT} times|twice|thrice)(?: more| over| again)?$", re.I)
_BY_SIGN = re.compile(r"x ?\d|\d+ ?x", re.I)
_POINTS = re.compile(r"(?:it|this|that|them|these|those|(?:the|this|that|my|your|our) .*|a\d+)\b", re.I)
_STATED = re.compile(rf"\d{{1,3}}|{COUNT}|twice|thrice", re.I)


def many(said: str) -> int:
    """The number that words name: `six`, `12`, `a dozen`, `x4`."""
    found = _STATED.search(said)
    return int(number(found[0])) if found else 1


def counted(piece: str) -> str:
    """The piece with its number of new pictures said plainly; as it is where it asks for no such number, or for hundreds."""
    plain = _counted(piece)
    found = re.search(r"\b\d+(?= (?:pictures|variations) of\b)", plain)
    return piece if found is not None and int(found[0]) > _BELIEVED else plain


_BELIEVED = 100
"""More are hardly meant as so many pictures: what to do with them is left to who reads the words as they are."""


def _counted(piece: str) -> str:
    text = piece.strip(" .!")
    if (said := _OF_PICTURES.match(text)) is not None:
        about, _, rest = said["rest"].partition(" ")
        if _POINTS.match(rest):
            return piece
        how = said["how"].strip()
        if said["plain"] and not how and about.lower() in ("of", "showing", "depicting"):
            return _plainly(said["verb"], many(said["count"]), rest)
        each = one_of(f"{how} {said['medium'] or 'picture'}".strip())
        return _plainly(said["verb"], many(said["count"]), f"{each} {said['rest']}")
    if (said := _THAT.match(text)) is not None:
        return f"{many(said['times'])} variations of {said['it']}"
    said = _BEFORE.match(text) or _after(text)
    return piece if said is None else _plainly(said["verb"], many(said["times"]), said["what"].strip(" ,"))


_BESIDE = re.compile(rf"(?<!hundred)(?<!thousand),? and (?:also )?(?=(?:{COUNT}|an?|one|another) {DIFFERENT}(?:{PICTURE}|{MEDIUM}) (?:of|for|showing)\b)", re.I)


def beside(piece: str) -> list[str]:
    """`Three pictures of a cat and two pictures of a dog` is two requests; `a desk with two pictures of a dog` is one."""
    return _BESIDE.split(piece) if _OF_PICTURES.match(piece.strip(" .!")) else [piece]


def _after(text: str) -> re.Match[str] | None:
    """`A mill, 3 times`; where no comma sets the number apart, only what is to be drawn is meant: a clock may strike twice."""
    said = _AFTER.match(text)
    if said is None or re.match(r"the same", said["what"], re.I):
        return None
    return said if said["aside"] or said["verb"] or _BY_SIGN.match(said["times"]) else None


def _plainly(verb: str | None, count: int, what: str) -> str:
    verb = verb if verb and verb.lower() not in ("show", "give", "get") else "draw"
    return f"{verb} {count} pictures of {what}" if count > 1 else f"{verb} {what}"


# --- one of several

_ODD = {
    "buses": "bus", "men": "man", "women": "woman", "children": "child", "mice": "mouse", "geese": "goose", "people": "person", "wolves": "wolf", "knives": "knife", "leaves": "leaf",
    "shelves": "shelf", "elves": "elf", "oxen": "ox", "teeth": "tooth", "feet": "foot", "heroes": "hero", "potatoes": "potato", "tomatoes": "tomato", "loaves": "loaf", "thieves": "thief",
}  # fmt: skip
_GOES_ON = re.compile(r"\s+(?:of|in|on|at|by|with|without|for|from|under|over|near|behind|beside|before|between|through|against|above|below|along|around|to|into|like|as|that|which|who|where|while|made|wearing|holding|sitting|standing|playing|\w+ing)\b|,", re.I)


def one_of(things: str) -> str:
    """`red castles on a hill` -> `a red castle on a hill`."""
    things = re.sub(r"^(?:the|some|of) ", "", things.strip(), flags=re.I)
    end = cut.start() if (cut := _GOES_ON.search(things)) is not None else len(things)
    head, _, noun = things[:end].rpartition(" ")
    return with_article(f"{head} {_singular(noun)}".strip() + things[end:])


def _singular(noun: str) -> str:
    small = noun.lower()
    if small in _ODD:
        return _ODD[small]
    if re.search(r"(?:ss|us|is)$", small) or not small.endswith("s"):
        return noun
    if small.endswith("ies") and len(small) > 4:
        return f"{noun[:-3]}y"
    return noun[:-2] if re.search(r"(?:ch|sh|x|ss|zz)es$", small) else noun[:-1]


def with_article(thing: str) -> str:
    """`owl` -> `an owl`; what has an article keeps it."""
    if re.match(r"(?:an?|the|some|my|our|his|her|their|your) ", thing, re.I):
        return thing
    return f"{'an' if re.match(r'[aeiou](?!ni|se|ne )', thing, re.I) else 'a'} {thing}"
