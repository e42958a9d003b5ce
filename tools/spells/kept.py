"""The spell of an item on the shelf. Pure."""

from __future__ import annotations

from tools.errors import BadSpell
from tools.model import SourceKind
from tools.shelf.model import Item
from tools.spells.model import Spell


def spell_of(item: Item) -> Spell:
    """Raises BadSpell for a workflow."""
    if item.kind is not SourceKind.SPELL:
        raise BadSpell("That is a workflow, not a spell.")
    return Spell.model_validate(item.content.body)
