"""What must survive: restarts, takeovers, cancels; what must not: deleted conversations, words in logs."""

from __future__ import annotations

import asyncio
import io
import json
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import func, select, update

from agent import outcomes, store
from agent.errors import ConversationNotFound, EmptyMessage, TextTooLong, UnknownChoice
from agent.protocols import Studio
from agent.shapes import scope
from agent.states import BEFORE_RUN, TurnState, activity
from agent.tables import conversations, turns
from base import log
from base.crypto import Envelope
from base.errors import KeyLost
from base.periodic import hasten
from base.tables import events as event_rows
from base.tables import streams
from executor.tables import assets, jobs, runs
from tests.agent.conftest import OpenStudio, Talk, begin, one, types
from tests.patience import PATIENCE_S

SLOW = ("--step-delay", "0.15")


async def test_a_restart_in_mid_render_finishes_the_turn_without_a_lost_or_doubled_event(
    open_here: OpenStudio,
) -> None:
    async with open_here(SLOW) as studio:
        talk = await begin(studio)
        turn_id = await talk.send("Generate a lighthouse")
        await talk.until_over(turn_id, "run.queued")
    async with open_here() as studio:
        talk.studio = studio
        events = await talk.until_over(turn_id)
        numbers = [event["id"] for event in await talk.all()]
    assert numbers == list(range(1, len(numbers) + 1))
    assert types(events).count("run.output") == types(events).count("turn.completed") == 1
    assert one(events, "turn.completed")["status"] == "done"


async def test_a_turn_that_was_only_received_is_understood_after_a_restart(open_here: OpenStudio) -> None:
    async with open_here() as studio:
        talk = await begin(studio)
        turn_id = await talk.send("draw a fox")
    async with open_here() as studio:
        talk.studio = studio
        assert one(await talk.until_over(turn_id), "turn.completed")["status"] == "done"


async def test_a_turn_cut_off_while_it_was_speaking_ends_typed(open_here: OpenStudio) -> None:
    async with open_here() as studio:
        talk = await begin(studio)
        await talk.say("hello")
        async with studio.db.write() as tx:
            await store.change_turn(
                tx, talk.turns[0], state="planning", spoke=True, lease_owner="dead", lease_until=None
            )
            await tx.execute(outcomes_of(talk.turns[0]))
    async with open_here() as studio:
        talk.studio = studio
        ends = [e for e in await _ends(talk, 2) if e["type"] == "turn.completed"]
    assert ends[-1]["error"]["code"] == "interrupted"


async def test_a_cancelled_render_takes_no_handle_and_ends_cancelled(open_here: OpenStudio) -> None:
    async with open_here(SLOW) as studio:
        talk = await begin(studio)
        turn_id = await talk.send("Generate a lighthouse")
        await talk.until_over(turn_id, "run.queued")
        said = await talk.say("cancel")
        events = await talk.until_over(turn_id)
        assert one(said, "turn.completed")["status"] == "answered"
        assert types(events)[-2:] == ["run.cancelled", "turn.completed"]
        assert one(events, "turn.completed")["status"] == "cancelled"
        assert (await talk.turn(turn_id))["outputs"] == []


async def goes_on(studio: Studio, talk: Talk) -> list[str | None]:
    """What the conversation itself and the list of all say of it."""
    [listed], _ = await studio.conversations.page(talk.account_id, None, 10)
    shown = await studio.conversations.get(talk.conversation_id, talk.account_id)
    return [listed["activity"], shown["activity"]]


def test_a_conversation_is_at_work_until_all_of_its_turns_are_over_and_a_question_to_the_person_comes_first() -> None:
    assert activity([]) is None
    assert {activity([state]) for state in BEFORE_RUN} == {activity([TurnState.RUNNING, TurnState.RECEIVED])} == {"working"}
    assert activity([TurnState.RUNNING, TurnState.AWAITING]) == "waiting"


async def test_dear_runs_wait_for_a_yes_and_start_with_it(open_here: OpenStudio, comfy_url: str) -> None:
    async with open_here(comfy_urls=(comfy_url,), limits={"confirm_credits": 0.01}) as studio:
        talk = await begin(studio)
        turn_id = await talk.send("Generate a lighthouse")
        asked = await talk.until_over(turn_id, "run.awaiting_confirmation")
        assert one(asked, "run.awaiting_confirmation")["estimate"]["credits"][1] > 0.01
        assert await goes_on(studio, talk) == ["waiting", "waiting"]
        await talk.say("yes")
        events = await talk.until_over(turn_id)
        assert await goes_on(studio, talk) == [None, None]
        assert one(events, "turn.completed")["status"] == "done"
        assert one(events, "run.output")["asset"]["sketch"] is False


