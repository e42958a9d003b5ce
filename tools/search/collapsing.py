"""Variants of one choice as one result: twelve upscalers are one line, led by the one that fits best. Pure."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace

from tools.protocols import Found

UNAVAILABLE = 0.07
"""What a result loses that cannot run now: enough to let another variant lead, too little to hide what was asked for."""


def offered(found: Iterable[Found], limit: int) -> list[Found]:
    """Best first, one a group, each with the names of the others of its group in the same order."""
    ordered = sorted(found, key=lambda each: -_worth(each))
    leads: dict[str, Found] = {}
    others: dict[str, list[str]] = {}
    for each in ordered:
        group = each.tool.group or each.tool.name
        if group in leads:
            others[group].append(each.tool.name)
        else:
            leads[group], others[group] = each, []
    return [replace(each, variants=tuple(others[group])) for group, each in list(leads.items())[:limit]]


def _worth(found: Found) -> float:
    return found.score - (0.0 if found.availability.available else UNAVAILABLE)
