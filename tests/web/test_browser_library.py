"""The library over the conversation as a person uses it: tools, spells, links."""

from __future__ import annotations

import json
import re
from collections.abc import AsyncIterator

import pytest
from playwright.async_api import Page, expect

from tests.server import Server
from tests.web.test_browser import DESK, PHONE, looking, photo, say, until_picture
from tests.web.test_workflows import graph

pytestmark = [pytest.mark.browser, pytest.mark.xdist_group("page")]


@pytest.fixture
async def page(server: Server, browser_path: str) -> AsyncIterator[Page]:
    async with looking(browser_path, server.url, DESK) as opened:
        yield opened


async def open_tab(page: Page, name: str) -> None:
    await page.get_by_role("button", name="Tools, spells and workflows").click()
    await page.get_by_role("navigation", name="Library").get_by_role("button", name=name).click()


async def save(page: Page, handle: str, name: str) -> None:
    await page.get_by_role("button", name=f"Save {handle} as a spell").click()
    await page.get_by_role("textbox", name="Name").fill(name)
    await page.get_by_role("button", name="Save as spell").click()
    await expect(page.get_by_role("heading", name="What shall stay open?")).to_be_visible()


async def test_a_tool_is_searched_for_by_keyboard_and_its_example_fills_the_composer(page: Page) -> None:
    await page.locator("body").press("/")
    search = page.get_by_role("searchbox", name="Search tools")
    await expect(search).to_be_focused()
    await search.fill("black and white")
    await expect(page.locator(".tool-row").first).to_contain_text("Colour adjust")
    await page.keyboard.press("ArrowDown")
    await page.keyboard.press("Enter")
    await expect(page.get_by_role("heading", name="Colour adjust")).to_be_visible()
    await page.keyboard.press("Escape")
    await expect(search).to_have_value("black and white")
    await page.locator(".tool-row").first.click()
    example = page.locator(".tool-page .choices .button").first
    words = await example.inner_text()
    await example.click()
    await expect(page.get_by_role("dialog", name="Library")).to_be_hidden()
    await expect(page.get_by_role("textbox", name="Message")).to_have_value(words)


async def test_what_cannot_run_stands_last_and_says_what_it_lacks(page: Page) -> None:
    await page.get_by_role("button", name="Tools, spells and workflows").click()
    later = page.locator("section", has=page.get_by_role("heading", name="Needs something first"))
    await expect(later.locator(".tool-gap").first).to_contain_text("needs")
    await later.locator(".tool-row", has_text="FLUX.1 schnell").click()
    await expect(page.get_by_text("Does not run now")).to_be_visible()
    await expect(page.locator(".model-list")).to_contain_text("flux1-schnell")
    await expect(page.locator(".model-list .flag").first).to_have_text("Apache-2.0")


async def test_a_picture_becomes_a_spell_that_is_cast_again(page: Page) -> None:
    await say(page, "draw a fox in the snow")
    await until_picture(page, "A1")
    await save(page, "A1", "Snowy")
    await expect(page.locator("mark.blank").first).to_have_text("subject")
    await page.get_by_role("button", name="Done").click()
    await page.get_by_role("button", name="Cast", exact=True).click()
    await expect(page.get_by_role("button", name="Cast", exact=True)).to_be_disabled()
    await page.get_by_role("textbox", name="subject").fill("an owl; asleep")
    await page.get_by_role("button", name="Cast", exact=True).click()
    await until_picture(page, "A2")
    await expect(page.locator("img.is-shown").last).to_have_attribute(
        "alt", re.compile("an owl, asleep in the snow")
    )


async def test_a_spell_for_a_picture_takes_one_of_the_conversation_or_a_new_one(page: Page) -> None:
    await page.locator("input[type=file]").set_input_files(
        {"name": "a.png", "mimeType": "image/png", "buffer": photo()}
    )
    await say(page, "make it black and white")
    await until_picture(page, "A2")
    await save(page, "A2", "Mono")
    await page.get_by_role("button", name="Done").click()
    await page.get_by_role("button", name="Cast", exact=True).click()
    await page.locator(".slot-choice", has_text="A1").click()
    await page.get_by_role("button", name="Cast", exact=True).click()
    await until_picture(page, "A3")
    await expect(page.locator("figcaption").last).to_contain_text("from A1")
    await open_tab(page, "Spells")
    await page.get_by_role("button", name="Cast Mono", exact=True).click()
    await page.locator(".slot input[type=file]").set_input_files(
        {"name": "b.png", "mimeType": "image/png", "buffer": photo("teal")}
    )
    await page.get_by_role("button", name="Cast", exact=True).click()
    await until_picture(page, "A5")
    await expect(page.locator("figcaption").last).to_contain_text("from A4")


