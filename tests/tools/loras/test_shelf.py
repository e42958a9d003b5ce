"""Whose LoRAs are whose: private ones fire for their owner alone, changes are seen at once, sealed in the database."""

from __future__ import annotations

from typing import Any

import pytest
from sqlalchemy import text

from accounts.keys import StandardKeyStore
from accounts.model import Account
from accounts.service import Accounts
from base.db import Database
from base.testing import ManualClock
from tests.tools.loras.shelf_of_loras import SDXL
from tools.loras.errors import BadLora
from tools.loras.public import public
from tools.loras.resolving import applied
from tools.loras.shelf import READY_S, LoraShelf, checked
from tools.registry.errors import BadModelUrl, ModelExists, NotRegistered
from tools.registry.families import FAMILIES
from tools.registry.model import Commercial
from tools.registry.service import Registrations

People = tuple[Account, Account]
CANARY = "umbrella-of-marzipan"
MINE: dict[str, Any] = {
    "title": "Marzipan", "file": "marzipan.safetensors", "base": "sdxl", "triggers": [CANARY.replace("-", " ")],
}  # fmt: skip


@pytest.fixture
def keys(database: Database, clock: ManualClock) -> StandardKeyStore:
    return StandardKeyStore(database, b"m" * 32, clock)


@pytest.fixture
def registrations(database: Database, keys: StandardKeyStore, clock: ManualClock) -> Registrations:
    return Registrations(database, keys, clock)


@pytest.fixture
def shelf(registrations: Registrations, clock: ManualClock) -> LoraShelf:
    return LoraShelf(registrations, clock)


@pytest.fixture
async def people(database: Database, keys: StandardKeyStore, clock: ManualClock) -> People:
    accounts = Accounts(database, keys, clock, b"c" * 32)
    return await accounts.create_anonymous(), await accounts.create_anonymous()


async def fired(shelf: LoraShelf, account: Account, said: str = f"a {CANARY} at noon") -> list[str]:
    return [use.name for use in applied(said, await shelf.of(account.id), SDXL).loras]


async def test_private_triggers_fire_for_their_owner_alone(shelf: LoraShelf, people: People, database: Database) -> None:
    ann, bob = people
    assert (await fired(shelf, ann), await fired(shelf, bob)) == ([], [])
    made = await shelf.add(MINE, ann.id, ann.tier)
    assert (made.name, made.visibility, made.owner) == ("marzipan", "private", ann.id)
    assert (await fired(shelf, ann), await fired(shelf, bob)) == (["marzipan"], [])
    assert made.id not in {lora.id for lora in (await shelf.of(bob.id)).all}
    async with database.read() as tx:
        rows = (await tx.execute(text("SELECT * FROM registrations"))).all()
    cells = repr([bytes(cell) if isinstance(cell, memoryview) else cell for row in rows for cell in row])
    assert "marzipan" not in cells.lower()


async def test_another_process_sees_a_change_at_the_next_message(
    shelf: LoraShelf, registrations: Registrations, clock: ManualClock, people: People
) -> None:
    ann, bob = people
    elsewhere = LoraShelf(registrations, clock)
    made = await shelf.add(MINE, ann.id, ann.tier)
    assert await fired(elsewhere, ann) == ["marzipan"]
    await shelf.change(made.id, {"triggers": ["sugar tower"]}, ann.id)
    assert await fired(elsewhere, ann) == []
    assert await fired(elsewhere, ann, "a sugar tower") == ["marzipan"]
    await shelf.publish(made.id, ann.id)
    assert await fired(elsewhere, bob, "a sugar tower") == []
    await registrations.approve(made.id)
    assert await fired(elsewhere, bob, "a sugar tower") == ["marzipan"]
    await shelf.remove(made.id, ann.id)
    assert await fired(elsewhere, bob, "a sugar tower") == []


