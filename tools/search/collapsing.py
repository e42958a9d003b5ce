"""Variants of one choice as one result, and not five results of one family while another may be meant. Pure."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import replace

from tools.protocols import Found

UNAVAILABLE = 0.05
"""What a result loses that cannot run now: enough to let another variant lead, too little to hide what was asked for."""
REPEATED = 0.075
"""What a result loses for each one of its family before it: words that fit one family by chance then hide no other."""


def offered(found: Iterable[Found], limit: int) -> list[Found]:
    """Best first, one a group, each with the names of the others of its group in the same order. Scores end at 1."""
    leads, others = _grouped(sorted(found, key=_worth, reverse=True))
    chosen: list[Found] = []
    before: Counter[str] = Counter()
    while leads and len(chosen) < limit:
        group = max(leads, key=lambda name: _worth(leads[name]) - _repeated(leads[name], before))
        lead = leads.pop(group)
        score = _worth(lead) - _repeated(lead, before)
        before[lead.tool.family] += 1
        chosen.append(replace(lead, score=max(0.0, min(1.0, score)), variants=tuple(others[group])))
    return chosen


def _grouped(ordered: Iterable[Found]) -> tuple[dict[str, Found], dict[str, list[str]]]:
    """The best of each group, and the names of the others."""
    leads: dict[str, Found] = {}
    others: dict[str, list[str]] = {}
    for each in ordered:
        group = each.tool.group or each.tool.name
        others.setdefault(group, [])
        if leads.setdefault(group, each) is not each:
            others[group].append(each.tool.name)
    return leads, others


def _worth(found: Found) -> float:
    return found.score - (0.0 if found.availability.available else UNAVAILABLE)


def _repeated(found: Found, before: Counter[str]) -> float:
    """A person's own tools are no family: there is no other choice behind each."""
    return 0.0 if found.tool.owner is not None else REPEATED * before[found.tool.family]
