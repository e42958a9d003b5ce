"""What people add: theirs alone and sealed until an admin agrees, everybody's afterwards."""

from __future__ import annotations

import pytest
from sqlalchemy import text

from accounts.keys import StandardKeyStore
from accounts.model import Account
from accounts.service import Accounts
from base.db import Database
from base.testing import ManualClock
from tools.registry import service
from tools.registry.errors import ModelExists, NotRegistered, NotWaiting, TooManyOwn
from tools.registry.service import Registrations
from tools.registry.shelves import ModelShelf

People = tuple[Account, Account]
CANARY = "canary-of-paper"
URL = f"https://huggingface.co/o/r/resolve/main/loras/{CANARY}.safetensors"


@pytest.fixture
def keys(database: Database, clock: ManualClock) -> StandardKeyStore:
    return StandardKeyStore(database, b"m" * 32, clock)


@pytest.fixture
def registrations(database: Database, keys: StandardKeyStore, clock: ManualClock) -> Registrations:
    return Registrations(database, keys, clock)


@pytest.fixture
async def people(database: Database, keys: StandardKeyStore, clock: ManualClock) -> People:
    accounts = Accounts(database, keys, clock, b"c" * 32)
    return await accounts.create_anonymous(), await accounts.create_anonymous()


async def written(database: Database) -> str:
    async with database.read() as tx:
        rows = (await tx.execute(text("SELECT * FROM registrations"))).all()
    return repr([tuple(bytes(cell) if isinstance(cell, memoryview) else cell for cell in row) for row in rows])


async def test_a_proposed_model_is_its_owners_alone_and_sealed(
    registrations: Registrations, people: People, database: Database
) -> None:
    shelf, (ann, bob) = ModelShelf(registrations), people
    _, model = await shelf.add(URL, ann.id, {})

    assert model in await shelf.all(ann.id)
    assert model.place not in {m.place for m in await shelf.all(bob.id)}
    assert model.place not in {m.place for m in await shelf.all(None)}
    assert CANARY not in await written(database)


async def test_what_an_admin_agrees_to_is_everybodys(
    registrations: Registrations, people: People
) -> None:
    shelf, (ann, bob) = ModelShelf(registrations), people
    id, model = await shelf.add(URL, ann.id, {})
    assert [entry.id for entry in await registrations.proposed()] == [id]
    await registrations.approve(id)

    (seen,) = [m for m in await shelf.all(bob.id) if m.place == model.place]
    assert seen.state == "approved"
    assert await registrations.proposed() == []
    with pytest.raises(ModelExists):
        await shelf.add(URL, bob.id, {})
    with pytest.raises(NotWaiting):
        await registrations.approve(id)


async def test_what_is_refused_stays_its_owners(
    registrations: Registrations, people: People, database: Database
) -> None:
    ann, bob = people
    id = await registrations.add("lora", {"name": CANARY}, ann.id, "standard", "private")
    await registrations.propose(id, ann.id)
    await registrations.refuse(id)

    assert [e.state for e in await registrations.visible("lora", ann.id)] == ["private"]
    assert await registrations.visible("lora", bob.id) == []
    assert CANARY not in await written(database)


async def test_a_change_is_private_again_and_sealed(
    registrations: Registrations, people: People, database: Database
) -> None:
    ann, bob = people
    id = await registrations.add("lora", {"name": "paper"}, ann.id, "standard", "proposed")
    await registrations.approve(id)
    await registrations.change(id, ann.id, {"name": CANARY})

    assert await registrations.visible("lora", bob.id) == []
    assert (await registrations.own(id, ann.id)).content == {"name": CANARY}
    assert CANARY not in await written(database)


async def test_a_proposal_that_changes_while_it_waits_waits_no_more(
    registrations: Registrations, people: People
) -> None:
    ann, _ = people
    id = await registrations.add("lora", {"name": "nice"}, ann.id, "standard", "proposed")
    await registrations.change(id, ann.id, {"name": "nasty"})
    with pytest.raises(NotWaiting):
        await registrations.approve(id)


async def test_withdrawing_takes_it_back_from_everybody(
    registrations: Registrations, people: People
) -> None:
    ann, bob = people
    id = await registrations.add("lora", {"name": "paper"}, ann.id, "standard", "proposed")
    await registrations.approve(id)
    await registrations.withdraw(id, ann.id)
    assert await registrations.visible("lora", bob.id) == []
    assert (await registrations.own(id, ann.id)).state == "private"


async def test_nobody_touches_what_is_anothers(registrations: Registrations, people: People) -> None:
    ann, bob = people
    id = await registrations.add("lora", {"name": "paper"}, ann.id, "standard", "private")
    for attempt in (
        registrations.own(id, bob.id), registrations.change(id, bob.id, {}), registrations.remove(id, bob.id),
        registrations.propose(id, bob.id), registrations.withdraw(id, bob.id), registrations.own("nonsense", ann.id),
    ):  # fmt: skip
        with pytest.raises(NotRegistered):
            await attempt
    await registrations.remove(id, ann.id)
    assert await registrations.visible("lora", ann.id) == []


async def test_the_operators_proposal_waits_too_and_goes_when_refused(
    registrations: Registrations, people: People
) -> None:
    ann, _ = people
    id = await registrations.add("model", {"name": "one"}, None, "standard", "proposed")
    assert [e.id for e in await registrations.visible("model", None)] == [id]
    assert await registrations.visible("model", ann.id) == []
    await registrations.refuse(id)
    assert await registrations.visible("model", None) == []


async def test_the_numbers_move_for_whom_something_changed(
    registrations: Registrations, people: People
) -> None:
    ann, bob = people
    before = await registrations.versions(ann.id), await registrations.versions(bob.id)
    id = await registrations.add("lora", {"name": "paper"}, ann.id, "standard", "proposed")
    assert await registrations.versions(ann.id) > before[0]
    assert await registrations.versions(bob.id) == before[1]
    await registrations.approve(id)
    assert await registrations.versions(bob.id) > before[1]


async def test_a_shelf_has_an_end(
    registrations: Registrations, people: People, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(service, "MOST_OWN", 1)
    ann, bob = people
    await registrations.add("lora", {}, ann.id, "standard", "private")
    with pytest.raises(TooManyOwn):
        await registrations.add("lora", {}, ann.id, "standard", "private")
    await registrations.add("model", {}, ann.id, "standard", "private")
    await registrations.add("lora", {}, bob.id, "standard", "private")


async def test_what_lost_its_key_is_no_longer_shown(
    registrations: Registrations, people: People, keys: StandardKeyStore, database: Database
) -> None:
    ann, _ = people
    await registrations.add("lora", {"name": "paper"}, ann.id, "standard", "private")
    async with database.write() as tx:
        await keys.forget(tx, ann.scope)
    assert await registrations.visible("lora", ann.id) == []
