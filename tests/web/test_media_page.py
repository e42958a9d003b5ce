"""Every kind of media from a sentence to the page: a real studio, a real browser, a ComfyUI that gives real small files."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
import uvicorn
from playwright.async_api import FilePayload, Page, expect

from agent.assembly import open_studio
from agent.protocols import Studio
from agent.testing import ScriptedModel
from base.settings import Settings
from executor.testing import FaultyComfy, Saved
from tests import media
from tests.builds import seed
from tests.databases import SqliteTemplate
from tests.web.test_browser import DESK, PHONE, looking, say
from tools.testing import HashEncoder
from web.app import STATIC, create_app
from web.server import server_config

pytestmark = [pytest.mark.browser, pytest.mark.xdist_group("page")]

WORDS = "A lighthouse in the fog,\nseen from the sea."


@dataclass
class Open:
    """A studio that renders on `comfy` what `model` plans."""

    url: str
    comfy: FaultyComfy
    model: ScriptedModel


def plan(tool: str, *inputs: str) -> dict[str, Any]:
    """What the model answers to use this tool."""
    step = {"id": "s1", "tool": tool, "again": None, "inputs": list(inputs), "params": ["prompt=fog"], "deliver": None}
    on = [source.partition("=")[2] for source in inputs]
    intent = {"kind": "transform" if on else "create", "on": on, "maybe": [], "confidence": 0.95, "summary": "fog"}
    intent["constraints"] = []
    return {"intents": [intent], "steps": [step], "clarification": None, "reply": "Here it comes.", "search": None}


@pytest.fixture
async def opened(sqlite_template: SqliteTemplate, tmp_path: Path) -> AsyncIterator[Open]:
    async with AsyncExitStack() as stack:
        comfy = await stack.enter_async_context(FaultyComfy())
        model = await stack.enter_async_context(ScriptedModel())
        url = stack.enter_context(sqlite_template.copy())
        comfy.nodes = (*comfy.nodes, "SaveVideo", "SaveAudio", "SaveGLB", "PreviewAny", "LoadVideo")
        comfy.saves = {
            "SaveVideo": Saved("images", (("webm", media.clip("webm", "libvpx-vp9", "libopus"), "video/webm"),)),
            "SaveAudio": Saved("audio", (("wav", media.clip("wav", None, "pcm_s16le"), "audio/wav"),)),
            "SaveGLB": Saved("3d", (("glb", media.glb(), "model/gltf-binary"),)),
            "PreviewAny": Saved(texts=(WORDS,)),
        }
        tools = [
            media.tool("fogfilm", "SaveVideo", "video"), media.tool("fogsound", "SaveAudio", "audio"),
            media.tool("fogshape", "SaveGLB", "model3d"), media.tool("fogwords", "PreviewAny", "text"),
            media.tool("fogextend", "SaveVideo", "video", {"video": "video"}, "LoadVideo"),
        ]  # fmt: skip
        settings = Settings(
            data=tmp_path / "data", database_url=url, comfy_urls=(comfy.url,), model="openai/test", model_url=model.url,
            model_key="sk-test-key", _env_file=None,
        )  # fmt: skip

        seed(settings.data)

        @asynccontextmanager
        async def studio() -> AsyncIterator[Studio]:
            async with open_studio(settings, encoder=HashEncoder(), renderer=None, tools=tools) as opened:
                yield opened

        server = uvicorn.Server(server_config(create_app(studio, cors_origins=(), static=STATIC), "127.0.0.1", 0))
        serving = asyncio.create_task(server._serve())
        while not server.started:
            assert not serving.done()
            await asyncio.sleep(0.01)
        yield Open(f"http://127.0.0.1:{server.servers[0].sockets[0].getsockname()[1]}", comfy, model)
        server.should_exit = True
        await serving


def result(page: Page, handle: str) -> Any:
    return page.locator(f"figure:has(figcaption):has(.badge-handle:text-is('{handle}'))")



@pytest.mark.parametrize("size", [DESK, PHONE], ids=["desk", "phone"])
async def test_every_kind_of_media_is_made_and_shown(opened: Open, browser_path: str, size: dict[str, int]) -> None:
    async with looking(browser_path, opened.url, size) as page:
        for tool in ("fogfilm", "fogsound", "fogwords", "fogshape"):
            opened.model.then(plan(tool))
        await say(page, "a fogfilm of the sea")
        video = result(page, "A1").locator("video")
        await expect(video).to_be_visible()
        await expect(result(page, "A1")).to_contain_text("64 × 48")
        await expect(result(page, "A1")).to_contain_text("0:02")
        assert await played(video) > 0
        await say(page, "a fogsound of the sea")
        await expect(result(page, "A2").locator("audio")).to_be_visible()
        assert await result(page, "A2").locator("img").evaluate("image => image.decode().then(() => image.naturalWidth)") == 640
        assert await played(result(page, "A2").locator("audio")) > 0
        await say(page, "fogwords about the sea")
        await expect(result(page, "A3").locator("pre")).to_have_text(WORDS)
        await say(page, "a fogshape of the sea")
        await expect(result(page, "A4")).to_contain_text("3 vertices")
        async with page.expect_download() as download:
            await result(page, "A4").locator(".frame-model").click()
        assert (await download.value).suggested_filename == "stationthis-A4.glb"
        assert not await page.evaluate("document.documentElement.scrollWidth > innerWidth")


async def test_a_video_is_brought_and_worked_on(opened: Open, browser_path: str) -> None:
    clip: FilePayload = {"name": "holiday.webm", "mimeType": "video/webm", "buffer": media.clip("webm", "libvpx-vp9", "libopus")}
    async with looking(browser_path, opened.url, DESK) as page:
        await page.locator("input[type=file]").set_input_files([clip])
        await expect(page.locator(".tray-file img")).to_be_visible()
        opened.model.then(plan("fogextend", "video=A1"))
        await say(page, "fogextend this")
        await expect(result(page, "A2").locator("video")).to_be_visible()
        await expect(page.locator(".said-picture img")).to_be_visible()
        assert [name.rpartition(".")[2] for name in opened.comfy.received] == ["webm"]


async def played(player: Any) -> float:
    """Seconds that it has played."""
    return float(
        await player.evaluate(
            "player => { player.muted = true; return player.play().then(() => new Promise(done => "
            "player.addEventListener('timeupdate', () => player.currentTime > 0 && done(player.currentTime)))) }"
        )
    )
