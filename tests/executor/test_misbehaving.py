"""A ComfyUI that is down, slow, answering HTML, dying mid-render or lying: typed faults, and nothing is lost."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from datetime import datetime
from typing import Any

import pytest
import structlog
from sqlalchemy import update

from base.settings import Limits
from executor.model import RunStatus
from executor.tables import jobs
from executor.testing import NODES, QUICK, FaultyComfy, picture
from tests.executor.conftest import OWNER, Floor, create, eventually, resize
from tests.patience import PATIENCE_S
from tools.model import AssetRef, StepRef


async def test_a_server_that_is_down_is_waited_for_by_name(both: Floor, comfy: FaultyComfy) -> None:
    await comfy.die()
    url = comfy.url.replace("http://", "http://user:hunter2@")
    with structlog.testing.capture_logs() as logs:
        async with both.open(url) as executor:
            run_id = await both.start(executor, create())
            waiting = (await both.until(run_id, "run.waiting"))[-1]
            assert f"127.0.0.1:{comfy.port}" in waiting.data["reason"]
            assert executor.pool.info()["image"]["status"] == "unavailable"
            await comfy.rise()
            assert (await both.until(run_id))[-1].type == "run.completed"
    assert [entry["event"] for entry in logs if entry["event"].startswith("instance_")][:2] == ["instance_away", "instance_up"]
    assert "hunter2" not in str(logs) + str(waiting.data)


async def test_who_waits_for_a_server_keeps_their_place_and_hears_until_when(both: Floor, comfy: FaultyComfy) -> None:
    """Another reason begins no new wait."""
    async with both.open(comfy.url, limits=Limits(job_seconds=600)) as executor:
        await eventually(lambda: executor.pool.instances()[0].up)
        await comfy.die()
        await eventually(lambda: not executor.pool.instances()[0].up)
        runs = [await both.start(executor, create(prompt=f"picture {n}")) for n in range(3)]
        heard = [(await both.until(run_id, "run.waiting"))[-1] for run_id in runs]
        assert [event.data["place"] for event in heard] == [1, 2, 3]
        async with both.db.write() as tx:
            await tx.execute(update(jobs).where(jobs.c.run_id == runs[2]).values(waiting_for="something else"))
        async with asyncio.timeout(PATIENCE_S):
            while len(again := [e for e in await both.events.read(f"run:{runs[2]}") if e.type == "run.waiting"]) < 2:
                await asyncio.sleep(0.01)
    assert again[0].data["until"] == again[1].data["until"]
    left_s = (datetime.fromisoformat(again[0].data["until"]) - both.clock.now()).total_seconds()
    assert 0 < left_s <= 600


async def test_a_server_that_stays_away_fails_the_job_at_its_deadline(both: Floor, comfy: FaultyComfy) -> None:
    await comfy.die()
    async with both.open(comfy.url, limits=Limits(job_seconds=0.3)) as executor:
        end = (await both.until(await both.start(executor, create())))[-1]
    assert (end.type, end.data["code"]) == ("run.failed", "instance_away")
    assert "STATIONTHIS_COMFY_URLS" in end.data["message"]


async def test_a_real_server_that_is_away_never_becomes_a_sketch(floor: Floor, comfy: FaultyComfy) -> None:
    async with floor.open(comfy.url, renderer=()) as executor:
        await eventually(lambda: len(executor.pool.capabilities()) == 2)
        await comfy.die()
        run_id = await floor.start(executor, create())
        await floor.until(run_id, "run.waiting")
        assert executor.pool.info()["image"]["status"] == "unavailable"
        [local] = [c for c in executor.pool.capabilities() if c.sketch]
        assert "KSampler" not in local.nodes
        assert "ImageScale" in local.nodes
        await comfy.rise()
        await floor.until(run_id)
        [asset] = await executor.runs.assets(run_id)
    assert not asset.sketch


async def test_plain_operations_go_on_while_the_real_server_is_away(floor: Floor, comfy: FaultyComfy) -> None:
    async with floor.open(comfy.url, renderer=()) as executor:
        first = await floor.start(executor, create())
        await floor.until(first)
        [source] = await executor.runs.assets(first)
        await eventually(lambda: len(executor.pool.capabilities()) == 2)
        await comfy.die()
        await eventually(lambda: sum(i.up for i in executor.pool.instances()) == 1)
        second = await floor.start(executor, resize("s1", AssetRef(asset_id=source.id)))
        assert (await floor.until(second))[-1].type == "run.completed"
        [made] = await executor.runs.assets(second)
    assert (made.width, made.height, made.sketch) == (24, 16, False)


@pytest.mark.parametrize("mood", [{"html": True}, {"garbled": True}, {"status": 429}, {"status": 500}, {"status": 404}])
async def test_a_server_that_answers_nonsense_is_away(floor: Floor, comfy: FaultyComfy, mood: dict[str, Any]) -> None:
    vars(comfy).update(mood)
    async with floor.open(comfy.url) as executor:
        run_id = await floor.start(executor, create())
        await floor.until(run_id, "run.waiting")
        vars(comfy).update({"html": False, "garbled": False, "status": None})
        assert (await floor.until(run_id))[-1].type == "run.completed"


@pytest.mark.parametrize("mood", [{"html": True}, {"garbled": True}, {"status": 503}])
async def test_nonsense_in_the_middle_of_a_job_is_sat_out(both: Floor, comfy: FaultyComfy, mood: dict[str, Any]) -> None:
    comfy.hold.clear()
    async with both.open(comfy.url) as executor:
        run_id = await both.start(executor, create())
        await eventually(lambda: comfy.running is not None)
        vars(comfy).update(mood)
        await both.until(run_id, "run.waiting")
        vars(comfy).update({"html": False, "garbled": False, "status": None})
        comfy.hold.set()
        assert (await both.until(run_id))[-1].type == "run.completed"
    assert len(comfy.prompts) == 1  # the GPU second was not paid twice


async def test_a_slow_server_is_not_given_the_job_twice(floor: Floor, comfy: FaultyComfy) -> None:
    comfy.hold.clear()
    async with floor.open(comfy.url, pace=replace(QUICK, answer_s=0.2)) as executor:
        run_id = await floor.start(executor, create())
        await eventually(lambda: comfy.running is not None)
        comfy.silent = True
        await floor.until(run_id, "run.waiting")
        comfy.silent = False
        comfy.hold.set()
        assert (await floor.until(run_id))[-1].type == "run.completed"
    assert len(comfy.prompts) == 1


async def test_a_server_that_dies_mid_render_gets_the_job_again(both: Floor, comfy: FaultyComfy) -> None:
    comfy.hold.clear()
    async with both.open(comfy.url) as executor:
        run_id = await both.start(executor, create())
        await eventually(lambda: comfy.running is not None)
        await comfy.die()
        await both.until(run_id, "run.waiting")
        comfy.hold.set()
        await comfy.rise()
        events = await both.until(run_id)
    assert [e.type for e in events if e.type.startswith("run.o") or e.type.startswith("run.c")] == ["run.output", "run.completed"]
    first, second = (prompt["prompt_id"] for prompt in comfy.prompts)
    assert first != second


async def test_a_server_that_restarts_unseen_is_given_the_lost_job_again(floor: Floor, comfy: FaultyComfy) -> None:
    comfy.forgets = True
    async with floor.open(comfy.url) as executor:
        run_id = await floor.start(executor, create())
        await eventually(lambda: len(comfy.prompts) == 1)
        comfy.forgets = False
        assert (await floor.until(run_id))[-1].type == "run.completed"
    assert len(comfy.prompts) == 2


async def test_a_job_that_is_lost_again_and_again_is_put_aside(floor: Floor, comfy: FaultyComfy) -> None:
    comfy.forgets = True
    async with floor.open(comfy.url) as executor:
        end = (await floor.until(await floor.start(executor, create())))[-1]
    assert end.data["code"] == "host_lost"
    assert len(comfy.prompts) == 2  # it is the only one: a job that kills it twice is not sent again


async def test_node_errors_in_a_200_are_errors(floor: Floor, comfy: FaultyComfy) -> None:
    problem = {"type": "value_not_in_list", "message": "Value not in list", "details": "ckpt_name: 'x' not in []",
               "extra_info": {"input_name": "ckpt_name"}}  # fmt: skip
    comfy.node_errors = {"4": {"errors": [problem], "dependent_outputs": ["9"], "class_type": "CheckpointLoaderSimple"}}
    async with floor.open(comfy.url) as executor:
        end = (await floor.until(await floor.start(executor, create())))[-1]
    assert end.data["code"] == "model_missing"
    assert len(comfy.prompts) == 1


async def test_a_refused_graph_is_not_tried_again(floor: Floor, comfy: FaultyComfy) -> None:
    error = {"type": "invalid_prompt", "message": "Cannot execute because node X does not exist.", "details": "Node ID '#2'"}
    comfy.answer = (400, {"error": error, "node_errors": {}})
    async with floor.open(comfy.url) as executor:
        end = (await floor.until(await floor.start(executor, create())))[-1]
    assert end.data["code"] == "node_missing"
    assert len(comfy.prompts) == 1


async def test_out_of_memory_is_told_as_such(floor: Floor, comfy: FaultyComfy) -> None:
    comfy.raises = {"exception_type": "torch.OutOfMemoryError", "exception_message": "Allocation on device 0\n"}
    async with floor.open(comfy.url) as executor:
        end = (await floor.until(await floor.start(executor, create())))[-1]
    assert end.data["code"] == "out_of_memory"


async def test_a_success_without_outputs_is_an_error(floor: Floor, comfy: FaultyComfy) -> None:
    comfy.empty = True
    async with floor.open(comfy.url) as executor:
        end = (await floor.until(await floor.start(executor, create())))[-1]
    assert end.data["code"] == "no_output"


async def test_a_cached_result_whose_file_is_gone_is_made_again_under_another_name(
    floor: Floor, comfy: FaultyComfy
) -> None:
    comfy.gone = 1
    async with floor.open(comfy.url) as executor:
        assert (await floor.until(await floor.start(executor, create())))[-1].type == "run.completed"
    first, second = (p["prompt"]["9"]["inputs"]["filename_prefix"] for p in comfy.prompts)
    assert first != second


async def test_files_that_stay_gone_end_typed(floor: Floor, comfy: FaultyComfy) -> None:
    comfy.gone = 99
    async with floor.open(comfy.url) as executor:
        end = (await floor.until(await floor.start(executor, create())))[-1]
    assert end.data["code"] == "output_lost"


@pytest.mark.parametrize("file", [(b"<html>", "text/html"), (picture()[:60], "image/png"), (b"\0" * 9, "video/mp4")])
async def test_a_file_that_is_no_picture_is_the_servers_fault(
    floor: Floor, comfy: FaultyComfy, file: tuple[bytes, str]
) -> None:
    comfy.file = file
    async with floor.open(comfy.url) as executor:
        end = (await floor.until(await floor.start(executor, create())))[-1]
        assert await executor.runs.assets(str(end.data["run_id"])) == []
    assert end.data["code"] == "host_failed"
    assert [path for path in (floor.data / "assets").rglob("*") if path.is_file()] == []


async def test_a_tool_that_no_worker_knows_is_waited_for_until_the_deadline(floor: Floor, comfy: FaultyComfy) -> None:
    async with floor.open(comfy.url, limits=Limits(job_seconds=0.3)) as executor:
        run_id = await floor.start(executor, create().model_copy(update={"tool": "gone"}))
        *_, waiting, end = await floor.until(run_id)
    assert (waiting.type, "gone" in waiting.data["reason"]) == ("run.waiting", True)
    assert (end.type, end.data["code"]) == ("run.failed", "tool_not_found")
    assert comfy.prompts == []


async def test_parameters_that_do_not_fit_fail_typed(floor: Floor, comfy: FaultyComfy) -> None:
    step = create().model_copy(update={"params": {"prompt": "x", "steps": 10_000}})
    async with floor.open(comfy.url) as executor:
        end = (await floor.until(await floor.start(executor, step)))[-1]
    assert end.data["code"] == "bad_parameter"
    assert comfy.prompts == []


async def test_the_pool_says_what_it_can_make(floor: Floor, comfy: FaultyComfy) -> None:
    async with floor.open(comfy.url) as executor:
        assert executor.pool.info()["image"]["status"] == "unavailable"
        await eventually(lambda: executor.pool.info()["image"]["status"] == "real")
        assert executor.pool.info()["video"]["status"] == "unavailable"
        comfy.checkpoints = ()
        await eventually(lambda: executor.pool.info()["image"]["status"] == "unavailable")
        assert "checkpoints" in executor.pool.info()["image"]["reason"]


async def test_a_forgotten_conversation_in_the_queue_is_dropped(floor: Floor, comfy: FaultyComfy) -> None:
    gone = replace(OWNER, scope="gone")
    async with floor.open(comfy.url, work=False) as executor:
        async with floor.db.write() as tx:
            await floor.keys.create(tx, gone.scope, gone.account_id, gone.tier)
        lost = await floor.start(executor, create(), owner=gone)
        async with floor.db.write() as tx:
            await floor.keys.forget(tx, gone.scope)
    async with floor.open(comfy.url) as executor:
        assert (await floor.until(await floor.start(executor, create())))[-1].type == "run.completed"
        assert [run.id for run in (await executor.runs.page(OWNER.account_id, None, 9))[0]] != [lost]
    assert len(comfy.prompts) == 1


async def test_a_socket_that_says_nothing_is_made_up_for_by_history(floor: Floor, comfy: FaultyComfy) -> None:
    comfy.mute = True
    async with floor.open(comfy.url) as executor:
        assert (await floor.until(await floor.start(executor, create())))[-1].type == "run.completed"


async def test_a_job_that_somebody_else_interrupts_is_tried_again(floor: Floor, comfy: FaultyComfy) -> None:
    comfy.hold.clear()
    async with floor.open(comfy.url) as executor:
        run_id = await floor.start(executor, create())
        await eventually(lambda: comfy.running is not None)
        comfy._interrupted.set()
        await eventually(lambda: len(comfy.prompts) == 2)
        comfy.hold.set()
        assert (await floor.until(run_id))[-1].type == "run.completed"


async def test_what_no_server_can_do_fails_at_once_saying_what_is_missing(floor: Floor) -> None:
    async with FaultyComfy(nodes=[n for n in NODES if n != "ImageScale"]) as comfy, floor.open(comfy.url) as executor:
        run_id = await floor.start(executor, create(), resize("s2", StepRef(step_id="s1")))
        end = (await floor.until(run_id))[-1]
    assert end.data["code"] == "model_missing"
    assert "ImageScale" in end.data["message"]


async def test_a_deleted_input_fails_typed(floor: Floor, comfy: FaultyComfy) -> None:
    async with floor.open(comfy.url) as executor:
        first = await floor.start(executor, create())
        await floor.until(first)
        [source] = await executor.runs.assets(first)
        await executor.assets.delete(source.id, OWNER.account_id)
        end = (await floor.until(await floor.start(executor, resize("s1", AssetRef(asset_id=source.id)))))[-1]
    assert end.data["code"] == "input_failed"


async def test_a_cancel_while_the_server_is_away_still_ends(floor: Floor, comfy: FaultyComfy) -> None:
    comfy.hold.clear()
    async with floor.open(comfy.url) as executor:
        run_id = await floor.start(executor, create())
        await eventually(lambda: comfy.running is not None)
        await comfy.die()
        await executor.runs.cancel(run_id, OWNER.account_id)
        assert (await floor.until(run_id))[-1].type == "run.cancelled"
        assert (await executor.runs.get(run_id, OWNER.account_id)).status is RunStatus.CANCELLED
