"""Files that are larger than an instance takes: another instance is chosen, and where none is, that is said at once."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import AsyncExitStack

import pytest

from executor.assembly import Executor
from executor.model import Asset
from executor.testing import FaultyComfy
from tests import media
from tests.executor.conftest import Floor, eventually
from tests.executor.test_assets import upload
from tools.model import AssetRef, MediaKind, Step, StepRef

TOOL = media.tool("use_it", "SaveImage", "image", {"video": "video"}, "LoadIt")
SMALL = 20_000


@pytest.fixture
async def servers() -> AsyncIterator[list[FaultyComfy]]:
    """The first takes little, the second as much as any."""
    async with AsyncExitStack() as stack:
        found = [await stack.enter_async_context(FaultyComfy()) for _ in range(2)]
        for server in found:
            server.nodes = (*server.nodes, "LoadIt")
        found[0].max_upload_bytes = SMALL
        yield found


async def clip(executor: Executor) -> Asset:
    asset = await upload(executor.assets, media.clip(), "x.mp4")
    assert asset.bytes > SMALL
    return asset


def using(asset: Asset, id: str = "s1", source: StepRef | None = None) -> Step:
    return Step(
        id=id, tool=TOOL.name, title="Make", params={"prompt": "words"}, outputs={"image": MediaKind.IMAGE},
        inputs={"video": (source or AssetRef(asset_id=asset.id),)},
    )  # fmt: skip


async def test_the_job_goes_to_the_instance_that_takes_its_file(floor: Floor, servers: list[FaultyComfy]) -> None:
    async with floor.open(*(server.url for server in servers), tools=[TOOL]) as executor:
        await eventually(lambda: all(instance.up for instance in executor.pool.instances()))
        asset = await clip(executor)
        runs = [await floor.start(executor, using(asset)) for _ in range(3)]
        ends = [(await floor.until(run_id))[-1].type for run_id in runs]
    assert ends == ["run.completed"] * 3
    assert [len(server.prompts) for server in servers] == [0, 3]


async def test_it_waits_for_the_one_that_takes_it(floor: Floor, servers: list[FaultyComfy]) -> None:
    small, large = servers
    async with floor.open(small.url, large.url, tools=[TOOL]) as executor:
        await eventually(lambda: all(instance.up for instance in executor.pool.instances()))
        asset = await clip(executor)
        await large.die()
        await eventually(lambda: not all(instance.up for instance in executor.pool.instances()))
        run_id = await floor.start(executor, using(asset))
        [*_, waits] = await floor.until(run_id, "run.waiting", "run.failed")
        assert f"127.0.0.1:{large.port}" in waits.data["reason"]
        await large.rise()
        assert (await floor.until(run_id))[-1].type == "run.completed"
    assert small.prompts == []


async def test_where_none_takes_it_the_reason_names_both_sizes(floor: Floor, servers: list[FaultyComfy]) -> None:
    small, other = servers
    other.max_upload_bytes = SMALL // 2
    async with floor.open(small.url, other.url, tools=[TOOL]) as executor:
        await eventually(lambda: all(instance.up for instance in executor.pool.instances()))
        events = await floor.until(await floor.start(executor, using(await clip(executor))))
    assert events[-1].data["code"] == "input_too_large"
    assert f"The render server at 127.0.0.1:{small.port} takes files to 20 KB; this one has " in events[-1].data["message"]
    assert small.uploads == other.uploads == []


async def test_a_server_that_is_known_from_before_is_known_with_what_it_takes(floor: Floor, comfy: FaultyComfy) -> None:
    comfy.max_upload_bytes = SMALL
    async with floor.open(comfy.url) as executor:
        await eventually(lambda: executor.pool.instances()[0].up)
    await comfy.die()
    async with floor.open(comfy.url, work=False) as executor:
        await eventually(lambda: executor.pool.instances()[0].capabilities is not None)
        assert executor.pool.instances()[0].takes_bytes == SMALL
