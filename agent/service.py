"""Conversations as surfaces see them: make, list, send a message, follow, rate, retry."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import AsyncIterator, Sequence
from contextlib import suppress
from datetime import UTC, datetime
from typing import Any, Literal

from agent import shapes, store
from agent.errors import (
    ConversationNotFound,
    EmptyMessage,
    HandleNotFound,
    TextTooLong,
    TurnNotFound,
    TurnNotOver,
    UnknownChoice,
)
from agent.protocols import Message
from agent.standing import says_again
from agent.states import TurnState, activity
from base.clock import Clock, rfc3339
from base.crypto import DataKey, KeyStore
from base.db import Also, Database, Tx, nothing_more
from base.errors import InvalidInput
from base.events import PAGE, Event, EventLog, envelope
from base.ids import is_id, new_id
from base.settings import Limits
from executor.errors import AlreadyEnded, AssetNotFound, RunNotFound
from executor.model import RUN_OVER
from executor.protocols import Assets, Leavings, Runs

TURNS = "turns"  # the bell's topic for whoever claims turns
TITLE_CHARS = 60
STOP_WITHIN_S = 10.0  # how long deleting a conversation waits for its renders to stop

__all__ = ["ConversationService"]


class ConversationService:
    """Implements agent.protocols.Conversations."""

    def __init__(
        self, db: Database, keys: KeyStore, events: EventLog, clock: Clock, runs: Runs, assets: Assets, limits: Limits,
        ring: Any, leavings: Leavings,
    ) -> None:  # fmt: skip
        self._db, self._keys, self._events, self._clock = db, keys, events, clock
        self._leavings = leavings
        self._runs, self._assets, self._limits, self._ring = runs, assets, limits, ring

    async def create(self, account_id: str, tier: str = "standard") -> dict[str, Any]:
        """A new, empty conversation with its own data key and event stream."""
        if tier != "standard":
            raise InvalidInput("Only the standard tier is there yet.", action="Leave the tier out.")
        conversation_id, now = new_id(), self._clock.now()
        async with self._db.write() as tx:
            await self._keys.create(tx, shapes.scope(conversation_id), account_id, tier)
            await self._events.open(tx, shapes.stream(conversation_id), shapes.scope(conversation_id))
            values = {
                "id": conversation_id,
                "account_id": account_id,
                "tier": tier,
                "created_at": now,
                "active_at": now,
            }
            await store.add_conversation(tx, values)
        return {
            "id": conversation_id, "title": None, "tier": tier, "pinned": False, "created_at": rfc3339(now),
            "active_at": rfc3339(now), "last_event_id": 0, "activity": None, "turns": [],
        }  # fmt: skip

    async def page(
        self, account_id: str, after: str | None, limit: int
    ) -> tuple[list[dict[str, Any]], str | None]:
        """Pinned first, newest first; the cursor is opaque."""
        async with self._db.read() as tx:
            rows = await store.conversations_of(tx, account_id, _cursor(after), limit + 1)
            page = rows[:limit]
            states = _by_conversation(await store.open_states(tx, [row["id"] for row in page]))
        items = [await self._head(row, states[row["id"]]) for row in page]
        return items, _as_cursor(page[-1]) if len(rows) > limit else None

    async def get(self, conversation_id: str, account_id: str) -> dict[str, Any]:
        """The conversation with all its turns."""
        row = await self._owned(conversation_id, account_id)
        async with self._db.read() as tx:
            turns = await store.turns_of(tx, conversation_id)
            handles = await store.handles_of(tx, conversation_id)
        assets = await self._assets.many([h["asset_id"] for h in handles], account_id)
        key = await self._keys.key(shapes.scope(conversation_id))
        states = [turn["state"] for turn in turns if turn["state"] != TurnState.DONE]
        return {**await self._head(row, states), "turns": [shapes.turn(t, key, handles, assets) for t in turns]}

    async def change(
        self, conversation_id: str, account_id: str, *, title: str | None = None, pinned: bool | None = None
    ) -> dict[str, Any]:
        """Rename or pin."""
        await self._owned(conversation_id, account_id)
        key = await self._keys.key(shapes.scope(conversation_id))
        values: dict[str, Any] = {} if title is None else {"title": key.seal(title.strip()[:200])}
        if pinned is not None:
            values["pinned"] = pinned
        if values:
            async with self._db.write() as tx:
                await store.change_conversation(tx, conversation_id, **values)
        async with self._db.read() as tx:
            states = _by_conversation(await store.open_states(tx, [conversation_id]))
        return await self._head(await self._owned(conversation_id, account_id), states[conversation_id])

    async def delete(self, conversation_id: str, account_id: str) -> None:
        """Stop its runs, forget its rows, its events and its key, which seals them; then clear what was made under that. Where a
        process dies in between, or a render ends later, a sweep clears the rest."""
        await self._owned(conversation_id, account_id)
        async with self._db.read() as tx:
            active = [row["run_id"] for row in await store.turns_at_work(tx, conversation_id)]
        for run_id in active:
            await self._stop(run_id, account_id)
        await self._until_over(active, account_id)
        async with self._db.write() as tx:
            await store.delete_conversation(tx, conversation_id)
            await self._events.delete(tx, shapes.stream(conversation_id))
            await self._keys.forget(tx, shapes.scope(conversation_id))
        await self._leavings.clear(shapes.scope(conversation_id))

    async def send(
        self, conversation_id: str, account_id: str, message: Message, correlation_id: str, also: Also = nothing_more
    ) -> str:
        """Store the message as a turn; `turn.started` is in the stream when this returns."""
        self._check(message)
        conversation = await self._owned(conversation_id, account_id)
        wanted = [*message.attachments, *([message.reply_to] if message.reply_to else [])]
        if len(await self._assets.many(wanted, account_id)) != len(set(wanted)):
            raise AssetNotFound
        chosen = await self._chosen(conversation_id, message)
        if chosen is not None and "again" in chosen["then"]:
            return await self.retry(chosen["then"]["again"], account_id, correlation_id, also)
        content = {
            "text": message.text.strip() or (chosen["label"] if chosen else ""), "attachments": list(message.attachments),
            "reply_to": message.reply_to, "choice": None if chosen is None else chosen["then"],
        }  # fmt: skip
        async with self._db.write() as tx:
            turn_id = await self._accept(tx, conversation, content, correlation_id)
            await also(tx, turn_id)
        return turn_id

    async def retry(
        self, turn_id: str, account_id: str, correlation_id: str, also: Also = nothing_more
    ) -> str:
        """The same message again, bound to what was there then."""
        old = await self._owned_turn(turn_id, account_id)
        if old["state"] != TurnState.DONE:
            raise TurnNotOver
        conversation = await self._owned(old["conversation_id"], account_id)
        content = (await self._keys.key(shapes.scope(conversation["id"]))).open(old["message"])
        async with self._db.write() as tx:
            await store.change_outcome(tx, turn_id, feedback="retry")
            again_id = await self._accept(tx, conversation, content, correlation_id, retry_of=old)
            await also(tx, again_id)
        return again_id

    async def rate(
        self, turn_id: str, account_id: str, rating: Literal["up", "down"] | None, comment: str | None
    ) -> None:
        """The last rating wins; None takes it back."""
        turn = await self._owned_turn(turn_id, account_id)
        key = await self._keys.key(shapes.scope(turn["conversation_id"]))
        sealed = None if comment is None else key.seal(comment[:2000])
        async with self._db.write() as tx:
            await store.change_turn(tx, turn_id, rating=rating, comment=sealed)
            await store.change_outcome(tx, turn_id, feedback=rating)

    async def last_event_id(self, conversation_id: str, account_id: str) -> int:
        """The number of the newest event, without reading any."""
        await self._owned(conversation_id, account_id)
        return await self._events.last(shapes.stream(conversation_id))

    async def events(
        self, conversation_id: str, account_id: str, after: int
    ) -> AsyncIterator[dict[str, Any]]:
        """Stored events above `after`, then the last progress of what is at work, then everything as it comes."""
        await self._owned(conversation_id, account_id)
        stream = shapes.stream(conversation_id)
        while page := await self._events.read(stream, after):
            for event in page:
                after = event.number or after
                yield envelope(event)
            if len(page) < PAGE:
                break
        for event in await self._progress(conversation_id):
            yield envelope(event)
        async for event in self._events.follow(stream, after):
            yield envelope(event)

    async def handles(self, account_id: str, asset_ids: Sequence[str]) -> dict[str, list[dict[str, str]]]:
        """asset id -> [{conversation_id, handle}]."""
        async with self._db.read() as tx:
            rows = await store.handles_of_assets(tx, account_id, asset_ids)
        found: dict[str, list[dict[str, str]]] = {}
        for row in rows:
            entry = {"conversation_id": row["conversation_id"], "handle": f"A{row['number']}"}
            found.setdefault(row["asset_id"], []).append(entry)
        return found

    async def asset_of(self, conversation_id: str, account_id: str, handle: str) -> str:
        """The id of what a handle names. Raises ConversationNotFound, HandleNotFound."""
        await self._owned(conversation_id, account_id)
        async with self._db.read() as tx:
            rows = await store.handles_of(tx, conversation_id)
        found = next((row["asset_id"] for row in rows if f"A{row['number']}" == handle.strip().upper()), None)
        if found is None:
            raise HandleNotFound
        return str(found)

    def _check(self, message: Message) -> None:
        if len(message.text) > self._limits.text_chars:
            raise TextTooLong(
                f"The message has {len(message.text)} characters; {self._limits.text_chars} is the most.",
                maximum=self._limits.text_chars,
            )
        if not (message.text.strip() or message.attachments or message.choice):
            raise EmptyMessage

    async def _accept(
        self, tx: Tx, conversation: Any, content: dict[str, Any], correlation_id: str, retry_of: Any = None
    ) -> str:
        """Number the turn, give uploads their handles, and say that it began: one transaction."""
        turn_id, now = new_id(), self._clock.now()
        key = await self._keys.key(shapes.scope(conversation["id"]))
        number = await store.next_turn_number(tx, conversation["id"], now)
        known = await self._attach(tx, conversation, turn_id, content["attachments"])
        before = max(known.values(), default=0) if retry_of is None else retry_of["handles_before"]
        values = {
            "id": turn_id, "conversation_id": conversation["id"], "account_id": conversation["account_id"],
            "tier": conversation["tier"], "number": number, "state": TurnState.RECEIVED, "message": key.seal(content),
            "retry_of": None if retry_of is None else retry_of["id"], "handles_before": before,
            "correlation_id": correlation_id, "created_at": now,
        }  # fmt: skip
        await store.add_turn(tx, values)
        if conversation["title"] is None and content["text"]:
            await store.change_conversation(tx, conversation["id"], title=key.seal(_title(content["text"])))
        data = {
            "turn_id": turn_id,
            "correlation_id": correlation_id,
            "text": content["text"],
            "attachments": [{"asset_id": a, "handle": f"A{known[a]}"} for a in content["attachments"]],
        }
        await self._events.append(tx, shapes.stream(conversation["id"]), "turn.started", data)
        tx.after_commit(lambda: self._ring(TURNS))
        return turn_id

    async def _attach(
        self, tx: Tx, conversation: Any, turn_id: str, asset_ids: Sequence[str]
    ) -> dict[str, int]:
        """A handle for every upload; one that has a handle here keeps it. Asset id -> number, of all there are."""
        known = {row["asset_id"]: row["number"] for row in await store.handles_of(tx, conversation["id"])}
        for asset_id in asset_ids:
            if asset_id in known:
                continue
            known[asset_id] = await store.next_handle(tx, conversation["id"])
            values = {
                "conversation_id": conversation["id"], "number": known[asset_id], "account_id": conversation["account_id"],
                "tier": conversation["tier"], "asset_id": asset_id, "turn_id": turn_id,
            }  # fmt: skip
            await store.add_handle(tx, values)
        return known

    async def _choice(self, conversation_id: str, choice_id: str) -> dict[str, Any]:
        """What a button of the newest question stands for."""
        async with self._db.read() as tx:
            rows = await store.turns_of(tx, conversation_id, limit=20)
        key = await self._keys.key(shapes.scope(conversation_id))
        for row in reversed(rows):
            choices = (key.open(row["planned"]) or {}).get("choices", ())
            for choice in choices:
                if choice["id"] == choice_id:
                    found: dict[str, Any] = choice
                    return found
            if choices:
                break
        raise UnknownChoice

    async def _chosen(self, conversation_id: str, message: Message) -> dict[str, Any] | None:
        """The button that was clicked; "Try again" of a turn that was put off may be typed, too."""
        if message.choice:
            return await self._choice(conversation_id, message.choice)
        if message.attachments or message.reply_to or not says_again(message.text):
            return None
        async with self._db.read() as tx:
            rows = await store.turns_of(tx, conversation_id, limit=1)
        key = await self._keys.key(shapes.scope(conversation_id))
        choices = (key.open(rows[-1]["planned"]) or {}).get("choices", ()) if rows else ()
        return next((choice for choice in choices if "again" in choice["then"]), None)

    async def _progress(self, conversation_id: str) -> list[Event]:
        async with self._db.read() as tx:
            rows = await store.turns_at_work(tx, conversation_id)
        found = []
        for row in rows:
            for data in await self._runs.progress(row["run_id"]):
                about = {**shapes.about(row), **data}
                found.append(
                    Event(shapes.stream(conversation_id), None, "run.progress", self._clock.now(), about)
                )
        return found

    async def _owned(self, conversation_id: str, account_id: str) -> Any:
        if is_id(conversation_id):
            async with self._db.read() as tx:
                row = await store.conversation(tx, conversation_id, account_id)
            if row is not None:
                return row
        raise ConversationNotFound

    async def _owned_turn(self, turn_id: str, account_id: str) -> Any:
        if is_id(turn_id):
            async with self._db.read() as tx:
                row = await store.turn(tx, turn_id)
            if row is not None and row["account_id"] == account_id:
                return row
        raise TurnNotFound

    async def _head(self, row: Any, open_states: Sequence[str]) -> dict[str, Any]:
        key: DataKey = await self._keys.key(shapes.scope(row["id"]))
        return {
            "id": row["id"], "title": key.open(row["title"]), "tier": row["tier"], "pinned": row["pinned"],
            "created_at": rfc3339(row["created_at"]), "active_at": rfc3339(row["active_at"]),
            "last_event_id": await self._events.last(shapes.stream(row["id"])), "activity": activity(open_states),
        }  # fmt: skip

    async def _until_over(self, run_ids: Sequence[str], account_id: str) -> None:
        """Wait a bounded time: a run must end under its key, and the GPU must hear of it, before the key is forgotten."""
        deadline = self._clock.monotonic() + STOP_WITHIN_S
        for run_id in run_ids:
            while self._clock.monotonic() < deadline:
                if (await self._runs.get(run_id, account_id)).status in RUN_OVER:
                    break
                await self._clock.sleep(0.05)

    async def _stop(self, run_id: str, account_id: str) -> None:
        with suppress(RunNotFound, AlreadyEnded):  # over already: there is nothing left to stop
            await self._runs.cancel(run_id, account_id)


def _by_conversation(rows: Sequence[Any]) -> defaultdict[str, list[str]]:
    states: defaultdict[str, list[str]] = defaultdict(list)
    for row in rows:
        states[row["conversation_id"]].append(row["state"])
    return states


def _title(text: str) -> str:
    line = " ".join(text.split())
    return line if len(line) <= TITLE_CHARS else line[: TITLE_CHARS - 1].rstrip() + "…"


def _as_cursor(row: Any) -> str:
    return f"{int(row['pinned'])}_{row['active_at'].timestamp():.6f}_{row['id']}"


def _cursor(text: str | None) -> tuple[bool, datetime, str] | None:
    if text is None:
        return None
    try:
        pinned, moment, last_id = text.split("_")
        return bool(int(pinned)), datetime.fromtimestamp(float(moment), UTC), last_id
    except ValueError:
        raise InvalidInput(
            "The cursor is not one of ours.", action="Begin the list without a cursor."
        ) from None
