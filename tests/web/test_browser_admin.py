"""The operator's page as an operator uses it: a real browser, the real page and API, nobody at work behind them."""

from __future__ import annotations

import re
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

import pytest
from playwright.async_api import Locator, Page, expect

from base.db import Database
from base.settings import Settings
from executor import roster
from executor.model import JobStatus, Tag
from tests.web.conftest import Site, running_site
from tests.web.test_admin_operations import ADMIN, put_job, wanted
from tests.web.test_browser import DESK, PHONE, looking
from tests.web.test_dead_letters import URL, _given_up

pytestmark = [pytest.mark.browser, pytest.mark.xdist_group("shared")]

BUILT = Path(__file__).resolve().parents[2] / "web" / "static"


@dataclass
class Desk:
    """What the operator sees, and the house behind it."""

    page: Page
    site: Site

    def part(self, title: str) -> Locator:
        return self.page.get_by_role("region", name=title)

    async def enter(self, key: str) -> None:
        """By keyboard alone: the box has the focus."""
        await expect(self.page.get_by_label("Admin key")).to_be_focused()
        await self.page.keyboard.type(key)
        await self.page.keyboard.press("Enter")


@pytest.fixture
async def site(sqlite: Database, tmp_path: Path, settings: Settings) -> AsyncIterator[Site]:
    """With the page as it was built."""
    async with running_site(sqlite, tmp_path, settings, BUILT) as running:
        yield running


@asynccontextmanager
async def desk(site: Site, browser_path: str, size: dict[str, int]) -> AsyncIterator[Desk]:
    async with looking(browser_path, site.url, size) as page:
        await page.goto(f"{site.url}/admin")
        yield Desk(page, site)


@pytest.fixture
async def at_desk(site: Site, browser_path: str) -> AsyncIterator[Desk]:
    async with desk(site, browser_path, DESK) as opened:
        yield opened


async def working(site: Site, *worker_ids: str) -> None:
    studio = site.behind.studio
    async with studio.db.write() as tx:
        for worker_id in worker_ids:
            await roster.beat(tx, worker_id, [Tag.DEFAULT], studio.clock.now())


async def two_given_up(site: Site) -> tuple[str, str]:
    async with site.client() as person:
        return (await _given_up(site, person))[0], (await _given_up(site, person))[0]


async def test_a_wrong_key_is_told_and_the_right_one_opens_an_empty_house(at_desk: Desk) -> None:
    await at_desk.enter("nonsense")
    await expect(at_desk.page.get_by_role("alert")).to_contain_text("key")
    await at_desk.enter("admin-secret")
    await expect(at_desk.part("Queue")).to_contain_text("No job waits")
    await expect(at_desk.part("Workers")).to_contain_text("nothing is rendered")
    await expect(at_desk.part("Dead letters")).to_contain_text("No job was given up")
    await at_desk.page.reload()  # the key stays in this tab ...
    await expect(at_desk.part("Instances")).to_contain_text("fake-0")
    await at_desk.page.get_by_role("button", name="Close").click()
    await at_desk.page.reload()  # ... until it is closed
    await expect(at_desk.page.get_by_label("Admin key")).to_be_visible()


async def test_a_worker_is_paused_resumed_and_drained_by_keyboard(at_desk: Desk) -> None:
    await working(at_desk.site, "one", "two")
    await at_desk.enter("admin-secret")
    rows, page = at_desk.part("Workers").locator("tbody tr"), at_desk.page
    await expect(rows).to_have_count(2)
    await rows.first.get_by_role("button", name="Pause").focus()
    for key, state in (("Enter", "paused"), ("Space", "active")):  # the focus stays where it was
        await page.keyboard.press(key)
        await expect(rows.first).to_contain_text(state)
        await expect(page.get_by_role("status")).to_contain_text("Told worker")
    page.on("dialog", lambda dialog: dialog.accept())
    await page.keyboard.press("Tab")
    await page.keyboard.press("Enter")
    await expect(rows.first).to_contain_text("draining")
    await expect(page.get_by_role("heading", name=re.compile("^Workers"))).to_be_focused()  # its button is gone
    async with at_desk.site.client(**ADMIN) as operator:
        assert await wanted(operator) == {"one": "draining", "two": "active"}


async def test_a_dead_letter_says_why_and_is_retried_or_dropped(at_desk: Desk) -> None:
    first, second = await two_given_up(at_desk.site)
    await at_desk.enter("admin-secret")
    page, letters = at_desk.page, at_desk.part("Dead letters")
    await expect(letters.locator("tbody tr")).to_have_count(2)
    await letters.locator("summary").first.click()
    await expect(letters.locator("details[open] li").first).to_contain_text("host-1")
    await letters.get_by_role("button", name=f"Retry text_to_image {first}").click()
    await expect(letters.locator("tbody tr")).to_have_count(1)
    await expect(page.get_by_role("status")).to_contain_text("tried again")
    await expect(letters.locator("details")).to_have_attribute("open", "")  # the other one's, still
    await expect(at_desk.part("Queue")).to_contain_text("1 waiting")
    answers = iter((False, True))
    page.on("dialog", lambda dialog: dialog.accept() if next(answers) else dialog.dismiss())
    drop = letters.get_by_role("button", name=f"Drop text_to_image {second}")
    await drop.click()  # thought better of it
    await drop.click()
    await expect(letters).to_contain_text("No job was given up")
    async with at_desk.site.client(**ADMIN) as operator:
        assert (await operator.get(URL)).json()["items"] == []


async def test_what_was_refused_stays_told(at_desk: Desk) -> None:
    """Somebody else was quicker."""
    first, _ = await two_given_up(at_desk.site)
    await at_desk.enter("admin-secret")
    retry = at_desk.part("Dead letters").get_by_role("button", name=f"Retry text_to_image {first}")
    await expect(retry).to_be_visible()
    await at_desk.page.route("**/admin/dead-letters", lambda route: route.abort())  # the page looks no more
    async with at_desk.site.client(**ADMIN) as operator:
        assert (await operator.delete(f"{URL}/{first}")).status_code == 204
    await retry.click()
    await expect(at_desk.page.get_by_role("alert")).to_contain_text("dead_letter_not_found")
    await at_desk.page.unroute("**/admin/dead-letters")
    await expect(retry).to_be_hidden()
    await expect(at_desk.page.get_by_role("alert")).to_contain_text("dead_letter_not_found")


async def test_a_phone_shows_all_of_it_and_breaks_no_word(site: Site, browser_path: str) -> None:
    await working(site, "one")
    await two_given_up(site)
    await put_job(site, JobStatus.QUEUED, age_s=4000)
    async with desk(site, browser_path, PHONE) as phone:
        await phone.enter("admin-secret")
        await expect(phone.part("Queue")).to_contain_text("1 waiting")
        await expect(phone.part("Dead letters").get_by_role("cell").first).to_have_attribute("data-name", "tool")
        wide = "document.documentElement.scrollWidth - document.documentElement.clientWidth"
        assert await phone.page.evaluate(wide) <= 0
        assert await phone.page.evaluate(_NARROWEST) >= 100


_NARROWEST = "Math.min(...[...document.querySelectorAll('td')].map((cell) => cell.getBoundingClientRect().width || 999))"
