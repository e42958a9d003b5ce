"""From words to pictures and on from there, through every real part."""

from __future__ import annotations

from typing import Any

import pytest

from agent.protocols import Studio
from tests.agent.conftest import Talk, begin, one, types


async def ancestry(studio: Studio, account_id: str, asset_id: str) -> set[str]:
    found: set[str] = set()
    waiting = [asset_id]
    while waiting:
        asset = await studio.assets.get(waiting.pop(), account_id)
        for parent in asset.parents:
            if parent.asset_id not in found:
                found.add(parent.asset_id)
                waiting.append(parent.asset_id)
    return found


async def test_a_sentence_becomes_a_picture_with_a_handle(talk: Talk) -> None:
    events = await talk.say("Generate a cyberpunk cityscape at night")
    assert types(events)[:4] == ["turn.started", "intent", "reply.delta", "plan"]
    assert types(events)[-3:] == ["run.output", "run.completed", "turn.completed"]
    assert one(events, "intent")["intents"][0]["kind"] == "create"
    output = one(events, "run.output")
    assert output["handle"] == "A1"
    assert (output["asset"]["width"], output["asset"]["height"], output["asset"]["sketch"]) == (
        768,
        768,
        True,
    )
    assert one(events, "plan")["plan"]["steps"][0]["params"]["checkpoint"] == "sketch.safetensors"
    assert one(events, "turn.completed")["status"] == "done"


async def test_events_are_numbered_without_gaps_over_several_turns(talk: Talk) -> None:
    await talk.say("draw a fox")
    await talk.say("make it darker")
    await talk.say("hello")
    numbers = [event["id"] for event in await talk.all()]
    assert numbers == list(range(1, len(numbers) + 1))


async def test_more_vibrant_edits_the_picture_instead_of_making_another(talk: Talk) -> None:
    first = one(await talk.say("Generate a cyberpunk cityscape at night"), "run.output")
    events = await talk.say("make it more vibrant")
    intent, output = one(events, "intent")["intents"][0], one(events, "run.output")
    assert (intent["kind"], intent["on"]) == ("iterate", ["A1"])
    assert output["handle"] == "A2"
    assert [p["asset_id"] for p in output["asset"]["parents"]] == [first["asset"]["id"]]
    assert output["asset"]["tool"] == "adjust_color"


async def test_upscaling_twice_the_sides_is_exact(talk: Talk) -> None:
    await talk.say("draw a fox in the snow, 640x480")
    await talk.say("make it more vibrant")
    events = await talk.say("then upscale it 2x")
    asset = one(events, "run.output")["asset"]
    assert one(events, "intent")["intents"][0]["kind"] == "chain"
    assert (asset["width"], asset["height"]) == (1280, 960)


async def test_two_operations_deliver_one_picture_whose_ancestry_reaches_the_original(
    studio: Studio, talk: Talk
) -> None:
    first = one(await talk.say("paint a harbour, 800x512"), "run.output")["asset"]["id"]
    events = await talk.say("Make this black and white and crop it square")
    asset = one(events, "run.output")["asset"]
    assert asset["width"] == asset["height"] == 512
    assert first in await ancestry(studio, talk.account_id, asset["id"])
    undone = await talk.say("undo")
    assert "A1" in one(undone, "reply.delta")["text"]


async def test_an_upload_gets_its_handle_when_the_message_is_accepted(talk: Talk) -> None:
    photo = await talk.upload()
    events = await talk.say("make it black and white", attachments=(photo,))
    assert events[0]["attachments"] == [{"asset_id": photo, "handle": "A1"}]
    assert one(events, "intent")["intents"][0]["kind"] == "transform"
    assert one(events, "run.output")["handle"] == "A2"
    second = await talk.upload("blue")
    events = await talk.say("less saturated", attachments=(second,))
    assert one(events, "intent")["intents"][0]["on"] == ["A3"]
    assert [p["asset_id"] for p in one(events, "run.output")["asset"]["parents"]] == [second]


async def test_an_attachment_without_words_is_asked_about_and_a_button_answers(talk: Talk) -> None:
    photo = await talk.upload()
    asked = await talk.say(attachments=(photo,))
    assert one(asked, "turn.completed")["status"] == "asked"
    choice = one(asked, "clarification")["choices"][0]
    events = await talk.say(choice=choice["id"])
    assert events[0]["text"] == choice["label"]
    assert one(events, "run.output")["asset"]["parents"][0]["asset_id"] == photo


async def test_a_reference_to_a_picture_that_still_renders_waits_for_it(talk: Talk) -> None:
    first = await talk.send("Generate a castle above the clouds")
    second = await talk.send("make it warmer")
    await talk.until_over(second)
    made = one(await talk.until_over(first), "run.output")
    changed = one(await talk.until_over(second), "run.output")
    assert [p["asset_id"] for p in changed["asset"]["parents"]] == [made["asset"]["id"]]
    assert (made["handle"], changed["handle"]) == ("A1", "A2")


async def test_a_reply_to_a_picture_binds_to_it(talk: Talk) -> None:
    first = one(await talk.say("draw a fox"), "run.output")["asset"]["id"]
    await talk.say("draw a hare")
    events = await talk.say("make it sepia", reply_to=first)
    assert one(events, "intent")["intents"][0]["on"] == ["A1"]


@pytest.mark.parametrize(
    "text", ["What can I do with an image?", "How much will that cost?", "hello", "how long does it take?"]
)
async def test_questions_are_answered_without_a_run(talk: Talk, text: str) -> None:
    events = await talk.say(text)
    assert types(events) == ["turn.started", "intent", "reply.delta", "turn.completed"]
    assert one(events, "turn.completed")["status"] == "answered"


