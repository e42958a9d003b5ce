"""Words without their endings, so that `foxes` finds `fox` and `sleeping` finds `sleep`. Pure."""

from __future__ import annotations

import re

_ENDINGS = (("ies", "y"), ("sses", "ss"), ("xes", "x"), ("ches", "ch"), ("shes", "sh"), ("s", ""))
_VERBAL = ("ing", "ed", "er", "est", "y")
_SMALL_WORDS = (
    "a an and are as at be been being but by for from had has have her his i in into is it its my of off on one or our "
    "over she he so some than that the their them then there these this those to under up very was we were what "
    "where which while who will with without you your not no just also"
)
_SMALL = frozenset(_SMALL_WORDS.split())


def stem(word: str) -> str:
    """A rough stem, the same for the forms of most English words."""
    word = word.lower()
    if len(word) > 3 and not word.endswith("ss"):
        word = next((word[: -len(end)] + put for end, put in _ENDINGS if word.endswith(end)), word)
    for end in _VERBAL:
        if word.endswith(end) and len(word) - len(end) >= 3:
            word = word[: -len(end)]
            break
    if len(word) > 3 and word[-1] == word[-2] and word[-1] not in "aeiouls":
        word = word[:-1]
    return word.removesuffix("e") if len(word) > 3 else word


def meaning(text: str) -> list[str]:
    """The words that mean something, in order, each once; digits and signs part words."""
    words = re.findall(r"[^\W\d_]+", text.lower())
    return list(dict.fromkeys(word for word in words if word not in _SMALL and len(word) > 1))


def stems(text: str) -> frozenset[str]:
    """The stems of all words that mean something."""
    return frozenset(stem(word) for word in meaning(text))
