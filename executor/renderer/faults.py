"""How an exception is told to a client: its type, its words and a traceback without this machine's paths."""

from __future__ import annotations

import traceback
from pathlib import PurePath
from types import TracebackType

_ROOTS = ("executor", "site-packages", "lib")


def type_name(error: BaseException) -> str:
    """`PIL.UnidentifiedImageError`; built-in types go without a module."""
    kind = type(error)
    return kind.__qualname__ if kind.__module__ == "builtins" else f"{kind.__module__}.{kind.__qualname__}"


def trace(tb: TracebackType | None) -> list[str]:
    """One entry per call, file names cut to what lies inside the program."""
    return [
        f'  File "{_short(call.filename)}", line {call.lineno}, in {call.name}\n    {call.line}\n'
        for call in traceback.extract_tb(tb)
    ]


def _short(filename: str) -> str:
    parts = PurePath(filename).parts
    for root in _ROOTS:
        if root in parts:
            return "/".join(parts[len(parts) - 1 - parts[::-1].index(root) :])
    return parts[-1] if parts else filename
