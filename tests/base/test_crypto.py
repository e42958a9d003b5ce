"""Content is stored sealed or not at all."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import insert, select, text
from sqlalchemy.exc import StatementError

from base.crypto import DataKey, Envelope, decrypt, encrypt, new_secret
from base.db import Database
from base.errors import KeyLost
from base.events import EventLog
from base.tables import events as events_table
from base.tables import streams
from base.testing import ManualClock, MemoryKeyStore
from tests.examples import examples

JSON = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**53), 2**53) | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
    max_leaves=5,
)


@examples(50)
@given(value=JSON)
def test_what_is_sealed_opens_to_the_same(value: object) -> None:
    key = DataKey("scope", b"k" * 32)

    assert key.open(key.seal(value)) == value


def test_the_same_content_never_looks_the_same() -> None:
    key = DataKey("scope", new_secret())

    assert key.seal("words").data != key.seal("words").data


@pytest.mark.parametrize("other", [DataKey("elsewhere", b"k" * 32), DataKey("scope", b"x" * 32)])
def test_an_envelope_opens_only_with_its_key_and_scope(other: DataKey) -> None:
    envelope = DataKey("scope", b"k" * 32).seal("words")
    with pytest.raises(KeyLost):
        other.open(envelope)


def test_a_changed_envelope_does_not_open() -> None:
    sealed = encrypt(b"k" * 32, b"words", "scope")
    with pytest.raises(KeyLost):
        decrypt(b"k" * 32, sealed[:-1] + bytes([sealed[-1] ^ 1]), "scope")


def test_nothing_is_nothing() -> None:
    assert DataKey("scope", b"k" * 32).open(None) is None


def test_a_key_does_not_show_its_bytes() -> None:
    assert "kkkk" not in repr(DataKey("scope", b"k" * 32))


@pytest.mark.parametrize("plain", ["words", b"words", {"text": "words"}])
async def test_a_sealed_column_refuses_what_is_plain(database: Database, clock: ManualClock, plain: object) -> None:
    with pytest.raises(StatementError, match="Envelope"):
        async with database.write() as tx:
            await tx.execute(insert(streams).values(id="s", scope="scope", last=1))
            await tx.execute(insert(events_table).values(stream="s", number=1, type="t", at=clock.now(), payload=plain))


async def test_the_database_holds_no_words(
    database: Database, events: EventLog, keys: MemoryKeyStore
) -> None:
    async with database.write() as tx:
        await keys.create(tx, "scope", "account", "standard")
        await events.open(tx, "s", "scope")
        await events.append(tx, "s", "note", {"text": "a canary in a coal mine"})
    async with database.read() as tx:
        raw = (await tx.execute(text("SELECT payload FROM events"))).scalar_one()
        envelope = (await tx.execute(select(events_table.c.payload))).scalar_one()

    assert b"canary" not in bytes(raw)
    assert isinstance(envelope, Envelope)


async def test_a_forgotten_key_takes_the_content_along(database: Database, events: EventLog, keys: MemoryKeyStore) -> None:
    async with database.write() as tx:
        await keys.create(tx, "scope", "account", "standard")
        await events.open(tx, "s", "scope")
        await events.append(tx, "s", "note", {"text": "words"})
        await keys.forget(tx, "scope")
    with pytest.raises(KeyLost):
        await events.read("s")