async def test_words_are_left_blank_a_version_comes_back_and_a_deletion_is_undone(page: Page) -> None:
    await say(page, "draw a fox in the snow")
    await until_picture(page, "A1")
    await save(page, "A1", "Snowy")
    text = page.locator(".field textarea")
    await text.evaluate("field => field.setSelectionRange(field.value.indexOf('snow'), field.value.length)")
    await page.get_by_role("button", name="Leave blank").click()
    await expect(text).to_have_value(re.compile(r"\{subject\} in the \{snow\}"))
    await page.get_by_role("button", name="Done").click()
    await expect(page.locator(".recipe mark.blank")).to_have_text(["subject", "snow"])
    await page.get_by_text("2 versions").click()
    await page.get_by_role("button", name="Bring back").click()
    await expect(page.locator(".recipe mark.blank")).to_have_text(["subject"])
    await page.locator(".tool-page").get_by_role("button", name="Delete").click()
    await expect(page.get_by_text("No spells yet")).to_be_visible()
    await page.get_by_role("button", name="Undo").click()
    await expect(page.locator(".spell-row")).to_contain_text("Snowy")


async def test_a_link_shows_the_recipe_to_somebody_else_until_it_is_revoked(
    page: Page, server: Server, browser_path: str
) -> None:
    await say(page, "draw a fox in the snow")
    await until_picture(page, "A1")
    await save(page, "A1", "Snowy")
    await page.get_by_role("button", name="Done").click()
    await page.get_by_role("button", name="Make a link").click()
    link = await page.get_by_role("textbox", name="Link").input_value()
    async with looking(browser_path, server.url, PHONE) as other:
        await other.goto(link)
        await expect(other.locator(".recipe")).to_contain_text("in the snow")
        await other.get_by_role("button", name="Use it").click()
        await other.get_by_role("textbox", name="subject").fill("a cat")
        overflow = await other.evaluate(
            "document.documentElement.scrollWidth - document.documentElement.clientWidth"
        )
        assert overflow <= 0
        await other.get_by_role("button", name="Cast", exact=True).click()
        await until_picture(other, "A1")
        assert "spell=" not in other.url
        await page.get_by_role("button", name="Revoke link").click()
        await expect(page.get_by_role("button", name="Make a link")).to_be_visible()
        await other.goto(link)
        await expect(other.get_by_text("This link leads to nothing")).to_be_visible()


async def test_a_dropped_workflow_is_looked_through_then_kept_and_found(page: Page) -> None:
    await page.evaluate(_DROP, [json.dumps(graph()), "night.json"])
    await expect(page.get_by_role("heading", name="Keep this workflow?")).to_be_visible()
    await expect(page.locator(".params").first).to_contain_text("a quiet lighthouse")
    await expect(page.locator(".model-list")).to_contain_text("sd_xl_base_1.0.safetensors")
    await page.get_by_role("textbox", name="Name").fill("Harbour lights")
    await page.get_by_role("button", name="Keep it").click()
    await expect(page.get_by_role("heading", name="Harbour lights")).to_be_visible()
    await page.get_by_role("navigation", name="Library").get_by_role("button", name="Tools").click()
    await page.get_by_role("searchbox", name="Search tools").fill("harbour lights")
    await expect(page.locator(".tool-row", has_text="Harbour lights")).to_be_visible()
    await page.get_by_role("navigation", name="Library").get_by_role("button", name="Workflows").click()
    await page.locator(".tool-row", has_text="Harbour lights").click()
    await page.get_by_role("button", name="Try it").click()
    await expect(page.get_by_role("textbox", name="Message")).to_have_value("use Harbour lights for ")


async def test_a_workflow_that_writes_files_is_refused_with_its_reasons(page: Page) -> None:
    bad = graph(x={"class_type": "SaveLoRA", "inputs": {}})
    await open_tab(page, "Workflows")
    await page.locator(".workflow-file").set_input_files(
        {"name": "bad.json", "mimeType": "application/json", "buffer": json.dumps(bad).encode()}
    )
    await expect(page.get_by_role("heading", name="This workflow cannot be kept")).to_be_visible()
    await expect(page.locator(".finding-error").first).to_contain_text("SaveLoRA")
    assert await page.get_by_role("button", name="Keep it").count() == 0


_DROP = """([text, name]) => {
  const transfer = new DataTransfer();
  transfer.items.add(new File([text], name, { type: 'application/json' }));
  for (const type of ['dragenter', 'dragover', 'drop']) {
    document.body.dispatchEvent(new DragEvent(type, { dataTransfer: transfer, bubbles: true, cancelable: true }));
  }
}"""
