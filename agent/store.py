"""SQL of conversations, turns, handles and outcomes. Statements only."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import and_, delete, exists, insert, or_, select, true, update

from agent.states import BEFORE_RUN, WATCHING, TurnState
from agent.tables import conversations, handles, outcomes, turns
from base.db import Tx


async def add_conversation(tx: Tx, values: dict[str, Any]) -> None:
    await tx.execute(insert(conversations).values(**values))


async def conversation(tx: Tx, conversation_id: str, account_id: str) -> Any | None:
    return await tx.one(
        select(conversations).where(
            conversations.c.id == conversation_id, conversations.c.account_id == account_id
        )
    )


async def conversations_of(
    tx: Tx, account_id: str, after: tuple[bool, datetime, str] | None, limit: int
) -> list[Any]:
    """Pinned first, then by last activity; below the cursor (pinned, active_at, id)."""
    c = conversations.c
    statement = select(conversations).where(c.account_id == account_id)
    if after is not None:
        pinned, active_at, last_id = after
        older = or_(c.active_at < active_at, and_(c.active_at == active_at, c.id < last_id))
        statement = statement.where(
            or_(and_(c.pinned.is_(pinned), older), c.pinned.is_(False))
            if pinned
            else and_(c.pinned.is_(False), older)
        )
    return await tx.all(statement.order_by(c.pinned.desc(), c.active_at.desc(), c.id.desc()).limit(limit))


async def change_conversation(tx: Tx, conversation_id: str, **values: Any) -> None:
    await tx.execute(update(conversations).where(conversations.c.id == conversation_id).values(**values))


async def delete_conversation(tx: Tx, conversation_id: str) -> None:
    for table in (outcomes, handles, turns):
        await tx.execute(delete(table).where(table.c.conversation_id == conversation_id))
    await tx.execute(delete(conversations).where(conversations.c.id == conversation_id))


async def next_turn_number(tx: Tx, conversation_id: str, now: datetime) -> int:
    """The number of the next turn, taken in one statement."""
    c = conversations.c
    bump = update(conversations).where(c.id == conversation_id).values(turns=c.turns + 1, active_at=now)
    return int((await tx.execute(bump.returning(c.turns))).scalar_one())


async def next_handle(tx: Tx, conversation_id: str) -> int:
    c = conversations.c
    bump = update(conversations).where(c.id == conversation_id).values(handles=c.handles + 1)
    return int((await tx.execute(bump.returning(c.handles))).scalar_one())


async def add_handle(tx: Tx, values: dict[str, Any]) -> None:
    await tx.execute(insert(handles).values(**values))


async def remembered(tx: Tx, conversation_id: str) -> Any | None:
    """`memory` and `without_model`."""
    c = conversations.c
    return await tx.one(select(c.memory, c.without_model).where(c.id == conversation_id))


async def model_spend(tx: Tx, conversation_id: str) -> tuple[int, float]:
    """Tokens and dollars that the conversation's language model has taken."""
    c = conversations.c
    row = await tx.one(select(c.model_tokens, c.model_dollars).where(c.id == conversation_id))
    return (0, 0.0) if row is None else (row["model_tokens"], row["model_dollars"])


async def add_model_spend(tx: Tx, conversation_id: str, tokens: int, dollars: float) -> None:
    c = conversations.c
    more = {"model_tokens": c.model_tokens + tokens, "model_dollars": c.model_dollars + dollars}
    await tx.execute(update(conversations).where(c.id == conversation_id).values(**more))


async def handles_at(tx: Tx, conversation_id: str, number: int, handles_before: int) -> list[Any]:
    """The handles that a turn may know: those given by then, and those of the turns before it; with `turn_number`."""
    given = or_(handles.c.number <= handles_before, turns.c.number < number)
    return await tx.all(
        select(handles, turns.c.number.label("turn_number"))
        .outerjoin(turns, turns.c.id == handles.c.turn_id)
        .where(handles.c.conversation_id == conversation_id, given)
        .order_by(handles.c.number)
    )


async def handles_of(tx: Tx, conversation_id: str) -> list[Any]:
    return await tx.all(
        select(handles).where(handles.c.conversation_id == conversation_id).order_by(handles.c.number)
    )


async def handles_of_assets(tx: Tx, account_id: str, asset_ids: Sequence[str]) -> list[Any]:
    return await tx.all(
        select(handles.c.asset_id, handles.c.conversation_id, handles.c.number)
        .where(handles.c.account_id == account_id, handles.c.asset_id.in_(list(asset_ids)))
        .order_by(handles.c.conversation_id, handles.c.number)
    )


async def add_turn(tx: Tx, values: dict[str, Any]) -> None:
    await tx.execute(insert(turns).values(**values))


async def turn(tx: Tx, turn_id: str) -> Any | None:
    return await tx.one(select(turns).where(turns.c.id == turn_id))


async def turns_of(tx: Tx, conversation_id: str, limit: int | None = None) -> list[Any]:
    """In order; with a limit the newest so many."""
    statement = select(turns).where(turns.c.conversation_id == conversation_id)
    if limit is None:
        return await tx.all(statement.order_by(turns.c.number))
    return (await tx.all(statement.order_by(turns.c.number.desc()).limit(limit)))[::-1]


