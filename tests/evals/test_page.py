"""The page needs nothing else, keeps hostile words as words, and shows failing cases as chats."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import pytest

from evals import runner
from evals.model import Answer, ChoiceAnswer, Header, Journal, Verdict
from evals.page.building import page
from tests.evals.subjects import TOOLS, Told, intents, parsed, planned, step

HOSTILE = "</script><img src=x onerror=\\\"document.title='owned'\\\">"
CASES = tuple(
    parsed(text)
    for text in (
        f'- {{name: hostile, tags: [safety], text: "{HOSTILE}", expect: {{kinds: [chat], plans: false}}}}',
        "- {name: fine, shown: [{handle: A1, tool: sdxl, params: {prompt: an owl}}], text: hi, expect: {kinds: [chat]}}",
    )
)
ANSWERS = {
    "hostile": [planned(step("s1", "text_to_image", prompt="<b>bold</b>"), choices=(ChoiceAnswer(label="<i>A1</i>"),))],
    "fine": [Answer(intents=intents("chat"), reply="Hello.", confidence=0.9)],
}


async def journal(**answers: list[Answer]) -> Journal:
    subject = Told({**ANSWERS, **answers})
    header = Header(run="one", at="2026-01-01T00:00:00Z", planner="told", suites=())
    verdicts: tuple[Verdict, ...] = tuple([await runner.ask(case, subject) for case in CASES])
    return Journal(header=header, verdicts=verdicts)


def data(text: str) -> Any:
    found = re.search(r'<script type="application/json" id="data">(.*?)</script>', text, re.DOTALL)
    assert found is not None
    return json.loads(found[1])


async def test_the_page_refers_to_nothing_outside_it() -> None:
    text = re.sub(r'id="data">.*?</script>', "", page(await journal(), None, tuple(TOOLS.values())), flags=re.DOTALL)

    assert re.findall(r"(?:src|href)\s*=|https?:|@import|url\(", text) == ["src ="]  # the script's own, of thumbnails


async def test_a_case_is_there_as_a_chat() -> None:
    hostile, fine = data(page(await journal(), None, tuple(TOOLS.values())))["cases"]

    assert "onerror" in hostile["turns"][0]["said"]
    assert hostile["wrong"] == ["kinds", "plans"]
    assert hostile["turns"][0]["plan"]["steps"][0]["params"]["prompt"] == "<b>bold</b>"
    assert [item["name"] for item in hostile["turns"][0]["made"]] == ["A1"]
    assert (fine["ok"], fine["scene"][0]["words"]) == (True, "an owl")


async def test_what_fell_since_an_earlier_run_is_marked() -> None:
    before, now = await journal(), await journal(fine=[Answer(intents=intents("query"))])
    text = page(now, before, tuple(TOOLS.values()))

    assert [case["change"] for case in data(text)["cases"]] == ["", "fell"]
    assert "<b>1</b><span>fell</span>" in text


@pytest.mark.browser
async def test_in_a_browser_words_stay_words_and_filters_filter(browser_path: str, tmp_path: Path) -> None:
    from playwright.async_api import async_playwright

    path = tmp_path / "report.html"
    path.write_text(page(await journal(), None, tuple(TOOLS.values())), encoding="utf-8")
    problems: list[str] = []
    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(executable_path=browser_path, args=["--no-sandbox"])
        tab = await browser.new_page(viewport={"width": 390, "height": 800})
        tab.on("pageerror", lambda error: problems.append(str(error)))
        await tab.goto(path.as_uri())
        shown = [await tab.locator(".case").count()]
        await tab.locator("[name=held]").check()
        shown.append(await tab.locator(".case").count())
        await tab.locator("[name=status]").select_option("")
        shown.append(await tab.locator(".case").count())
        words, title = await tab.locator(".person").first.text_content(), await tab.title()
        wide = await tab.evaluate("document.documentElement.scrollWidth")
        await browser.close()

    assert problems == []
    assert shown[-1] == 2
    assert shown[1] == 1
    assert "onerror" in (words or "")
    assert title == "one · evals"
    assert wide <= 390
