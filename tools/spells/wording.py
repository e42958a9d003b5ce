"""Texts with blanks: `{name}` is a blank, `{{` and `}}` are braces. One pass: what is filled in is never read again. Pure."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from tools.errors import BadSpell
from tools.spells.model import NAME

_PIECE = re.compile(rf"\{{\{{|\}}\}}|\{{({NAME})\}}|[{{}}]")
_WHOLE = re.compile(rf"\{{({NAME})\}}")


def plain(text: str) -> str:
    """A text that means itself."""
    return text.replace("{", "{{").replace("}", "}}")


def blanks_in(value: Any) -> list[str]:
    """The blanks of a value, in order. Raises BadSpell for a brace that is none."""
    if not isinstance(value, str):
        return []
    found = []
    for piece in _PIECE.finditer(value):
        if piece[1]:
            found.append(piece[1])
        elif len(piece[0]) == 1:
            raise BadSpell("A text has a single brace: write {{ for a brace, {name} for a blank.")
    return list(dict.fromkeys(found))


def alone(value: Any) -> str | None:
    """The blank that is all of a value, which then keeps its type."""
    whole = _WHOLE.fullmatch(value) if isinstance(value, str) else None
    return None if whole is None else whole[1]


def filled(value: Any, given: Mapping[str, Any]) -> Any:
    """The value with what stands in its blanks; an open one leaves no hole."""
    if not isinstance(value, str):
        return value
    if (name := alone(value)) is not None:
        return given.get(name)
    holes = False

    def put(piece: re.Match[str]) -> str:
        nonlocal holes
        if not piece[1]:
            return piece[0][0]
        said = given.get(piece[1])
        holes = holes or said in (None, "")
        return "" if said is None else str(said)

    text = _PIECE.sub(put, value)
    return _closed(text) if holes else text


def _closed(text: str) -> str:
    return re.sub(r"\s*(?:,\s*)+,", ",", re.sub(r"\s{2,}", " ", text)).strip(" ,")
