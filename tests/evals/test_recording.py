"""A turn that somebody had becomes a case that loads, and an incognito one never does."""

from __future__ import annotations

from pathlib import Path

import pytest
from sqlalchemy import text

from agent.protocols import Studio
from base.settings import Settings
from evals.errors import TurnIsPrivate, TurnNotRecorded
from evals.recording.assembly import recorded
from tests.agent.conftest import OpenStudio, begin, open_here  # noqa: F401
from tests.evals.subjects import parsed


async def talked(studio: Studio) -> str:
    """The id of a turn about a picture that an earlier turn made."""
    talk = await begin(studio)
    await talk.say("draw a red fox, 512x512")
    await talk.say("make it warmer, then crop it square")
    return talk.turns[-1]


async def test_a_turn_becomes_a_case(open_here: OpenStudio) -> None:  # noqa: F811
    async with open_here() as studio:
        turn_id = await talked(studio)
        yaml = await recorded(studio.settings, turn_id)
    case = parsed(yaml)
    (turn,) = case.dialogue()

    assert turn.text == "make it warmer, then crop it square"
    assert [(item.handle, item.tool) for item in case.shown] == [("A1", "text_to_image")]
    assert turn.expect.on == ("A1",)
    assert [step.tool for step in turn.expect.steps or ()] == ["adjust_color", "crop_image"]
    assert [step.inputs["image"] for step in turn.expect.steps or ()] == [("A1",), ("s1",)]
    assert "on: [A1]" in yaml


async def test_an_incognito_turn_is_refused(open_here: OpenStudio) -> None:  # noqa: F811
    async with open_here() as studio:
        turn_id = await talked(studio)
        async with studio.db.write() as tx:
            await tx.execute(text("update turns set tier = 'incognito' where id = :id"), {"id": turn_id})
        with pytest.raises(TurnIsPrivate):
            await recorded(studio.settings, turn_id)
        with pytest.raises(TurnNotRecorded):
            await recorded(studio.settings, "no-such-turn")


async def test_without_a_database_there_is_nothing_to_look_at(tmp_path: Path) -> None:
    with pytest.raises(TurnNotRecorded):
        await recorded(Settings(data=tmp_path / "none", _env_file=None), "any")
    assert not (tmp_path / "none").exists()
