"""Words that only say which picture is meant, and nothing about what to do with it. Pure."""

from __future__ import annotations

import re

_WORDS = """
a an the this that these those it its it's i i'd i'll i'm me my we we'll let's lets you your of from on for with to at in and or
ok okay so now then hey please pls yes yeah no nope but also well actually just really very much most more is was are were be
one ones two three four all both them each last first second third fourth fifth next previous earlier before beginning start
remember know mean meant think take use pick choose select go want like love prefer liked loved preferred keep have give do
favourite favorite best better nice nicer good great perfect winner lovely cool works fine set batch photo photos picture
pictures image images version versions pic again instead as is too same thing never mind wrong other others done sorry wait oh not
"""
_POINTING = frozenset(_WORDS.split())
_PRAISE = re.compile(
    r"\b(?:good|great|nice|perfect|love|favou?rite|winner|lovely|cool|best|works|fine|the one)\b", re.I
)
_AGAIN = re.compile(r"\b(?:too|as well|also|same|not (?:that|this|it)|never ?mind|wrong)\b", re.I)


def only(text: str) -> bool:
    """Nothing but handles and such words: `A3 is my favourite`."""
    said = re.findall(r"[a-z0-9'-]+", text.lower())
    return all(word in _POINTING or re.fullmatch(r"a\d{1,4}", word) for word in said)


def praises(text: str) -> bool:
    return _PRAISE.search(text) is not None


def again(text: str) -> bool:
    """What was done before shall be done on this one, instead or too."""
    return _AGAIN.search(text) is not None
