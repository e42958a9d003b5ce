"""The shelf: what belongs to a person, on both databases, sealed, versioned, shared by link, and gone when deleted."""

from __future__ import annotations

from dataclasses import replace

import pytest
from sqlalchemy import delete, func, select, text

from accounts.keys import StandardKeyStore
from accounts.service import Accounts
from accounts.tables import accounts as account_table
from base.db import Database
from base.testing import ManualClock
from tools.errors import NotOnShelf, ShelfFull, ToolNotFound
from tools.model import Example, Parameter, Port, RecipeStep, SourceKind, Tool
from tools.service import ToolCatalogue, load_tools
from tools.shelf import names
from tools.shelf.library import OwnTools
from tools.shelf.model import Content, Visibility
from tools.shelf.service import MOST, Shelf
from tools.shelf.tables import shelf_items, shelf_versions
from tools.testing import HashEncoder


class House:
    """A shelf with two people."""

    def __init__(self, db: Database, most: int = MOST) -> None:
        clock = ManualClock()
        keys = StandardKeyStore(db, b"m" * 32, clock)
        self.db, self.shelf = db, Shelf(db, keys, clock, most)
        self.accounts = Accounts(db, keys, clock, b"c" * 32)
        self.own = OwnTools(self.shelf, HashEncoder())


@pytest.fixture
def house(database: Database) -> House:
    return House(database)


@pytest.fixture
def small(sqlite: Database) -> House:
    return House(sqlite)


async def someone(house: House) -> str:
    return (await house.accounts.create_anonymous()).id


def content(title: str = "Sticker maker", **more: object) -> Content:
    tool = Tool(
        name="any", title=title, description="Turns a thing into a die-cut sticker.", family="spell",
        outputs={"image": Port(kind="image")}, params={"subject": Parameter(type="string", required=True)},
        implementations=(), examples=(Example(text=f"cast {title.lower()}"),),
        recipe=(RecipeStep(id="s1", tool="text_to_image", params={"prompt": "{subject} as a sticker"}),),
    )  # fmt: skip
    return Content(title, tool.model_copy(update=more), {"a": 1})


async def test_what_is_kept_is_found_again_with_a_name_of_its_own(house: House) -> None:
    me = await someone(house)
    item = await house.shelf.add(me, SourceKind.SPELL, content())
    again = await house.shelf.get(item.id, me)

    assert again == item
    assert item.name == f"my/sticker-maker-{names.short(item.id)}"
    assert (item.tool.name, item.tool.owner, item.tool.version) == (item.name, me, 1)
    assert item.tool.source.kind is SourceKind.SPELL
    assert item.content.body == {"a": 1}


async def test_nothing_that_a_person_wrote_lies_in_the_open(house: House) -> None:
    me = await someone(house)
    item = await house.shelf.add(me, SourceKind.SPELL, content("Zanzibar quilt"))
    await house.shelf.show(item.id, me, Visibility.LINK)
    async with house.db.read() as tx:
        for table in ("shelf_items", "shelf_versions"):
            for row in await tx.all(text(f"SELECT * FROM {table}")):
                raw = b"|".join(v if isinstance(v, bytes) else str(v).encode() for v in dict(row).values())
                assert b"anzibar" not in raw
                assert b"sticker" not in raw


async def test_a_change_is_a_version_and_the_old_one_stays_castable(house: House) -> None:
    me = await someone(house)
    first = await house.shelf.add(me, SourceKind.SPELL, content())
    second = await house.shelf.change(first.id, me, content("Badge maker"))

    assert (second.version, second.newest, second.name) == (2, 2, first.name)
    assert [(v.version, v.content.title) for v in await house.shelf.versions(first.id, me)] == [
        (1, "Sticker maker"),
        (2, "Badge maker"),
    ]
    assert (await house.own.fetch(first.name, me)).title == "Badge maker"
    assert (await house.own.fetch(names.pinned(first.name, 1), me)).title == "Sticker maker"


async def test_the_same_origin_makes_no_second_item(house: House) -> None:
    me = await someone(house)
    first = await house.shelf.add(me, SourceKind.SPELL, content(), origin="turn:1")
    second = await house.shelf.add(me, SourceKind.SPELL, content("Other"), origin="turn:1")

    assert second == first


