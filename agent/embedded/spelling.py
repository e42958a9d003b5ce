"""Mend what was typed in haste: `mkae it brihgter pls` -> `make it brighter please`. Pure.

Only a word that nobody writes (`known` are the common words) and that is a slip away from one word of the grammar's own
vocabulary is touched: never quoted text, a handle, a number, or what a new picture shall show.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from functools import cache

from agent.embedded.clauses import VERBS
from agent.embedded.references import ORDINALS
from agent.embedded.vocabulary import PLAIN

SLANG = {
    "u": "you", "ur": "your", "pls": "please", "plz": "please", "plss": "please", "thx": "thanks", "tnx": "thanks",
    "ty": "thanks", "gimme": "give me", "gimmie": "give me", "lemme": "let me", "wanna": "want to", "gonna": "going to", "teh": "the",
    "hte": "the", "dis": "this", "dat": "that", "cuz": "because", "w/o": "without", "w/out": "without", "tho": "though",
    "abit": "a bit", "alot": "a lot", "lil": "little", "kinda": "a bit", "sorta": "a bit", "bg": "background", "pix": "pictures",
    "nvm": "never mind", "idk": "i don't know", "asap": "quickly", "rn": "now", "dont": "don't", "doesnt": "doesn't", "isnt": "isn't",
    "cant": "can't", "didnt": "didn't", "im": "i'm", "ive": "i've", "whats": "what's", "hows": "how's", "thats": "that's",
    "biggify": "enlarge", "embiggen": "enlarge", "yup": "yes", "yh": "yes", "nah": "no", "nope": "no", "fam": "", "lol": "", "lmao": "", "omg": "", "tbh": "", "ngl": "",
}  # fmt: skip
_ADDRESS = frozenset(["bro", "dude", "mate", "buddy", "pal"])
_FULL_WIDTH = {code: code - 0xFEE0 for code in range(0xFF01, 0xFF5F)}
_NEVER_SHOWN = frozenset(["lil", "teh", "hte", "pls", "plz", "thx", "u", "ur"])
_SHOWN = re.compile(
    r"\b(?:draw|paint|generate|create|imagine|design|sketch|illustrate|render|depict|add|put|write|say|says|called|titled|named|"
    r"replace|swap|with|into|of|like|as|saying|prompt)$", re.I
)  # fmt: skip
_MORE = """
    remove replace erase delete background undo redo cancel stop another variation variations generate create draw paint imagine
    previous original upscale brighter darker warmer sharper please thanks thank picture image photo version sharpen vertically
    horizontally return convert combine blend merge side degrees percent rotate contrast saturation brightness vibrant compare select without instead slightly again behind front
