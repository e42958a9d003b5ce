"""The workflow of an item on the shelf. Pure."""

from __future__ import annotations

from tools.errors import NotOnShelf
from tools.model import SourceKind
from tools.shelf.model import Item
from tools.workflows.model import Kept


def kept_of(item: Item) -> Kept:
    """Raises NotOnShelf for a spell."""
    if item.kind is not SourceKind.WORKFLOW:
        raise NotOnShelf
    return Kept.model_validate(item.content.body)
