"""A ComfyUI that has a template's nodes and files makes that template plannable and runnable, from words to media."""

from __future__ import annotations

from collections.abc import AsyncIterator, Sequence

import pytest

from base.settings import Limits
from tests.agent.conftest import OpenStudio, Talk, begin, one, types
from tests.builds import built
from tests.studio_server import StudioComfy
from tools.model import Tool
from tools.service import all_tools

FILM, BIG, STILL, SONG = "wan_2_2_image_to_video", "utility_gan_upscaler", "z_image_turbo", "ace_step_song"
SAVERS = {"SaveImage", "SaveVideo"}


@pytest.fixture(scope="module")
def tools() -> dict[str, Tool]:
    return {tool.name: tool for tool in all_tools(built())}


@pytest.fixture
async def comfy(tools: dict[str, Tool]) -> AsyncIterator[StudioComfy]:
    async with StudioComfy.with_files_of(*(tools[name] for name in (FILM, BIG, STILL, SONG))) as server:
        yield server


def used(events: Sequence[dict[str, object]]) -> list[str]:
    plan = one(events, "plan")["plan"]
    return [step["tool"] for step in plan["steps"]]


async def test_a_chain_of_templates_from_words_to_a_large_film(comfy: StudioComfy, open_here: OpenStudio) -> None:
    unasked = Limits(confirm_credits=1e6, confirm_seconds=1_000_000)
    async with open_here(comfy_urls=(comfy.url,), limits=unasked) as studio:
        talk: Talk = await begin(studio)
        events = await talk.say("paint a paper lantern over a pond, turn it into a video and then upscale the video")
        assert comfy.refused == []
        assert types(events)[-2:] == ["run.completed", "turn.completed"]
        output = one(events, "run.output")
        assert output["asset"]["kind"] == "video"
        assert used(events)[1:] == [FILM, BIG]
        savers = [{node["class_type"] for node in body["prompt"].values()} & SAVERS for body in comfy.prompts]
        assert savers == [{"SaveImage"}, {"SaveVideo"}, {"SaveVideo"}]


async def test_a_song_of_twenty_seconds(comfy: StudioComfy, open_here: OpenStudio) -> None:
    async with open_here(comfy_urls=(comfy.url,)) as studio:
        talk: Talk = await begin(studio)
        events = await talk.say("a 20 second ska song")
        assert comfy.refused == []
        assert one(events, "run.output")["asset"]["kind"] == "audio"
        assert (used(events), one(events, "plan")["plan"]["steps"][0]["params"]["duration"]) == ([SONG], 20)


async def test_what_the_server_lacks_is_named_with_what_it_would_take(comfy: StudioComfy, open_here: OpenStudio) -> None:
    async with open_here(comfy_urls=(comfy.url,)) as studio:
        talk: Talk = await begin(studio)
        reply = one(await talk.say("a 3d model of a teapot"), "reply.delta")["text"]
        assert "GB of models, about" in reply
        assert comfy.prompts == []
