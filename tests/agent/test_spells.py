"""Spells through every real part: made in one conversation, kept, cast in another, shared."""

from __future__ import annotations

import asyncio
from typing import Any

from agent.deeds import outside
from agent.model import Action, Control, DraftStep, Order, Shown
from agent.owned import as_offered
from agent.protocols import Studio
from agent.spellbook import Spellbook
from executor.model import RunStatus
from tests.agent.conftest import Talk, begin, one
from tests.patience import PATIENCE_S
from tools.model import SourceKind, Tool
from tools.shelf.model import Content, Item
from tools.shelf.names import pinned
from tools.spells import exchange
from tools.spells.kept import spell_of


async def spells(talk: Talk) -> list[Item]:
    return (await talk.studio.shelf.page(talk.account_id, SourceKind.SPELL, None, 50))[0]


def reply(events: list[dict[str, Any]]) -> str:
    return "".join(event["text"] for event in events if event["type"] == "reply.delta")


async def test_what_was_made_in_three_messages_is_one_spell_and_is_cast_in_one(studio: Studio, talk: Talk) -> None:
    await talk.say("draw a red fox as a sticker with a white outline, 512x512")
    await talk.say("make it more vibrant")
    await talk.say("rotate it 90 degrees")
    saved = await talk.say("save that as sticker maker")
    assert one(saved, "intent")["intents"][0]["kind"] == "control"
    assert "Saved as Sticker maker" in reply(saved)
    assert "{subject}" in reply(saved)
    (item,) = await spells(talk)
    assert [step.tool for step in spell_of(item).steps] == ["text_to_image", "adjust_color", "rotate_image"]
    assert "seed" not in spell_of(item).steps[0].params
    assert "checkpoint" not in spell_of(item).steps[0].params

    elsewhere = await begin(studio, talk.account_id)
    events = await elsewhere.say("cast sticker maker on a teapot")
    plan = one(events, "plan")["plan"]
    assert [step["tool"] for step in plan["steps"]] == ["text_to_image", "adjust_color", "rotate_image"]
    assert "a teapot" in plan["steps"][0]["params"]["prompt"]
    assert "fox" not in plan["steps"][0]["params"]["prompt"]
    assert one(events, "run.output")["handle"] == "A1"
    again = await elsewhere.say("sticker maker: a kite")
    assert one(again, "plan")["plan"]["steps"][0]["params"]["seed"] != plan["steps"][0]["params"]["seed"]


async def test_a_spell_takes_another_persons_photo(studio: Studio, talk: Talk) -> None:
    photo = await talk.upload()
    await talk.say("make it black and white", attachments=(photo,))
    await talk.say("save A2 as Old days")
    elsewhere = await begin(studio, talk.account_id)
    asked = await elsewhere.say("cast old days")
    assert one(asked, "turn.completed")["status"] == "asked"
    other = await elsewhere.upload("blue")
    events = await elsewhere.say("use old days on this photo", attachments=(other,))
    assert [p["asset_id"] for p in one(events, "run.output")["asset"]["parents"]] == [other]


async def test_saving_under_the_same_name_is_the_next_version(talk: Talk) -> None:
    await talk.say("draw a fox, watercolor")
    await talk.say("save that as painter")
    await talk.say("make it more vibrant")
    told = reply(await talk.say("save that as painter"))
    assert "version 2 of Painter" in told
    (item,) = await spells(talk)
    assert (item.version, len(spell_of(item).steps)) == (2, 2)


async def test_a_turn_that_is_carried_out_twice_saves_once(talk: Talk) -> None:
    await talk.say("draw a fox, watercolor")
    await talk.say("save that as painter")
    turn_id = talk.turns[-1]
    book = Spellbook(talk.studio.shelf, talk.studio.assets, talk.studio.catalogue)
    (item,) = await spells(talk)
    again = await book.keep(talk.account_id, spell_of(item), origin=f"turn:{turn_id}")
    assert (again.id, again.version) == (item.id, 1)


async def test_what_was_brought_as_it_is_has_no_recipe(talk: Talk) -> None:
    photo = await talk.upload()
    await talk.say(attachments=(photo,))
    told = reply(await talk.say("save A1 as Nothing much"))
    assert "nothing was done" in told
    assert await spells(talk) == []