async def test_discovery_names_tools_and_sentences_to_say(talk: Talk) -> None:
    reply = one(await talk.say("What can I do with an image?"), "reply.delta")["text"]
    assert "Colour adjust" in reply
    assert "make it more vibrant" in reply
    assert "Text to image" not in reply


async def test_going_back_changes_what_it_means(talk: Talk) -> None:
    await talk.say("draw a fox")
    await talk.say("make it sepia")
    await talk.say("go back to A1")
    events = await talk.say("make it darker")
    assert one(events, "intent")["intents"][0]["on"] == ["A1"]
    events = await talk.say("make it brighter")
    assert one(events, "intent")["intents"][0]["on"] == ["A3"]


async def test_a_retry_binds_as_the_first_time_and_counts_as_feedback(studio: Studio, talk: Talk) -> None:
    await talk.say("draw a fox")
    events = await talk.say("make it look like a watercolor")
    await talk.say("draw a hare")
    again = await studio.conversations.retry(talk.turns[1], talk.account_id, "corr-retry")
    repeated = await talk.until_over(again)
    assert one(repeated, "intent")["intents"][0]["on"] == ["A1"]
    assert one(repeated, "run.output")["asset"]["params"]["seed"] is not None
    assert one(repeated, "run.output")["handle"] == "A4"
    assert one(events, "run.output")["handle"] == "A2"


async def test_a_size_beyond_the_largest_is_answered_with_the_largest(talk: Talk) -> None:
    await talk.say("draw a fox")
    asked = one(await talk.say("resize it to 50000 px wide"), "clarification")
    assert "8192" in asked["question"]
    assert [choice["label"] for choice in asked["choices"]] == ["Resize it to 8192 pixels wide"]


async def test_a_missing_handle_is_asked_about(talk: Talk) -> None:
    await talk.say("draw a fox")
    asked = await talk.say("make A7 darker")
    assert one(asked, "turn.completed")["status"] == "asked"
    assert "A7" in one(asked, "clarification")["question"]


async def test_a_failed_or_asked_turn_takes_no_handle(talk: Talk) -> None:
    await talk.say("make it darker")
    assert one(await talk.say("draw a fox"), "run.output")["handle"] == "A1"


async def test_two_people_do_not_see_each_other(studio: Studio, talk: Talk) -> None:
    other = await begin(studio)
    photo = await talk.upload()
    with pytest.raises(Exception, match="no such asset") as refused:
        await other.send("make it darker", attachments=(photo,))
    assert _code(refused.value) == "asset_not_found"
    with pytest.raises(Exception, match="no such conversation"):
        await studio.conversations.get(talk.conversation_id, other.account_id)


def _code(error: BaseException) -> Any:
    return getattr(error, "code", None)


async def test_a_retry_of_what_was_said_while_its_source_rendered_finds_it_again(
    studio: Studio, talk: Talk
) -> None:
    first = await talk.send("Generate a castle above the clouds")
    second = await talk.send("make it warmer")
    await talk.until_over(second)
    made = one(await talk.until_over(first), "run.output")["asset"]["id"]
    again = await talk.until_over(await studio.conversations.retry(second, talk.account_id, "corr-again"))
    assert [p["asset_id"] for p in one(again, "run.output")["asset"]["parents"]] == [made]


async def test_the_second_one_is_of_the_set_just_made(talk: Talk) -> None:
    await talk.say("3 pictures of a rose")
    await talk.say("3 pictures of a tulip")
    events = await talk.say("make the second one darker")
    assert one(events, "intent")["intents"][0]["on"] == ["A5"]


async def test_the_first_one_is_of_the_pictures_just_attached(talk: Talk) -> None:
    await talk.say("draw a fox")
    photos = (await talk.upload("blue"), await talk.upload("green"))
    events = await talk.say("make the first one darker", attachments=photos)
    assert one(events, "intent")["intents"][0]["on"] == ["A2"]


async def test_what_shall_not_be_is_left_as_it_is(talk: Talk) -> None:
    await talk.say("draw a fox")
    assert one(await talk.say("don't make it darker"), "turn.completed")["status"] == "answered"


async def test_a_picture_is_not_blended_with_itself(talk: Talk) -> None:
    await talk.say("draw a fox")
    assert "which other picture" in one(await talk.say("blend A1 and A1"), "clarification")["question"]


async def test_numbers_beyond_what_is_possible_are_told(talk: Talk) -> None:
    plan = one(await talk.say("50 pictures of a fox"), "plan")["plan"]
    assert [step["params"]["count"] for step in plan["steps"]] == [4, 4, 4, 4]
    assert "fewer" in [warning["code"] for warning in plan["warnings"]]


async def test_a_removal_is_kept_out_instead_of_asked_for(talk: Talk) -> None:
    await talk.say("draw a fox under the moon")
    params = one(await talk.say("remove the moon"), "plan")["plan"]["steps"][0]["params"]
    assert "remove" not in params["prompt"]
    assert params["negative"] == "moon"


async def test_words_with_accents_are_written_on_a_picture(talk: Talk) -> None:
    events = await talk.say('write "Süße Grüße" on it', attachments=(await talk.upload(),))
    assert one(events, "plan")["plan"]["steps"][0]["params"]["text"] == "Süße Grüße"
    assert one(events, "turn.completed")["status"] == "done"


async def test_letters_that_no_font_has_are_refused_in_the_plans_place(talk: Talk) -> None:
    events = await talk.say('write "日本 🎉" on it', attachments=(await talk.upload(),))
    assert not {"plan", "run.queued", "run.failed"} & set(types(events))
    error = one(events, "turn.completed")["error"]
    assert (error["code"], error["message"]) == ("letters_missing", "This font has no letters for 日, 本, 🎉.")
