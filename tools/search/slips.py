"""Slips of the keyboard: a word that nobody knows, one slip away from a word that is searched by, becomes that word. Pure."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Callable, Iterable

SHORTEST = 5
"""Shorter words have too many neighbours."""
_WORD = re.compile(r"[^\W\d_]+")


class Slips:
    """The words that are searched by, and what they look like with a letter left out."""

    def __init__(self, words: Iterable[str]) -> None:
        self._words = {word for word in words if len(word) >= SHORTEST - 1 and word.isalpha()}
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
        """A word with one letter too many, too few, wrong, or two exchanged; the same beginning counts."""
        shapes = [word, *_without_a_letter(word)]
        found = {near for shape in shapes for near in self._near.get(shape, ()) if _one_slip(word, near)}
        return min(found, key=lambda near: (near[0] != word[0], sorted(near) != sorted(word), near), default=None)


def _without_a_letter(word: str) -> list[str]:
    return [word[:at] + word[at + 1 :] for at in range(len(word))]


def _one_slip(a: str, b: str) -> bool:
    if len(a) == len(b):
        unlike = [at for at in range(len(a)) if a[at] != b[at]]
        swapped = len(unlike) == 2 and a[unlike[0] : unlike[1] + 1] == b[unlike[0] : unlike[1] + 1][::-1]
        return len(unlike) == 1 or (swapped and unlike[1] == unlike[0] + 1)
    longer, shorter = (a, b) if len(a) > len(b) else (b, a)
    return len(longer) == len(shorter) + 1 and shorter in _without_a_letter(longer)