async def test_a_run_that_nobody_confirms_can_be_dropped_by_words(
    open_here: OpenStudio, comfy_url: str
) -> None:
    async with open_here(comfy_urls=(comfy_url,), limits={"confirm_credits": 0.01}) as studio:
        talk = await begin(studio)
        turn_id = await talk.send("Generate a lighthouse")
        await talk.until_over(turn_id, "run.awaiting_confirmation")
        await talk.say("cancel")
        assert one(await talk.until_over(turn_id), "turn.completed")["status"] == "cancelled"


async def test_a_run_that_nobody_confirms_for_a_day_is_dropped(open_here: OpenStudio, comfy_url: str) -> None:
    async with open_here(comfy_urls=(comfy_url,), limits={"confirm_credits": 0.01}) as studio:
        talk = await begin(studio)
        turn_id = await talk.send("Generate a lighthouse")
        await talk.until_over(turn_id, "run.awaiting_confirmation")
        async with studio.db.write() as tx:
            late = studio.clock.now() - timedelta(hours=25)
            await tx.execute(update(runs).values(created_at=late))
            await hasten(tx, "unconfirmed_runs", studio.clock.now())
        assert one(await talk.until_over(turn_id), "turn.completed")["status"] == "cancelled"


async def test_the_outcome_records_what_was_asked_offered_and_refined(studio: Studio, talk: Talk) -> None:
    await talk.say("draw a fox")
    await talk.say("make it much darker")
    await studio.conversations.rate(talk.turns[0], talk.account_id, "up", None)
    await studio.conversations.rate(talk.turns[0], talk.account_id, "down", "too red")
    async with studio.db.read() as tx:
        row = await store.outcome(tx, talk.turns[0])
    assert row is not None
    content = (await _key(studio, talk)).open(row["content"])
    assert row["success"]
    assert row["feedback"] == "down"
    assert row["planner"] == "embedded"
    assert content["user_message"] == "draw a fox"
    assert content["tools_selected"] == ["text_to_image"]
    assert content["tools_offered"][0].keys() == {"tool", "score"}
    assert content["refinement"] == "make it much darker"
    assert row["run_ms"] is not None
    assert (await talk.turn(talk.turns[0]))["feedback"] == "down"


async def test_the_same_plan_with_another_seed_has_the_same_hash(studio: Studio, talk: Talk) -> None:
    await talk.say("draw a fox")
    await talk.say("draw a fox")
    async with studio.db.read() as tx:
        rows = [await store.outcome(tx, turn_id) for turn_id in talk.turns]
    assert len({row["plan_hash"] for row in rows if row is not None}) == 1
    assert outcomes.plan_hash(None) is None


async def test_content_is_sealed_in_every_row(open_here: OpenStudio) -> None:
    async with open_here() as studio:
        talk = await begin(studio)
        await talk.say("draw a wombat named Bartholomew")
        async with studio.db.read() as tx:
            for table, column in (
                (turns, "message"),
                (turns, "planned"),
                (conversations, "title"),
                (event_rows, "payload"),
            ):
                rows = await tx.all(table.select())
                assert rows
                assert all(isinstance(row[column], Envelope) for row in rows)
        path = Path(studio.db.url.partition("///")[2])
        files = [path, *path.parent.glob(f"{path.name}-*"), *studio.settings.data.rglob("*")]
        for file in (f for f in files if f.is_file() and f.suffix != ".png"):
            assert b"Bartholomew" not in await asyncio.to_thread(file.read_bytes), file.name


async def test_no_word_of_a_message_reaches_a_log_line(studio: Studio, talk: Talk) -> None:
    stream = io.StringIO()
    log.configure("DEBUG", stream)
    for text in (
        "draw a wombat named Bartholomew",
        "resize it to 50000 px wide Bartholomew",
        "make A9 Bartholomew darker",
    ):
        await talk.say(text)
    lines = stream.getvalue()
    assert '"correlation_id"' in lines
    assert "Bartholomew" not in lines
    assert "wombat" not in lines
    assert all(json.loads(line) for line in lines.splitlines())


async def test_a_deleted_conversation_leaves_neither_rows_nor_key(studio: Studio, talk: Talk) -> None:
    asset = one(await talk.say("draw a fox"), "run.output")["asset"]["id"]
    await studio.conversations.delete(talk.conversation_id, talk.account_id)
    with pytest.raises(ConversationNotFound):
        await studio.conversations.get(talk.conversation_id, talk.account_id)
    with pytest.raises(KeyLost):
        await _key(studio, talk)
    with pytest.raises(Exception, match="no such asset"):
        await studio.assets.get(asset, talk.account_id)


