"""The page as a person uses it: a real browser, the real server, everything embedded."""

from __future__ import annotations

import asyncio
import base64
import io
import signal
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest
from PIL import Image
from playwright.async_api import Locator, Page, async_playwright, expect

from base.testing import held_port
from tests.patience import PATIENCE_S
from tests.server import Server, running_server

pytestmark = [pytest.mark.browser, pytest.mark.xdist_group("page")]

FLAGS = (
    "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking",
    "--disable-component-update", "--disable-sync",
)  # fmt: skip
DESK, PHONE = {"width": 1440, "height": 900}, {"width": 390, "height": 844}
SLOW_MS = 1000 * PATIENCE_S


@asynccontextmanager
async def looking(browser_path: str, url: str, size: dict[str, int]) -> AsyncIterator[Page]:
    """A page of a new person. Whatever the console complains of fails the test."""
    complaints: list[str] = []
    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(executable_path=browser_path, args=list(FLAGS))
        context = await browser.new_context(viewport={"width": size["width"], "height": size["height"]})
        page = await context.new_page()
        page.set_default_timeout(SLOW_MS)
        expect.set_options(timeout=SLOW_MS)
        page.on("pageerror", lambda error: complaints.append(str(error)))
        page.on("console", lambda line: complaints.append(line.text) if line.type == "error" else None)
        await page.goto(f"{url}/agent")
        yield page
        await browser.close()
    assert [line for line in complaints if "Failed to load resource" not in line] == []


@pytest.fixture
async def page(server: Server, browser_path: str) -> AsyncIterator[Page]:
    async with looking(browser_path, server.url, DESK) as opened:
        yield opened


async def say(page: Page, words: str) -> None:
    await page.get_by_role("textbox", name="Message").fill(words)
    await page.keyboard.press("Enter")


def picture(page: Page, handle: str) -> Locator:
    return page.locator(f"figure:has(.badge-handle:text-is('{handle}')) img.is-shown")


async def until_picture(page: Page, handle: str) -> None:
    await expect(picture(page, handle)).to_be_visible()


async def until_rated(page: Page, address: str) -> None:
    """Until the server holds a rating of the conversation at this address of the page."""
    site, _, conversation = address.partition("/agent?c=")
    deadline = time.monotonic() + PATIENCE_S
    while True:
        found = await page.request.get(f"{site}/api/v1/conversations/{conversation}")
        if any(turn["feedback"] for turn in (await found.json())["turns"]):
            return
        assert time.monotonic() < deadline, "the rating was lost"
        await asyncio.sleep(0.05)


def photo(color: str = "orange") -> bytes:
    file = io.BytesIO()
    Image.new("RGB", (400, 300), color).save(file, "PNG")
    return file.getvalue()


async def test_from_a_sentence_to_a_picture_and_on_from_there(page: Page) -> None:
    await expect(page.get_by_text("Sketch preview").first).to_be_visible()
    await say(page, "Generate a cyberpunk cityscape at night")
    await expect(page.get_by_text("Creating", exact=True)).to_be_visible()
    await until_picture(page, "A1")
    await say(page, "make it more vibrant")
    await until_picture(page, "A2")
    await expect(page.locator("figcaption").last).to_contain_text("from A1")
    await say(page, "then upscale it 2x")
    await until_picture(page, "A3")
    await expect(page.locator("figcaption").last).to_contain_text("1536 × 1536")
    await say(page, "Make this black and white and crop it square")
    await until_picture(page, "A4")
    await expect(page.locator("figcaption").last).to_contain_text("from A3")
    await say(page, "What can I do with an image?")
    await expect(page.get_by_text("make it more vibrant").last).to_be_visible()
    await page.reload()
    await until_picture(page, "A4")
    assert await page.locator("figure").count() == 4


async def test_a_rating_is_kept_and_a_retry_makes_another(page: Page) -> None:
    await say(page, "draw a fox")
    await until_picture(page, "A1")
    there = page.url
    # Pressed and left in one breath: what a person did outlives the page.
    await page.get_by_role("button", name="Good", exact=True).evaluate(
        "button => { button.click(); location.assign('about:blank') }"
    )
    await page.wait_for_url("about:blank")
    await until_rated(page, there)
    await page.goto(there)
    await until_picture(page, "A1")
    await expect(page.get_by_role("button", name="Good", exact=True)).to_have_attribute(
        "aria-pressed", "true"
    )
    await page.get_by_role("button", name="Do it again").click()
    await until_picture(page, "A2")


async def test_a_result_that_was_deleted_is_told_as_such_and_its_handle_stays(page: Page) -> None:
    await say(page, "draw a fox")
    await until_picture(page, "A1")
    content = await page.get_by_role("link", name="Download A1").get_attribute("href")
    assert content is not None
    site = page.url.partition("/agent")[0]
    gone = await page.request.delete(site + content.removesuffix("/content"), headers={"Origin": site})
    assert gone.status == 204
    await page.reload()
    await expect(page.locator("figure")).to_have_text("A1 was deleted.")
    await expect(page.get_by_role("link", name="Download A1")).to_have_count(0)


