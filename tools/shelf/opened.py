"""Items that were opened lately. A version never changes, so what is known of one stays true until it is deleted."""

from __future__ import annotations

from collections import OrderedDict

from tools.protocols import Vectors
from tools.shelf.model import Item
from tools.shelf.names import short

REMEMBERED = 2048  # versions kept in memory, the least recently used one goes first

_Key = tuple[str, int]


class Opened:
    """Versions by the short form of their item's id, with the vectors of what they are found by."""

    def __init__(self) -> None:
        self._items: OrderedDict[_Key, Item] = OrderedDict()
        self._vectors: dict[_Key, Vectors] = {}

    def get(self, short_id: str, version: int) -> Item | None:
        item = self._items.get((short_id, version))
        if item is not None:
            self._items.move_to_end((short_id, version))
        return item

    def vectors(self, item: Item) -> Vectors | None:
        return self._vectors.get(_key(item))

    def keep(self, item: Item) -> None:
        self._items[_key(item)] = item
        self._items.move_to_end(_key(item))
        while len(self._items) > REMEMBERED:
            gone, _ = self._items.popitem(last=False)
            self._vectors.pop(gone, None)

    def keep_vectors(self, item: Item, vectors: Vectors) -> None:
        if _key(item) in self._items:
            self._vectors[_key(item)] = vectors

    def forget(self, item_id: str) -> None:
        for key in [key for key in self._items if key[0] == short(item_id)]:
            self._items.pop(key)
            self._vectors.pop(key, None)


def _key(item: Item) -> _Key:
    return short(item.id), item.version