async def test_of_a_deleted_conversation_no_picture_is_left_not_even_one_that_was_never_shown(open_here: OpenStudio) -> None:
    """The inner result of a chain has no handle; what was brought is the person's own and stays."""
    async with open_here() as studio:
        talk = await begin(studio)
        photo = await talk.upload()
        await talk.say("draw a fox")
        events = await talk.say("draw a lighthouse, then make it black and white, then flip it")
        run_id = one(events, "run.completed")["run_id"]
        made = await studio.runs.assets(run_id)
        assert len(made) > len([event for event in events if event["type"] == "run.output"])
        await studio.conversations.delete(talk.conversation_id, talk.account_id)
        async with studio.db.read() as tx:
            left = [row["id"] for row in await tx.all(select(assets.c.id))]
            counts = [await tx.scalar(select(func.count()).select_from(table)) for table in (runs, jobs)]
            told = await tx.all(select(streams.c.id).where(streams.c.id != "house:alerts"))
        kept = [path for path in (studio.settings.data / "assets").glob("??/??/*") if path.suffix == ""]
    assert (left, counts, told, len(kept)) == ([photo], [0, 0], [], 1)


async def test_what_conversations_name_outlives_what_they_do_not(open_here: OpenStudio) -> None:
    """A run of a turn stays whatever was deleted of it; its own events go, for the conversation has them."""
    async with open_here() as studio:
        talk = await begin(studio)
        run_id = one(events := await talk.say("draw a fox"), "run.completed")["run_id"]
        asset = one(events, "run.output")["asset"]["id"]
        await studio.assets.delete(asset, talk.account_id)
        async with studio.db.write() as tx:
            assert await store.named(tx, [run_id, "other"]) == {run_id}
            assert await store.read_on(tx, [run_id]) == set()
            old = studio.clock.now() - timedelta(days=400)
            await tx.execute(runs.update().values(created_at=old, ended_at=old))
            for name in ("run_events_trimmed", "runs_trimmed"):
                await hasten(tx, name, studio.clock.now())
        await _trimmed(studio)
        assert (await studio.runs.get(run_id, talk.account_id)).id == run_id
        shown = [event["type"] for event in await talk.all()]
        assert shown == [*(event["type"] for event in events)]


async def test_deleting_a_conversation_in_mid_render_stops_the_render_first(open_here: OpenStudio) -> None:
    async with open_here(SLOW) as studio:
        talk = await begin(studio)
        turn_id = await talk.send("Generate a lighthouse")
        run_id = (await talk.until_over(turn_id, "run.queued"))[-1]["run_id"]
        await studio.conversations.delete(talk.conversation_id, talk.account_id)
        async with studio.db.read() as tx:
            statuses = [row["status"] for row in await tx.all(jobs.select().where(jobs.c.run_id == run_id))]
        assert set(statuses) <= {"cancelled", "completed"}


async def test_messages_that_cannot_be_are_refused_before_anything_is_stored(
    studio: Studio, talk: Talk
) -> None:
    with pytest.raises(TextTooLong):
        await talk.send("x" * 20_000)
    with pytest.raises(EmptyMessage):
        await talk.send("  ")
    with pytest.raises(UnknownChoice):
        await talk.send(choice="new")
    assert await talk.all() == []


async def test_lists_are_paged_newest_first_with_pinned_ones_before(studio: Studio, talk: Talk) -> None:
    others = [await begin(studio, talk.account_id) for _ in range(4)]
    await studio.conversations.change(others[0].conversation_id, talk.account_id, pinned=True, title=" Mine ")
    found: list[dict[str, Any]] = []
    cursor = None
    while True:
        page, cursor = await studio.conversations.page(talk.account_id, cursor, 2)
        found += page
        if cursor is None:
            break
    assert found[0]["id"] == others[0].conversation_id
    assert [c["id"] for c in found][1:] == [t.conversation_id for t in (*others[:0:-1], talk)]
    assert found[0]["title"] == "Mine"


async def test_a_turn_that_its_process_dropped_is_not_held_for_ever(open_here: OpenStudio) -> None:
    """A living process prolongs what it works on, and nothing that it lost when the database was away for a moment."""
    async with open_here() as studio:
        talk = await begin(studio)
        await talk.say("hello")
        await talk.say("hello")
        worked_on, dropped = talk.turns
        far = studio.clock.now() + timedelta(days=1)
        async with studio.db.write() as tx:
            for turn_id in talk.turns:
                await store.change_turn(tx, turn_id, state="running", lease_owner="me", lease_until=far)
            await store.prolong(tx, "me", [worked_on], far + timedelta(days=1))
            later = await store.claimable(tx, far + timedelta(hours=1), 10)
            for turn_id in talk.turns:
                await store.change_turn(tx, turn_id, state="done", lease_owner=None, lease_until=None)
        assert [row["id"] for row in later] == [dropped]