async def test_a_photo_comes_by_button_by_drop_and_by_paste(page: Page) -> None:
    await page.locator("input[type=file]").set_input_files(
        {"name": "a.png", "mimeType": "image/png", "buffer": photo()}
    )
    await say(page, "make it black and white")
    await until_picture(page, "A2")
    for number, how in ((4, "drop"), (6, "paste")):
        await page.evaluate(_BRING, [base64.b64encode(photo("teal")).decode(), how])
        await expect(page.locator(".tray img")).to_be_visible()
        await say(page, "less saturated")
        await until_picture(page, f"A{number}")
        await expect(page.locator("figcaption").last).to_contain_text(f"from A{number - 1}")


async def test_a_broken_picture_is_refused_in_words_and_the_sentence_stays(page: Page) -> None:
    await page.get_by_role("textbox", name="Message").fill("make it darker")
    await page.locator("input[type=file]").set_input_files(
        {"name": "a.png", "mimeType": "image/png", "buffer": photo()[:60]}
    )
    await expect(page.get_by_text("not a picture").first).to_be_visible()
    await expect(page.get_by_role("textbox", name="Message")).to_have_value("make it darker")


async def test_a_text_with_the_name_of_a_picture_is_shown_as_a_text(page: Page, tmp_path: Path) -> None:
    (tmp_path / "nonsense.png").write_text("This is no picture at all.")
    await page.locator("input[type=file]").set_input_files(tmp_path / "nonsense.png")
    tray = page.get_by_role("list", name="Goes along")
    await expect(tray.get_by_text("text", exact=True)).to_be_visible()
    await expect(tray.locator("img")).to_have_count(0)


async def test_messages_that_are_typed_meanwhile_leave_in_their_order(page: Page) -> None:
    said = ["draw a fox", "make it warmer", "flip it horizontally"]
    for words in said:
        await say(page, words)
    await until_picture(page, "A3")
    assert await page.locator("article.turn .said-words").all_inner_texts() == said


async def test_a_question_is_answered_with_a_button(page: Page) -> None:
    await say(page, "draw a fox")
    await until_picture(page, "A1")
    await say(page, "what about a red barn instead?")
    await page.get_by_role("button", name="Make a new picture").click()
    await until_picture(page, "A2")


async def test_a_phone_shows_all_of_it_and_the_keyboard_reaches_it(server: Server, browser_path: str) -> None:
    async with looking(browser_path, server.url, PHONE) as page:
        await say(page, "draw a fox in the snow, 1024x512")
        await until_picture(page, "A1")
        overflow = await page.evaluate(
            "document.documentElement.scrollWidth - document.documentElement.clientWidth"
        )
        assert overflow <= 0
        await page.locator("figure .frame-open").focus()
        await page.keyboard.press("Enter")
        await expect(page.get_by_role("dialog", name="Picture")).to_be_visible()
        await page.keyboard.press("Escape")
        await expect(page.get_by_role("dialog", name="Picture")).to_be_hidden()


async def test_a_restart_in_mid_render_is_survived_by_the_open_page(
    tmp_path: Path, browser_path: str
) -> None:
    with held_port() as port, running_server(tmp_path / "data", "--port", str(port)) as first:
        first.wait_until_ready()
        async with looking(browser_path, first.url, DESK) as page:
            await say(page, "Generate a lighthouse in a storm")
            await expect(page.get_by_text("Creating", exact=True)).to_be_visible()
            first.stop(signal.SIGTERM)
            await say(page, "make it warmer")
            await say(page, "flip it horizontally")
            await expect(page.get_by_text("Not sent yet")).to_have_count(2)
            await page.get_by_role("textbox", name="Message").fill("half a sentence")
            with running_server(tmp_path / "data", "--port", str(port)) as second:
                second.wait_until_ready()
                await until_picture(page, "A1")
                await until_picture(page, "A3")
                said = ["Generate a lighthouse in a storm", "make it warmer", "flip it horizontally"]
                assert await page.locator("article.turn .said-words").all_inner_texts() == said
                await page.reload()
                await expect(page.get_by_role("textbox", name="Message")).to_have_value("half a sentence")
                await until_picture(page, "A3")


_BRING = """([data, how]) => {
  const bytes = Uint8Array.from(atob(data), (c) => c.charCodeAt(0));
  const transfer = new DataTransfer();
  transfer.items.add(new File([bytes], 'photo.png', { type: 'image/png' }));
  const target = document.querySelector('textarea');
  if (how === 'paste') {
    target.dispatchEvent(new ClipboardEvent('paste', { clipboardData: transfer, bubbles: true, cancelable: true }));
  } else {
    for (const type of ['dragenter', 'dragover', 'drop']) {
      target.dispatchEvent(new DragEvent(type, { dataTransfer: transfer, bubbles: true, cancelable: true }));
    }
  }
}"""
