"""Order, interruption, history and the cache."""

from __future__ import annotations

import uuid
from typing import Any

import pytest

from tests.renderer.client import Comfy, Graph, Socket, empty, node, noise, png, sketch, unique
from tests.renderer.conftest import Start

MODEL = "sketch.safetensors"


def slow(seed: int) -> Graph:
    return sketch(MODEL, seed=seed)


async def running_job(comfy: Comfy, socket: Socket) -> str:
    """A job that is in its first sampler step and stays there."""
    job = await comfy.queue(slow(1), client_id=socket.id)
    await socket.until("executing", node="sample")
    return job


async def test_lower_numbers_run_first_and_front_goes_before_them(start: Start) -> None:
    async with start(step_delay=9.0) as comfy, comfy.socket() as socket:
        blocker = await running_job(comfy, socket)
        later = await comfy.queue(empty(1), client_id=socket.id)
        early = await comfy.queue(empty(2), client_id=socket.id, number=0.5)
        front = await comfy.queue(empty(3), client_id=socket.id, front=True)
        queue = await comfy.get("/queue")
        assert [item[1] for item in queue["queue_running"]] == [blocker]
        assert {item[1]: item[0] for item in queue["queue_pending"]} == {later: 1, early: 0.5, front: -2}
        assert len(queue["queue_pending"][0]) == 5
        await comfy.post("/interrupt", {})
        ends = [await _next_end(socket) for _ in range(4)]
    assert ends == [blocker, front, early, later]


async def _next_end(socket: Socket) -> str:
    return str((await socket.until("executing", node=None))[-1][1]["prompt_id"])


async def test_an_interrupt_stops_only_the_job_it_names(start: Start) -> None:
    async with start(step_delay=9.0) as comfy, comfy.socket() as socket:
        job = await running_job(comfy, socket)
        assert await comfy.post("/interrupt", {"prompt_id": str(uuid.uuid4())}) == 200
        assert [item[1] for item in (await comfy.get("/queue"))["queue_running"]] == [job]
        assert await comfy.post("/interrupt", {"prompt_id": job}) == 200
        messages = await socket.until_end(job)
        entry = await comfy.ended(job)
    assert [kind for kind, _ in messages] == ["execution_interrupted", "status", "executing"]
    assert messages[0][1]["node_id"] == "sample"
    assert "model" in messages[0][1]["executed"]
    assert (entry["status"]["status_str"], entry["status"]["completed"]) == ("error", False)
    assert entry["status"]["messages"][-1][0] == "execution_interrupted"


async def test_an_interrupt_without_a_job_is_forgotten(comfy: Comfy) -> None:
    await comfy.post("/interrupt", {})
    assert (await comfy.run(empty()))["status"]["completed"] is True


async def test_pending_jobs_can_be_deleted_and_vanish_without_a_trace(start: Start) -> None:
    async with start(step_delay=9.0) as comfy, comfy.socket() as socket:
        blocker = await running_job(comfy, socket)
        one, two, three = [await comfy.queue(empty(color), client_id=socket.id) for color in (1, 2, 3)]
        await comfy.post("/queue", {"delete": [one, "unknown", blocker]})
        assert {item[1] for item in (await comfy.get("/queue"))["queue_pending"]} == {two, three}
        await comfy.post("/queue", {"clear": True})
        queue = await comfy.get("/queue")
        assert (len(queue["queue_running"]), queue["queue_pending"]) == (1, [])
        await comfy.post("/interrupt", {"prompt_id": blocker})
        await comfy.ended(blocker)
        assert set(await comfy.get("/history")) == {blocker}


async def test_http_answers_while_a_job_runs(start: Start) -> None:
    async with start(step_delay=9.0) as comfy, comfy.socket() as socket:
        await running_job(comfy, socket)
        assert await comfy.get("/prompt") == {"exec_info": {"queue_remaining": 1}}
        assert (await comfy.get("/system_stats"))["devices"]


async def test_history_is_ordered_limited_and_erasable(start: Start) -> None:
    async with start() as comfy:
        one, two, three = [(await comfy.run(empty(color)))["prompt"][1] for color in (1, 2, 3)]
        assert list(await comfy.get("/history")) == [one, two, three]
        assert list(await comfy.get("/history", max_items=2)) == [two, three]
        assert list(await comfy.get("/history", max_items=1, offset=1)) == [two]
        await comfy.post("/history", {"delete": [two]})
        assert list(await comfy.get("/history")) == [one, three]
        assert await comfy.get(f"/history/{two}") == {}
        await comfy.post("/history", {"clear": True})
        assert await comfy.get("/history") == {}
        async with comfy.http.get("/history?max_items=abc") as answer:
            assert answer.status == 500


async def test_an_entry_tells_graph_outputs_messages_and_nodes(comfy: Comfy) -> None:
    entry = await comfy.run(empty(), extra_data={"foo": "bar"}, client_id="nobody")
    assert entry["prompt"][3]["foo"] == "bar"
    assert entry["prompt"][3]["client_id"] == "nobody"
    assert [kind for kind, _ in entry["status"]["messages"]] == [
        "execution_start",
        "execution_cached",
        "execution_success",
    ]
    assert all(isinstance(data["timestamp"], int) for _, data in entry["status"]["messages"])
    assert entry["meta"]["out"]["real_node_id"] == "out"


async def test_a_preview_goes_to_the_temp_folder(comfy: Comfy) -> None:
    graph = empty()
    graph["out"] = node("PreviewImage", images=["in", 0])
    item = (await comfy.run(graph))["outputs"]["out"]["images"][0]
    assert item["type"] == "temp"
    assert (await comfy.file(item)).startswith(b"\x89PNG")


def cached(entry: dict[str, Any]) -> set[str]:
    return set(entry["status"]["messages"][1][1]["nodes"])


async def test_only_what_changed_runs_again_whatever_the_nodes_are_called(comfy: Comfy) -> None:
    graph = empty(color=uuid.uuid4().int % 0xFFFFFF)
    await comfy.run(graph)
    again = {
        "renamed": graph["in"],
        "out": node("SaveImage", images=["renamed", 0], filename_prefix=unique()),
    }
    assert cached(await comfy.run(again)) == {"renamed"}


async def test_new_content_under_an_old_name_runs_again(comfy: Comfy) -> None:
    name = f"{unique()}.png"
    await comfy.upload(png(noise(seed=1)), name)
    graph = {
        "in": node("LoadImage", image=name),
        "out": node("SaveImage", images=["in", 0], filename_prefix=unique()),
    }
    await comfy.run(graph)
    assert cached(await comfy.run(graph)) == {"in", "out"}
    await comfy.upload(png(noise(seed=2)), name, overwrite="true")
    assert cached(await comfy.run(graph)) == set()


@pytest.mark.parametrize(("order", "kept"), [({"unload_models": True}, True), ({"free_memory": True}, False)])
async def test_freeing_memory_drops_the_results(comfy: Comfy, order: dict[str, bool], kept: bool) -> None:
    graph = empty(color=77)
    await comfy.run(graph)
    assert await comfy.post("/free", order) == 200
    assert cached(await comfy.run(graph)) == ({"in", "out"} if kept else set())