async def test_a_map_is_kept_while_nothing_changes_and_made_again_after_five_minutes(
    shelf: LoraShelf, clock: ManualClock, people: People
) -> None:
    ann, _ = people
    first = await shelf.of(ann.id)
    clock.advance(READY_S - 1)
    assert await shelf.of(ann.id) is first
    clock.advance(2)
    assert await shelf.of(ann.id) is not first


async def test_nobody_changes_anothers(shelf: LoraShelf, people: People) -> None:
    ann, bob = people
    made = await shelf.add(MINE, ann.id, ann.tier)
    attempts = (shelf.get, shelf.publish, shelf.remove)
    for attempt in (*(do(made.id, bob.id) for do in attempts), shelf.change(made.id, {}, bob.id)):
        with pytest.raises(NotRegistered):
            await attempt


async def test_a_name_stands_for_one(shelf: LoraShelf, people: People) -> None:
    ann, bob = people
    made = await shelf.add(MINE, ann.id, ann.tier)
    with pytest.raises(ModelExists):
        await shelf.add(MINE, ann.id, ann.tier)
    with pytest.raises(ModelExists):
        await shelf.add({**MINE, "name": "pixel-art"}, ann.id, ann.tier)
    assert (await shelf.change(made.id, {"weight": 0.5}, ann.id)).weight == 0.5
    assert (await shelf.add(MINE, bob.id, bob.tier)).name == "marzipan"


async def test_words_find_what_holds_them_all(shelf: LoraShelf, people: People) -> None:
    ann, _ = people
    await shelf.add(MINE, ann.id, ann.tier)
    assert [lora.name for lora in await shelf.search("marz sdxl", ann.id)] == ["marzipan"]
    assert (await shelf.search("", ann.id))[0].name == "marzipan"
    assert [lora.name for lora in await shelf.search("watercolor krea2", ann.id)] == ["krea2-softwatercolor"]


async def test_where_selling_matters_what_forbids_it_is_not_there(
    registrations: Registrations, clock: ManualClock, people: People
) -> None:
    ann, _ = people
    strict, licence = LoraShelf(registrations, clock, non_commercial="refuse"), "CC-BY-NC-4.0"
    await strict.add({**MINE, "licence": licence}, ann.id, ann.tier)
    terms = {lora.commercial for lora in (await strict.of(ann.id)).all}
    assert Commercial.NO not in terms
    assert Commercial.NO in {lora.commercial for lora in (await LoraShelf(registrations, clock).of(ann.id)).all}


@pytest.mark.parametrize(
    ("facts", "field"),
    [
        ({"title": "!!!"}, "name"), ({"file": "../x.safetensors"}, "file"), ({"file": None}, "file"),
        ({"base": "abacus"}, "base"),
        ({"base": None}, "base"), ({"triggers": ["..."]}, "triggers"), ({"triggers": ["<lora:x>"]}, "triggers"),
        ({"triggers": ["w"] * 13}, "triggers"), ({"weight": 3}, "weight"), ({"name": "No Spaces"}, "name"),
    ],
)  # fmt: skip
def test_a_description_that_makes_no_sense_names_the_field(facts: dict[str, Any], field: str) -> None:
    with pytest.raises(BadLora) as caught:
        checked({**MINE, **facts})
    assert caught.value.facts == {"field": field}


def test_what_follows_from_the_file_need_not_be_said() -> None:
    source = "https://huggingface.co/o/r/blob/main/flux1_ink.safetensors"
    made = checked({"title": "Ink", "file": "flux1_ink.safetensors", "source": source})
    assert (made["base"], made["source"]) == ("flux1", "https://huggingface.co/o/r/resolve/main/flux1_ink.safetensors")
    with pytest.raises(BadModelUrl):
        checked({**MINE, "source": "https://10.0.0.1/x"})


def test_the_public_ones_have_names_of_their_own_and_families_that_exist() -> None:
    names = [lora.name for lora in public()]
    assert len(names) == len(set(names)) > 50
    assert {lora.base for lora in public()} <= FAMILIES
    assert [lora.name for lora in public() if lora.source is None] == []
