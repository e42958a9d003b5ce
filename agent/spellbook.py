"""A person's spells: kept from what was made, changed, forked, brought in from files."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from pydantic import ValidationError

from agent.casting import PersonalBox
from agent.errors import StaysIncognito
from agent.recipes import painted_by_sketch, recipe_of
from executor.model import Asset
from executor.protocols import Assets
from tools.errors import BadSpell, ToolNotFound
from tools.model import Plan, SourceKind
from tools.protocols import Catalogue
from tools.shelf.model import Content, Item
from tools.shelf.names import is_own, parsed
from tools.shelf.service import MOST, Shelf
from tools.spells import exchange
from tools.spells.checking import checked
from tools.spells.kept import spell_of
from tools.spells.making import made, steps_of
from tools.spells.model import Spell

LINEAGE = 48  # generations that are walked back
CHANGEABLE = frozenset({"title", "description", "blanks", "ports", "steps"})


class Spellbook:
    """Spells of one account at a time. Somebody else's are NotOnShelf."""

    def __init__(self, shelf: Shelf, assets: Assets, catalogue: Catalogue) -> None:
        self._shelf, self._assets, self._catalogue = shelf, assets, catalogue

    async def of_picture(
        self, account_id: str, asset_id: str, title: str, *, same_seed: bool = False, from_incognito: bool = False
    ) -> Spell:
        """The spell that makes such a picture. Raises AssetNotFound, BadSpell, ToolNotFound, and StaysIncognito unless the
        person said that it may leave an incognito conversation."""
        await self._assets.get(asset_id, account_id)
        assets = await self._ancestors(asset_id, account_id)
        if not from_incognito and any(asset.owner.tier != "standard" for asset in assets.values()):
            raise StaysIncognito
        steps = recipe_of(asset_id, assets)
        box = await self._box(account_id, (step.tool for step in steps))
        real = not painted_by_sketch(asset_id, assets)
        return _made(lambda: made(title, steps, box.get, same_seed=same_seed, same_models=real))

    async def of_plan(self, account_id: str, plan: Plan, title: str, *, same_seed: bool = False) -> Spell:
        """The spell that does a plan again. Raises BadSpell, ToolNotFound."""
        steps = steps_of(plan)
        box = await self._box(account_id, (step.tool for step in steps))
        real = all(warning.code != "sketch" for warning in plan.warnings)
        return _made(lambda: made(title, steps, box.get, same_seed=same_seed, same_models=real))

    async def keep(self, account_id: str, spell: Spell, *, origin: str | None = None) -> Item:
        """Put it on the shelf: under a title that one of the person's spells has, it is the next version of that one."""
        before = await self._called(account_id, spell.title)
        if before is None:
            return await self._shelf.add(account_id, SourceKind.SPELL, _content(spell), origin=origin)
        if spell_of(before) == spell:
            return before
        return await self._shelf.change(before.id, account_id, _content(spell))

    async def add(self, account_id: str, spell: Spell) -> Item:
        """Put it on the shelf as a new one, whatever it is called."""
        return await self._shelf.add(account_id, SourceKind.SPELL, _content(spell))

    async def change(self, item_id: str, account_id: str, changes: dict[str, Any], note: str = "") -> Item:
        """A new version with these fields instead (see CHANGEABLE). Raises NotOnShelf, BadSpell."""
        before = await self._shelf.get(item_id, account_id)
        body = {**before.content.body, **{name: value for name, value in changes.items() if name in CHANGEABLE}}
        spell = await self.checked(account_id, _made(lambda: Spell.model_validate(body)))
        return await self._shelf.change(item_id, account_id, _content(spell, note))

    async def fork(self, item: Item, account_id: str, title: str | None = None) -> Item:
        """A copy of one's own, from what one was shown. Raises BadSpell when it needs a workflow of somebody else's."""
        body = {**item.content.body, "title": title or item.content.title}
        return await self.add(account_id, await self.checked(account_id, _made(lambda: Spell.model_validate(body))))

    async def brought(self, account_id: str, data: bytes | dict[str, Any]) -> Item:
        """An exported file as a spell of one's own. Raises BadSpell, SpellTooLarge."""
        box = await self._box(account_id, ())
        return await self.add(account_id, exchange.imported(data, box.get))

    async def checked(self, account_id: str, spell: Spell) -> Spell:
        """Raises BadSpell saying what does not fit."""
        return checked(spell, (await self._box(account_id, (step.tool for step in spell.steps))).get)

    async def _called(self, account_id: str, title: str) -> Item | None:
        items, _ = await self._shelf.page(account_id, SourceKind.SPELL, None, MOST)
        return next((item for item in items if item.content.title.casefold() == title.strip().casefold()), None)

    async def _box(self, account_id: str, names: Iterable[str]) -> PersonalBox:
        """Everybody's tools and those of the account's that are named."""
        own = []
        for name in {name for name in names if is_own(name) and parsed(name)}:
            try:
                own.append(await self._catalogue.fetch(name, account_id))
            except ToolNotFound:
                continue  # whoever asks the box for it is told
        return PersonalBox(self._catalogue, own)

    async def _ancestors(self, asset_id: str, account_id: str) -> dict[str, Asset]:
        known: dict[str, Asset] = {}
        wanted = [asset_id]
        for _ in range(LINEAGE):
            found = await self._assets.many(wanted, account_id)
            known |= found
            wanted = sorted({p.asset_id for asset in found.values() for p in asset.parents} - set(known))
            if not wanted:
                break
        return known


def _content(spell: Spell, note: str = "") -> Content:
    """Raises BadSpell, SpellTooLarge for what no file could hold either."""
    body = spell.model_dump(mode="json", exclude_defaults=True)
    exchange.digest({**body, "note": note})
    return Content(spell.title, spell.as_tool(), body, note)


def _made(make: Any) -> Spell:
    """Field errors of a spell's form in our own words: pydantic's quote what was sent."""
    try:
        spell: Spell = make()
    except ValidationError as error:
        first = error.errors(include_url=False, include_input=False)[0]
        where = ".".join(str(part)[:40] for part in first["loc"][:4])
        raise BadSpell(f"{where or 'The spell'}: {first['msg']}.") from None
    return spell