async def test_what_has_just_come_is_left_to_who_can_plan_it_and_a_run_is_watched_by_anybody(open_here: OpenStudio) -> None:
    """A process that still reads its models asks for what came a while ago."""
    async with open_here() as studio:
        talk = await begin(studio)
        await talk.say("hello")
        [turn_id] = talk.turns
        now = studio.clock.now()
        far = now + timedelta(days=1)
        async with studio.db.write() as tx:
            found: dict[str, list[list[str]]] = {}
            for state in ("received", "running"):
                await store.change_turn(tx, turn_id, state=state, lease_owner="other", lease_until=now)
                moments = (now - timedelta(days=1), far, None)
                rows = [await store.claimable(tx, far, 10, came_before=moment) for moment in moments]
                found[state] = [[row["id"] for row in each] for each in rows]
            await store.change_turn(tx, turn_id, state="done", lease_owner=None, lease_until=None)
        assert found == {"received": [[], [turn_id], [turn_id]], "running": [[turn_id]] * 3}


async def test_leases_of_another_process_are_respected_until_they_lapse(open_here: OpenStudio) -> None:
    async with open_here() as studio:
        talk = await begin(studio)
        await talk.say("hello")
        now = studio.clock.now()
        async with studio.db.write() as tx:
            await store.change_turn(
                tx, talk.turns[0], state="received", lease_owner="other", lease_until=now + timedelta(seconds=90)
            )
            assert await store.claimable(tx, now, 10) == []
            assert not await store.claim(tx, talk.turns[0], "me", now, now)
            later = now + timedelta(seconds=91)
            assert [row["id"] for row in await store.claimable(tx, later, 10)] == [talk.turns[0]]
            assert await store.claim(tx, talk.turns[0], "me", later, later + timedelta(seconds=90))
            assert not await store.change_leased(tx, talk.turns[0], "other", state="planning")
            await store.change_turn(tx, talk.turns[0], state="done")


def outcomes_of(turn_id: str) -> Any:
    from sqlalchemy import delete

    from agent.tables import outcomes as rows

    return delete(rows).where(rows.c.turn_id == turn_id)


async def _trimmed(studio: Studio) -> None:
    """Both tasks came round, and the streams of runs are gone."""
    async with asyncio.timeout(PATIENCE_S):
        while True:
            tasks = {row["name"]: row for row in await studio.operations.periodic()}
            if all(tasks[name]["ended_at"] for name in ("run_events_trimmed", "runs_trimmed")):
                break
            await asyncio.sleep(0.05)
    async with studio.db.read() as tx:
        assert await tx.scalar(select(func.count()).where(streams.c.id.startswith("run:"))) == 0


async def _ends(talk: Talk, count: int) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = []
    async for event in talk.studio.conversations.events(talk.conversation_id, talk.account_id, 0):
        if event["type"] == "turn.completed":
            found.append(event)
            if len(found) == count:
                return found
    raise AssertionError("unreachable")


async def _key(studio: Studio, talk: Talk) -> Any:
    from accounts.keys import StandardKeyStore

    return await StandardKeyStore(studio.db, studio.secrets.master, studio.clock).key(
        scope(talk.conversation_id)
    )


async def test_what_the_line_does_not_take_is_said_and_done_by_trying_again(open_here: OpenStudio) -> None:
    async with open_here(SLOW, limits={"queued_jobs": 1, "running_jobs": 1}) as studio:
        talk = await begin(studio)
        first = await talk.send("Generate a lighthouse")
        await talk.until_over(first, "run.queued")
        second = await talk.send("Generate a red fox")
        await talk.until_over(second, "run.queued")
        refused = await talk.say("Generate a teapot in the snow")
        question = one(refused, "clarification")
        assert "1 of your jobs wait already" in question["question"]
        assert [choice["label"] for choice in question["choices"]] == ["Try again"]
        assert one(refused, "turn.completed")["status"] == "asked"
        assert not {"plan", "run.queued"} & set(types(refused))
        for turn_id in (first, second):
            await talk.until_over(turn_id)
        again = await talk.say("try again")
    assert one(again, "turn.started")["text"] == "Generate a teapot in the snow"
    assert "teapot" in one(again, "plan")["plan"]["steps"][0]["params"]["prompt"]
    assert one(again, "turn.completed")["status"] == "done"
