"""Slips of the keyboard: a word that nobody knows, one slip away from a word that is searched by, becomes that word. Pure."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Callable, Iterable

SHORTEST, LONG = 4, 6
"""Shorter words have too many neighbours; up to LONG only exchanged and missing letters are taken for slips."""
_WORD = re.compile(r"[^\W\d_]+")


class Slips:
    """The words that are searched by, and what they look like with a letter left out."""

    def __init__(self, words: Iterable[str]) -> None:
        self._words = {word for word in words if len(word) > SHORTEST and word.isalpha()}
        self._near: dict[str, list[str]] = defaultdict(list)
        for word in sorted(self._words):
            for shorter in {word, *_without_a_letter(word)}:
                self._near[shorter].append(word)

    def mended(self, text: str, known: Callable[[str], bool]) -> str:
        """The text with its slips undone; what `known` knows, in small letters, stays."""

        def one(found: re.Match[str]) -> str:
            word = found[0].lower()
            right = len(word) < SHORTEST or word in self._words or known(word)
            return found[0] if right else self._nearest(word) or found[0]

        return _WORD.sub(one, text)

    def _nearest(self, word: str) -> str | None:
        """A word that begins alike with one letter too many, too few, wrong, or two exchanged."""
        shapes = [word, *_without_a_letter(word)]
        near = {each for shape in shapes for each in self._near.get(shape, ())}
        found = [each for each in near if _one_slip(word, each)]
        return min(found, key=lambda each: (sorted(each) != sorted(word), each), default=None)


def _without_a_letter(word: str) -> list[str]:
    return [word[:at] + word[at + 1 :] for at in range(len(word))]


def _one_slip(said: str, meant: str) -> bool:
    if sorted(said) == sorted(meant):
        unlike = [at for at in range(len(said)) if said[at] != meant[at]]
        return len(unlike) == 2 and unlike[1] == unlike[0] + 1
    if said[0] != meant[0]:
        return False
    if len(said) + 1 == len(meant):
        return said in _without_a_letter(meant)
    if len(said) < LONG:
        return False
    if len(said) == len(meant):
        return sum(a != b for a, b in zip(said, meant, strict=True)) == 1
    return len(said) == len(meant) + 1 and meant in _without_a_letter(said)
