"""A result is deleted on the page: asked first, taken back for some seconds, and by keyboard alone."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest
from playwright.async_api import Page, expect

from tests.server import Server
from tests.web.test_browser import PHONE, looking, say, until_picture

pytestmark = [pytest.mark.browser, pytest.mark.xdist_group("page")]


@pytest.fixture
async def page(server: Server, browser_path: str) -> AsyncIterator[Page]:
    async with looking(browser_path, server.url, PHONE) as opened:
        yield opened


async def test_a_result_is_deleted_by_keyboard_and_can_be_had_back_for_some_seconds(page: Page) -> None:
    sent: list[str] = []
    page.on("request", lambda request: sent.append(request.url) if request.method == "DELETE" else None)
    await say(page, "draw a fox in the snow")
    await until_picture(page, "A1")
    bin_below = page.get_by_role("button", name="Delete A1")
    await bin_below.focus()
    await page.keyboard.press("Enter")
    question = page.get_by_role("alertdialog", name="Delete A1?")
    await expect(question.get_by_role("button", name="Keep")).to_be_focused()
    await page.keyboard.press("Escape")
    await expect(question).to_be_hidden()
    await bin_below.click()
    await question.get_by_role("button", name="Delete", exact=True).click()
    await expect(page.get_by_role("button", name="Undo deleting A1")).to_be_focused()
    await page.keyboard.press("Enter")
    await expect(bin_below).to_be_focused()
    assert sent == []
    await bin_below.click()
    await question.get_by_role("button", name="Delete", exact=True).click()
    async with page.expect_response(lambda answer: answer.request.method == "DELETE", timeout=20_000) as deleted:
        pass
    assert (await deleted.value).status == 204
    await expect(page.get_by_text("A1 was deleted.")).to_be_visible()
    await page.reload()
    await expect(page.get_by_text("A1 was deleted.")).to_be_visible()


async def test_the_words_name_the_bin_and_promise_nothing(page: Page) -> None:
    await say(page, "draw a fox in the snow")
    await until_picture(page, "A1")
    await say(page, "delete A1")
    await expect(page.get_by_text("A picture is deleted with the bin below it")).to_be_visible()
    await expect(page.get_by_text("On it", exact=True)).to_have_count(0)