async def test_somebody_elses_is_not_there(house: House) -> None:
    me, other = await someone(house), await someone(house)
    item = await house.shelf.add(me, SourceKind.SPELL, content())
    for attempt in (
        house.shelf.get(item.id, other),
        house.shelf.change(item.id, other, content()),
        house.shelf.delete(item.id, other),
        house.shelf.show(item.id, other, Visibility.PUBLIC),
        house.shelf.versions(item.id, other),
    ):
        with pytest.raises(NotOnShelf):
            await attempt
    with pytest.raises(ToolNotFound):
        await house.own.fetch(item.name, other)
    await house.own.fetch(names.pinned(item.name, 1), me)  # now it is remembered, and still nobody else's
    with pytest.raises(ToolNotFound):
        await house.own.fetch(names.pinned(item.name, 1), other)


async def test_a_link_shows_it_until_it_is_taken_back(house: House) -> None:
    me = await someone(house)
    item = await house.shelf.add(me, SourceKind.SPELL, content())
    token = await house.shelf.show(item.id, me, Visibility.LINK)
    assert token is not None
    assert await house.shelf.show(item.id, me, Visibility.LINK) == token
    assert (await house.shelf.by_link(token)).id == item.id
    assert await house.shelf.show(item.id, me, Visibility.PRIVATE) is None
    with pytest.raises(NotOnShelf):
        await house.shelf.by_link(token)
    assert await house.shelf.show(item.id, me, Visibility.LINK) != token


async def test_what_is_public_is_seen_and_not_changed_by_others(house: House) -> None:
    me, other = await someone(house), await someone(house)
    item = await house.shelf.add(me, SourceKind.SPELL, content())
    await house.shelf.show(item.id, me, Visibility.PUBLIC)

    assert (await house.shelf.get(item.id, other)).id == item.id
    assert [i.id for i in (await house.shelf.public(SourceKind.SPELL, None, 10))[0]] == [item.id]
    with pytest.raises(NotOnShelf):
        await house.shelf.change(item.id, other, content())


async def test_deleting_an_item_or_an_account_deletes_the_content(house: House) -> None:
    me, other = await someone(house), await someone(house)
    item = await house.shelf.add(me, SourceKind.SPELL, content())
    await house.shelf.change(item.id, me, content("Two"))
    await house.shelf.add(other, SourceKind.WORKFLOW, content("Other"))
    await house.shelf.delete(item.id, me)
    async with house.db.write() as tx:
        assert await tx.scalar(select(func.count()).select_from(shelf_versions)) == 1
        await tx.execute(delete(account_table).where(account_table.c.id == other))
    async with house.db.read() as tx:
        for table in (shelf_items, shelf_versions):
            assert await tx.scalar(select(func.count()).select_from(table)) == 0


async def test_a_shelf_has_an_end_and_pages(sqlite: Database) -> None:
    small = House(sqlite, most=3)
    me = await someone(small)
    made = [await small.shelf.add(me, SourceKind.SPELL, content(f"S{n}")) for n in range(3)]
    with pytest.raises(ShelfFull):
        await small.shelf.add(me, SourceKind.SPELL, content("one too many"))
    page, after = await small.shelf.page(me, SourceKind.SPELL, None, 2)
    rest, end = await small.shelf.page(me, SourceKind.SPELL, after, 2)

    assert [item.id for item in [*page, *rest]] == [item.id for item in reversed(made)]
    assert end is None
    assert (await small.shelf.page(me, SourceKind.WORKFLOW, None, 2))[0] == []


