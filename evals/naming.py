"""By what names a case may ask for a tool: its own, and that of the template it stands on, which does the same."""

from __future__ import annotations

from functools import cache

from tools.service import known_as, load_tools


def names_of(tool: str) -> tuple[str, ...]:
    """The tool's own name first."""
    return _standing().get(tool, (tool,))


@cache
def _standing() -> dict[str, tuple[str, ...]]:
    return {tool.name: known_as(tool) for tool in load_tools()}
