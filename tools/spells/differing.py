"""What changed between two versions of a spell. Pure."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from tools.spells.model import Spell


def diff(old: Spell, new: Spell) -> list[dict[str, Any]]:
    """`[{what, before, after}]`: where something is, by a path such as `steps.s1.params.prompt`; null where it is not there."""
    before, after = dict(_leaves("", _keyed(old))), dict(_leaves("", _keyed(new)))
    return [
        {"what": path, "before": before.get(path), "after": after.get(path)}
        for path in dict.fromkeys([*before, *after])
        if before.get(path) != after.get(path)
    ]


def _keyed(spell: Spell) -> dict[str, Any]:
    """Steps by their id, so that one that was put in does not move all others."""
    body = spell.model_dump(mode="json", exclude_defaults=True)
    return {**body, "steps": {step["id"]: {k: v for k, v in step.items() if k != "id"} for step in body["steps"]}}


def _leaves(path: str, value: Any) -> Iterator[tuple[str, Any]]:
    if isinstance(value, dict) and value:
        for key, inner in value.items():
            yield from _leaves(f"{path}.{key}" if path else key, inner)
    else:
        yield path, value
