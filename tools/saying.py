"""Parameters that say the same twice, and those that say nothing at all. Pure.

Programs are refused with both. In a conversation a plan warns of them, since nobody there wrote the parameters down.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from tools.errors import BadParameter
from tools.model import Tool


def overruled(tool: Tool, params: Mapping[str, Any]) -> dict[str, tuple[str, ...]]:
    """Parameter that is set for nothing -> those that are set too, say the same, and count."""
    groups = [tuple(name for name in group if params.get(name) is not None) for group in tool.either]
    said = [group for group in groups if group]
    return {name: said[-1] for group in said[:-1] for name in group}


def nothing_to_do(tool: Tool, params: Mapping[str, Any]) -> bool:
    """Whether all that could change anything stands where it changes nothing."""
    return bool(tool.some) and all(params.get(name) in (None, tool.params[name].default) for name in tool.some)


def check_said(tool: Tool, params: Mapping[str, Any]) -> None:
    """Raises BadParameter, whose `parameters` are all that it is about: of some that say the same only one way may be
    given, and one at least of those without which there is nothing to do."""
    lost = overruled(tool, params)
    if lost:
        name, rivals = next(iter(lost.items()))
        detail = f"{tool.title} takes either {name} or {' and '.join(rivals)}: they say the same in two ways."
        action = f"Leave out {name}, or {' and '.join(rivals)}."
        raise BadParameter(detail, action=action, parameter=name, parameters=[*lost, *rivals], tool=tool.name)
    if nothing_to_do(tool, params):
        raise BadParameter(
            said_nothing(tool), action="Set at least one of them.", parameter=tool.some[0], parameters=list(tool.some),
            tool=tool.name,
        )  # fmt: skip


def said_nothing(tool: Tool) -> str:
    """Why there is nothing to do, in words."""
    *most, last = tool.some
    return f"{tool.title} has nothing to change: it needs {', '.join(most)} or {last}."


def unused(tool: Tool, params: Mapping[str, Any]) -> dict[str, tuple[str, ...]]:
    """As `overruled`, without those that only stand at their default, as in a plan that is used again."""
    lost = overruled(tool, params)
    return {name: rivals for name, rivals in lost.items() if params[name] != tool.params[name].default}