async def turns_before(tx: Tx, conversation_id: str, number: int, limit: int) -> list[Any]:
    """The newest so many turns below that number, in order."""
    statement = select(turns).where(turns.c.conversation_id == conversation_id, turns.c.number < number)
    return (await tx.all(statement.order_by(turns.c.number.desc()).limit(limit)))[::-1]


async def newest_turn(tx: Tx, conversation_id: str, number: int, *, with_run: bool = False) -> Any | None:
    """The newest turn below that number which has a run, or else in which the person went back to a picture."""
    has = turns.c.run_id if with_run else turns.c.focus
    return await tx.one(
        select(turns)
        .where(turns.c.conversation_id == conversation_id, turns.c.number < number, has.is_not(None))
        .order_by(turns.c.number.desc())
        .limit(1)
    )


async def turns_at_work(tx: Tx, conversation_id: str) -> list[Any]:
    """Turns whose run is not over, in order."""
    return await tx.all(
        select(turns)
        .where(
            turns.c.conversation_id == conversation_id,
            turns.c.state.in_(WATCHING),
            turns.c.run_id.is_not(None),
        )
        .order_by(turns.c.number)
    )


async def named(tx: Tx, run_ids: Sequence[str]) -> set[str]:
    """Those of these runs that a turn names."""
    rows = await tx.all(select(turns.c.run_id).where(turns.c.run_id.in_(run_ids)))
    return {row["run_id"] for row in rows}


async def read_on(tx: Tx, run_ids: Sequence[str]) -> set[str]:
    """Those of these runs whose events some turn still waits for."""
    rows = await tx.all(select(turns.c.run_id).where(turns.c.run_id.in_(run_ids), turns.c.state != TurnState.DONE))
    return {row["run_id"] for row in rows}


async def open_states(tx: Tx, conversation_ids: Sequence[str]) -> list[Any]:
    """`conversation_id` and `state` of every turn of theirs that is not over."""
    t = turns.c
    open_turns = (t.conversation_id.in_(list(conversation_ids)), t.state != TurnState.DONE)
    return await tx.all(select(t.conversation_id, t.state).where(*open_turns))


async def change_turn(tx: Tx, turn_id: str, **values: Any) -> None:
    await tx.execute(update(turns).where(turns.c.id == turn_id).values(**values))


async def change_leased(tx: Tx, turn_id: str, owner: str, **values: Any) -> bool:
    """Whether the turn is still ours, and is changed."""
    statement = update(turns).where(turns.c.id == turn_id, turns.c.lease_owner == owner).values(**values)
    return bool((await tx.execute(statement)).rowcount)


async def claimable(tx: Tx, now: datetime, limit: int, *, came_before: datetime | None = None) -> list[Any]:
    """Turns that nobody holds: those to be understood whose predecessors are, and those whose run must be watched.
    Of the former, where it is said so, only what `came_before` a moment."""
    earlier = turns.alias("earlier")
    blocked = exists().where(
        earlier.c.conversation_id == turns.c.conversation_id,
        earlier.c.number < turns.c.number,
        earlier.c.state.in_(BEFORE_RUN),
    )
    free = or_(turns.c.lease_until.is_(None), turns.c.lease_until < now)
    old = true() if came_before is None else turns.c.created_at < came_before
    ready = or_(turns.c.state.in_(WATCHING), and_(turns.c.state.in_(BEFORE_RUN), ~blocked, old))
    return await tx.all(
        select(turns).where(free, ready).order_by(turns.c.created_at, turns.c.id).limit(limit)
    )


async def claim(tx: Tx, turn_id: str, owner: str, now: datetime, until: datetime) -> bool:
    """Take the lease; False when somebody was faster."""
    free = or_(turns.c.lease_until.is_(None), turns.c.lease_until < now)
    statement = update(turns).where(turns.c.id == turn_id, free, turns.c.state != TurnState.DONE)
    return bool((await tx.execute(statement.values(lease_owner=owner, lease_until=until))).rowcount)


async def prolong(tx: Tx, owner: str, turn_ids: Sequence[str], until: datetime) -> None:
    """Keep the turns that are really worked on. Another that `owner` holds was dropped: its lease has to lapse."""
    held = and_(turns.c.lease_owner == owner, turns.c.id.in_(turn_ids))
    statement = update(turns).where(held, turns.c.state != TurnState.DONE)
    await tx.execute(statement.values(lease_until=until))


async def release(tx: Tx, owner: str | None) -> None:
    """Free what `owner` holds, or with None what anybody holds (the only process on SQLite, at its start)."""
    statement = update(turns).where(turns.c.state != TurnState.DONE)
    if owner is not None:
        statement = statement.where(turns.c.lease_owner == owner)
    await tx.execute(statement.values(lease_owner=None, lease_until=None))


async def add_outcome(tx: Tx, values: dict[str, Any]) -> None:
    await tx.execute(insert(outcomes).values(**values))


async def outcome(tx: Tx, turn_id: str) -> Any | None:
    return await tx.one(select(outcomes).where(outcomes.c.turn_id == turn_id))


async def change_outcome(tx: Tx, turn_id: str, **values: Any) -> None:
    await tx.execute(update(outcomes).where(outcomes.c.turn_id == turn_id).values(**values))
