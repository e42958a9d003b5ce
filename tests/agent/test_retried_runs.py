"""A run that an operator starts again comes back into its conversation."""

from __future__ import annotations

from base.periodic import hasten
from executor.testing import FaultyComfy
from tests.agent.conftest import OpenStudio, begin, one, types


async def test_a_dead_letter_that_is_retried_becomes_a_turn_of_its_own(open_here: OpenStudio) -> None:
    async with FaultyComfy() as comfy, open_here(renderer=None, comfy_urls=(comfy.url,)) as studio:
        comfy.raises = {"exception_type": "RuntimeError", "exception_message": "CUDA error: x\n"}
        talk = await begin(studio)
        failed = await talk.say("Generate a lighthouse")
        assert one(failed, "turn.completed")["error"]["code"] == "gpu_failed"
        comfy.raises = None
        [job] = (await studio.dead_letters.page())[0]
        run_id = await studio.dead_letters.retry(job.id)
        async with studio.db.write() as tx:
            await hasten(tx, "restarted_runs", studio.clock.now())
        async for event in studio.conversations.events(talk.conversation_id, talk.account_id, failed[-1]["id"]):
            if event["type"] == "turn.completed":
                break
        events = await talk.all()
        again = [event for event in events if event["turn_id"] != failed[0]["turn_id"]]
        assert [e["id"] for e in events] == list(range(1, len(events) + 1))
        assert types(again)[:4] == ["turn.started", "intent", "reply.delta", "plan"]
        assert types(again)[-3:] == ["run.output", "run.completed", "turn.completed"]
        assert one(again, "turn.started")["text"] == "Generate a lighthouse"
        assert "tried again" in one(again, "reply.delta")["text"]
        assert (one(again, "plan")["run_id"], one(again, "run.output")["handle"]) == (run_id, "A1")
        assert one(again, "turn.completed")["status"] == "done"
        shape = await studio.conversations.get(talk.conversation_id, talk.account_id)
        assert [turn["status"] for turn in shape["turns"]] == ["failed", "done"]
        assert await studio.runs.restarted() == []