async def test_a_link_is_given_and_somebody_else_takes_a_copy(studio: Studio, talk: Talk) -> None:
    await talk.say("draw a fox, watercolor")
    await talk.say("save that as painter box")
    told = reply(await talk.say("share my painter box"))
    token = told.split("/api/v1/shared/spells/")[1].split()[0]
    stranger = await begin(studio)
    book = Spellbook(studio.shelf, studio.assets, studio.catalogue)
    shown = await studio.shelf.by_link(token)
    copy = await book.fork(shown, stranger.account_id)
    assert (copy.account_id, copy.id != shown.id) == (stranger.account_id, True)
    events = await stranger.say("cast painter box on a heron")
    assert "a heron" in one(events, "plan")["plan"]["steps"][0]["params"]["prompt"]
    brought = await book.brought(stranger.account_id, exchange.exported(spell_of(shown)))
    assert spell_of(brought) == spell_of(shown)


async def test_somebody_elses_spell_is_not_cast(studio: Studio, talk: Talk) -> None:
    await talk.say("draw a fox, watercolor")
    await talk.say("save that as painter box")
    stranger = await begin(studio)
    events = await stranger.say("what spells do I have?")
    assert "Painter box" not in reply(events)


async def test_a_program_casts_a_spell_without_a_conversation(studio: Studio, talk: Talk) -> None:
    await talk.say("draw a fox, watercolor")
    await talk.say("save that as painter box")
    (item,) = await spells(talk)
    account = await studio.accounts.get(talk.account_id)
    assert account is not None
    order = Order((DraftStep("s1", item.name, {"subject": "a heron"}), DraftStep("s2", "blur_image", {}, {"image": ("s1",)})))
    run_id = await studio.commissions.start(account, order, "corr")
    async with asyncio.timeout(PATIENCE_S):
        while (run := await studio.runs.get(run_id, talk.account_id)).status is RunStatus.ACTIVE:
            await asyncio.sleep(0.05)
    assert run.status is RunStatus.COMPLETED
    assert [asset.tool for asset in await studio.runs.assets(run_id)] == ["text_to_image", "blur_image"]


async def test_a_workers_restart_knows_a_workflow_by_its_version(studio: Studio, talk: Talk) -> None:
    """A step of a person's own tool is planned in one process and run in another, which has never heard of it."""
    blur = studio.catalogue.get("blur_image")
    item = await studio.shelf.add(talk.account_id, SourceKind.WORKFLOW, Content("Soft focus", blur))
    await talk.say("hello")  # from then on there is an instance
    photo = await talk.upload()
    account = await studio.accounts.get(talk.account_id)
    assert account is not None
    order = Order((DraftStep("s1", item.name, {}, {"image": (photo,)}),))
    run_id = await studio.commissions.start(account, order, "corr")
    async with asyncio.timeout(PATIENCE_S):
        while (run := await studio.runs.get(run_id, talk.account_id)).status is RunStatus.ACTIVE:
            await asyncio.sleep(0.05)
    (made,) = await studio.runs.assets(run_id)
    assert (run.status, made.tool) == (RunStatus.COMPLETED, pinned(item.name, 1))


def test_nothing_of_an_incognito_conversation_is_kept_unasked() -> None:
    asked = outside(Control(Action.SAVE_SPELL, "A1", "Secret"))
    assert "incognito" in asked.question
    assert asked.choices[0].then["anyway"] is True
    assert "anyway" not in asked.choices[1].then


def test_planners_know_what_made_a_picture_by_the_name_they_are_offered() -> None:
    about = {"title": "Soft", "description": "", "family": "x", "outputs": {}, "implementations": ()}
    blur = Tool.model_validate({**about, "name": "my/soft-3fa9c1", "version": 2, "owner": "me"})
    made_by = ("my/3fa9c1@2", "my/3fa9c1@1", "crop_image")
    shown = [Shown(f"A{n}", f"A{n}", "image", "output", tool=tool) for n, tool in enumerate(made_by)]
    assert [item.tool for item in as_offered(shown, [blur])] == ["my/soft-3fa9c1", "my/3fa9c1@1", "crop_image"]