"""
_OWN = frozenset(
    word
    for word in (*PLAIN, *VERBS.split("|"), *ORDINALS, *_MORE.split())
    if word.isalpha() and len(word) > 2
)
_WORD = re.compile(r"(?<![\w'#@/.-])[A-Za-z][A-Za-z'/]*(?![\w@-])")


def mended(text: str, known: Callable[[str], bool]) -> str:
    """The text with its slips mended; `known` says whether a word (in small letters) is a common one."""
    text = re.sub(r"(?<=\d),(?=\d{1,2}\s?(?:x|times|%|percent)\b)", ".", text.translate(_FULL_WIDTH))
    pieces = re.split(r"(\"[^\"]*\"|“[^”]*”|(?<!\w)'[^']*'(?!\w))", text)
    return "".join(
        piece if number % 2 else _mended(piece, known) for number, piece in enumerate(pieces)
    ).lstrip()


def _mended(text: str, known: Callable[[str], bool]) -> str:
    result, end = "", 0
    for said in _WORD.finditer(text):
        before = result + text[end : said.start()]
        result = before + (_order(said[0], before, text[said.end() :]) or _word(said[0], before, known))
        end = said.end()
    return re.sub(r"(?<=\S)  +", " ", result + text[end:])


def _word(word: str, before: str, known: Callable[[str], bool]) -> str:
    small = _unstretched(word.lower(), known)
    word = word if small == word.lower() else small
    if small in _ADDRESS and re.search(r"(?:^|,)\s*$", before):
        return ""
    if small in SLANG and (small in _NEVER_SHOWN or not _names_content(before)):
        return SLANG[small]
    if (
        len(small) < 3
        or not small.isalpha()
        or word.isupper()
        or small in PLAIN
        or known(small)
        or _names_content(before)
    ):
        return word
    if (meant := _sure(small)) is not None:
        return meant
    if _common(small, known):
        return word
    joined = next(
        (f"{first} {rest}" for first, rest in _parts(small) if first in _GLUED and (rest in _OWN)), None
    )
    return joined or nearest(small) or word


def _common(word: str, known: Callable[[str], bool]) -> bool:
    """A common word, or a form of one: `scarier`, `unframed`."""
    tripled = re.search(r"(.)\1\1", word) is not None
    bases = (
        word.removesuffix(end) + put
        for end, put in _FORMS
        if word.endswith(end) and len(word) - len(end) > 2 and not tripled
    )
    return known(word) or any(
        known(base) for base in (*bases, word.removeprefix("un") if len(word) > 6 else word)
    )


_FORMS = (
    ("er", ""), ("er", "e"), ("ier", "y"), ("est", ""), ("iest", "y"), ("ing", ""), ("ing", "e"), ("ed", ""), ("ed", "e"), ("s", ""), ("es", ""),
    ("ies", "y"), ("ly", ""), ("ish", ""), ("ness", ""), ("y", ""), ("less", ""), ("like", ""), ("ful", ""), ("able", ""),
)  # fmt: skip


def _unstretched(word: str, known: Callable[[str], bool]) -> str:
    """`soooo`, `waaay`, `plsss`: with one or two of the letters that are too many, whichever is a word."""
    if re.search(r"([a-z])\1\1", word) is None:
        return word
    shorter = (re.sub(r"([a-z])\1{2,}", put, word) for put in (r"\1", r"\1\1"))
    return next((each for each in shorter if each in SLANG or each in PLAIN or known(each)), word)


def _order(word: str, before: str, after: str) -> str | None:
    """`Mae it warmer`: the first word before `it` is `make`, though what was typed may be a word of its own."""
    small = word.lower()
    first = re.fullmatch(r"(?:\W|please|pls|can you|could you|now|and|then|just|ok)*", before, re.I)
    if (
        not first
        or small in _NEAR_MAKE
        or len(small) < 3
        or not re.match(r" (?:it|this|that|them|a\d+)\b +\S", after, re.I)
    ):
        return None
    return "make" if slips(small, "make", 1) == 1 else None


_NEAR_MAKE = frozenset(["make", "take", "bake", "fake", "wake", "shake", "male", "mare", "mike"])


def _sure(word: str) -> str | None:
    """The one own word whose letters were only exchanged, or of which a long word lost a single one."""
    exchanged = [own for own in _OWN if sorted(own) == sorted(word) and slips(word, own, 1) == 1]
    shortened = [
        own for own in _OWN if len(own) == len(word) + 1 and len(own) > 5 and slips(word, own, 1) == 1
    ]
    found = exchanged or shortened
    return found[0] if len(found) == 1 else None


def _names_content(before: str) -> bool:
    """What follows may be the name of something to be seen."""
    last = re.sub(r"\b(?:an?|the|some|any|my|his|her)\s*$", "", before.rstrip(), flags=re.I).rstrip()
    return (
        _SHOWN.search(last) is not None or re.search(r"[,:]\s*an?$|^an?$", before.rstrip(), re.I) is not None
    )


_GLUED = frozenset(["it", "and", "make", "the", "more", "less", "a", "bit", "much", "then"])


def _parts(word: str) -> Iterator[tuple[str, str]]:
    return ((word[:cut], word[cut:]) for cut in range(1, len(word) - 2))


@cache
def nearest(word: str) -> str | None:
    """The one word of the grammar that this is a slip away from: one for short words, two for long ones."""
    most = 1 if len(word) < 6 else 2
    near = sorted(
        (distance, not _alike(own, word), own) for own in _OWN if (distance := slips(word, own, most)) <= most
    )
    if not near or (near[0][1] and near[0][0] > 1):
        return None
    if len(near) > 1 and near[0][:2] == near[1][:2]:
        return _same_letters(word, [own for *rank, own in near if rank == list(near[0][:2])])
    return near[0][2]


def _alike(own: str, word: str) -> bool:
    return own[0] == word[0] or own[:2] == word[1::-1]


def _same_letters(word: str, candidates: list[str]) -> str | None:
    """Of several equally near, the only one of the very same letters, else the only one that lost a letter."""
    exact = [own for own in candidates if sorted(own) == sorted(word)] or [
        own for own in candidates if len(own) > len(word)
    ]
    return exact[0] if len(exact) == 1 else None


def slips(word: str, other: str, most: int) -> int:
    """Letters left out, put in, wrong or exchanged with their neighbour; anything beyond `most` is `most + 1`."""
    if abs(len(word) - len(other)) > most:
        return most + 1
    older: list[int] = []
    last = list(range(len(other) + 1))
    for row, letter in enumerate(word, 1):
        line = [row]
        for column, against in enumerate(other, 1):
            cost = min(last[column] + 1, line[-1] + 1, last[column - 1] + (letter != against))
            if row > 1 and column > 1 and letter == other[column - 2] and word[row - 2] == against:
                cost = min(cost, older[column - 2] + 1)
            line.append(cost)
        if min(line) > most:
            return most + 1
        older, last = last, line
    return last[-1]
