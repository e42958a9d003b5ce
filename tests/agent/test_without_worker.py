"""A studio that only converses: it starts nothing, and tells people when nobody is there to work."""

from __future__ import annotations

from pathlib import Path

from agent.assembly import open_studio
from agent.protocols import Studio
from base.settings import Settings
from tests.agent.conftest import begin, one, opened
from tests.builds import seed
from tests.databases import SqliteTemplate
from tests.patience import PATIENCE_S
from tools.model import NOBODY
from tools.testing import HashEncoder


async def test_a_page_without_a_worker_starts_no_renderer_and_says_what_waits(
    sqlite_template: SqliteTemplate, tmp_path: Path, comfy_url: str
) -> None:
    data = tmp_path / "page"
    seed(data)
    with sqlite_template.copy() as url:
        settings = Settings(data=data, database_url=url, _env_file=None)
        async with open_studio(settings, encoder=HashEncoder(), work=False) as page:
            assert page.pool.capabilities() == [NOBODY]
            assert not page.ready()["pool"]
            assert not (data / "renderer").exists()
            tool = page.catalogue.get("text_to_image")
            reason = page.catalogue.availability(tool, page.pool.capabilities()).reason or ""
            assert reason.startswith("no worker has run yet")
            async with opened(url, data, None, comfy_urls=(comfy_url,)):
                await _until(page, there=True)
            await _until(page, there=False)
            assert page.ready()["pool"]
            talk = await begin(page)
            turn_id = await talk.send("a red fox in a forest")
            events = await talk.until_over(turn_id, "run.queued")
    assert [warning["code"] for warning in one(events, "plan")["plan"]["warnings"]] == ["no_worker"]
    waits = one(events, "run.queued")
    assert waits["reason"].startswith("No worker runs")
    assert (waits["place"], waits["eta_s"], waits["until"]) == (None, None, None)  # nobody knows, and nobody says


async def _until(page: Studio, *, there: bool) -> None:
    """A real server is noted, and a worker lives; or it does not any more."""
    deadline = page.clock.monotonic() + PATIENCE_S
    while "workers" in page.operations.degraded() or not page.ready()["pool"] if there else not page.operations.degraded():
        assert page.clock.monotonic() < deadline
        await page.clock.sleep(0.05)
