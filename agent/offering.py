"""Which of hundreds of tools a planning request carries. Pure, but for the search itself.

The best by search for these words; then what no search may crowd out: the tools that the grammar has words for, those that
made what is shown, and the most used of every family, so that whatever a clause of the message turns out to need is there.
Of what cannot run only the best go along, for their reasons; of variants of one choice only some.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterable, Iterator, Sequence

from tools.model import Capabilities, SourceKind, Tool
from tools.protocols import Catalogue, Found

SEARCHED = 100
MOST_VARIANTS = 3
MOST_AWAY = 20
"""As many of those that cannot run come with the search's best."""
BY_FAMILY = 3
"""As many of every family come along, and as many that cannot run where none can."""


async def carried(
    catalogue: Catalogue, text: str, capabilities: Sequence[Capabilities], needed: Collection[str] = (),
    account_id: str | None = None, own: Iterable[Tool] = (),
) -> tuple[Found, ...]:  # fmt: skip
    """The tools for a request, best first by search; templates that cannot run, and what stands on one, come last.

    `needed` are names that must be among them, also of the person's `own`.
    """
    ranked = _thinned(await catalogue.search(text or "picture", capabilities, SEARCHED, account_id))
    known = {found.tool.name for found in ranked}
    mine = (tool for tool in own if tool.name in needed)
    others = [tool for tool in (*catalogue.all(), *mine) if tool.name not in known]
    rest = [Found(tool, 0.0, catalogue.availability(tool, capabilities)) for tool in others]
    return tuple(sorted((*ranked, *_kept(rest, needed)), key=_away))


def _away(found: Found) -> bool:
    from_template = found.tool.source.kind is SourceKind.TEMPLATE or found.tool.source.package is not None
    return from_template and not found.availability.available


def _thinned(ranked: Iterable[Found]) -> list[Found]:
    """Without the many variants of one choice, and without the many that cannot run."""
    kept: list[Found] = []
    variants: Counter[str] = Counter()
    away = 0
    for found in ranked:
        group = found.tool.group or found.tool.name
        if found.tool.source.kind is SourceKind.TEMPLATE:
            if variants[group] >= MOST_VARIANTS or (not found.availability.available and away >= MOST_AWAY):
                continue
            away += not found.availability.available
        variants[group] += 1
        kept.append(found)
    return kept


def _kept(rest: Sequence[Found], needed: Collection[str]) -> Iterator[Found]:
    """What goes along though the search did not find it: curated and needed tools, and the best of every family."""
    families: Counter[tuple[str, bool]] = Counter()
    for found in sorted(rest, key=_by_use):
        tool, able = found.tool, found.availability.available
        always = tool.source.kind is not SourceKind.TEMPLATE or tool.name in needed
        taken = families[tool.family, able] < BY_FAMILY and (able or not families[tool.family, True])
        if always or taken:
            families[tool.family, able] += 1
            yield found


def _by_use(found: Found) -> tuple[bool, bool, float, str]:
    tool: Tool = found.tool
    curated = tool.source.kind is SourceKind.CURATED
    return not found.availability.available, not curated, -tool.popularity, tool.name