async def test_own_tools_are_named_ranked_and_known_to_workers(small: House) -> None:
    me, other = await someone(small), await someone(small)
    sticker = await small.shelf.add(me, SourceKind.SPELL, content())
    await small.shelf.add(me, SourceKind.SPELL, replace(content("Tax form"), tool=_about_taxes()))
    await small.shelf.add(other, SourceKind.SPELL, content("Sticker maker"))

    named = await small.own.rank("use my sticker maker on this", me)
    assert [(tool.name, score > 1) for tool, score in named[:1]] == [(sticker.name, True)]
    described = await small.own.rank("die-cut sticker of a thing", me)
    assert [tool.name for tool, _ in described] == [sticker.name]
    assert await small.own.rank("quarterly ledger", other) == []
    assert {tool.title for tool in await small.own.of(me)} == {"Sticker maker", "Tax form"}

    elsewhere = OwnTools(small.shelf, HashEncoder())
    pinned = names.pinned(sticker.name, 1)
    with pytest.raises(ToolNotFound):
        elsewhere.get(pinned)
    await elsewhere.fetch(pinned, None)
    assert elsewhere.get(pinned) == sticker.tool
    await small.shelf.delete(sticker.id, me)
    with pytest.raises(ToolNotFound):
        elsewhere.get(pinned)


async def test_the_catalogue_finds_them_for_their_owner_only(small: House) -> None:
    from tools.index import ToolIndex

    me, other = await someone(small), await someone(small)
    item = await small.shelf.add(me, SourceKind.SPELL, content())
    catalogue = ToolCatalogue(load_tools(), ToolIndex(HashEncoder(), None), small.own)
    await catalogue.prepare()

    assert (await catalogue.search("sticker maker for a fox", [], 5, me))[0].tool.name == item.name
    assert (await catalogue.search("", [], 5, me))[0].tool.name == item.name
    for account in (other, None):
        found = await catalogue.search("sticker maker for a fox", [], 50, account)
        assert item.name not in [each.tool.name for each in found]
    assert (await catalogue.fetch("crop_image")).name == "crop_image"
    with pytest.raises(ToolNotFound):
        await catalogue.fetch(item.name, other)


@pytest.mark.parametrize(
    ("title", "slug"),
    [("Sticker Maker!", "sticker-maker"), ("Émile's café", "emile-s-cafe"), ("絵", "tool"), ("a" * 90, "a" * 40)],
)
def test_slugs_are_plain(title: str, slug: str) -> None:
    assert names.slug_of(title) == slug


@pytest.mark.parametrize(
    ("name", "meant"),
    [
        ("my/sticker-maker-3fa9c1", names.OwnName("3fa9c1")),
        ("my/3fa9c1@2", names.OwnName("3fa9c1", 2)),
        ("my/a-3fa9c1@12", names.OwnName("3fa9c1", 12)),
        ("my/3fa9c1@0", None),
        ("my/../3fa9c1", None),
        ("crop_image", None),
        ("my/", None),
    ],
)
def test_names_of_own_tools(name: str, meant: names.OwnName | None) -> None:
    assert names.parsed(name) == meant


def _about_taxes() -> Tool:
    return content("Tax form").tool.model_copy(
        update={"title": "Tax form", "description": "Fills quarterly numbers into ledger columns.", "examples": ()}
    )


async def test_what_is_reviewed_is_public_only_as_it_was_looked_at(house: House) -> None:
    me, other = await someone(house), await someone(house)
    item = await house.shelf.add(me, SourceKind.WORKFLOW, content())
    await house.shelf.show(item.id, me, Visibility.ASKED)
    assert [each.id for each in (await house.shelf.asked(SourceKind.WORKFLOW, None, 10))[0]] == [item.id]
    assert (await house.shelf.asked(SourceKind.SPELL, None, 10))[0] == []
    for version, kind in ((2, SourceKind.WORKFLOW), (1, SourceKind.SPELL)):
        with pytest.raises(NotOnShelf):
            await house.shelf.decide(item.id, version, kind, Visibility.PUBLIC)
    await house.shelf.decide(item.id, 1, SourceKind.WORKFLOW, Visibility.PUBLIC)
    assert (await house.shelf.get(item.id, other)).version == 1

    changed = await house.shelf.change(item.id, me, content("Other words"), reviewed=True)
    assert (changed.version, changed.visibility) == (2, Visibility.ASKED)
    with pytest.raises(NotOnShelf):
        await house.shelf.get(item.id, other)
    await house.shelf.decide(item.id, 2, SourceKind.WORKFLOW, Visibility.PUBLIC)
    assert (await house.shelf.get(item.id, other)).content.title == "Other words"
    with pytest.raises(NotOnShelf):
        await house.shelf.get(item.id, other, version=1)
    assert (await house.shelf.get(item.id, me, version=1)).version == 1
