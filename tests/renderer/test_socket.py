"""What the WebSocket tells, to whom, and in which order."""

from __future__ import annotations

import io
import json
import struct
import uuid

import aiohttp
import PIL.Image
import pytest

from tests.renderer.client import Comfy, Message, empty, node, sketch
from tests.renderer.conftest import Start


def kinds(messages: list[Message]) -> list[str]:
    return [kind for kind, _ in messages]


async def test_the_first_message_is_a_status_with_the_sockets_name(comfy: Comfy) -> None:
    async with comfy.http.ws_connect("/ws?clientId=abc") as ws:
        first = await ws.receive_json()
    assert first == {
        "type": "status",
        "data": {"status": {"exec_info": {"queue_remaining": 0}}, "sid": "abc"},
    }
    async with comfy.http.ws_connect("/ws") as ws:
        assert (await ws.receive_json())["data"]["sid"]


async def test_a_page_of_another_site_gets_no_socket(comfy: Comfy) -> None:
    with pytest.raises(aiohttp.WSServerHandshakeError) as refused:
        await comfy.http.ws_connect("/ws", headers={"Origin": "http://evil.example"})
    assert refused.value.status == 403


async def test_a_success_is_told_in_order_and_is_in_the_history_at_its_end(comfy: Comfy) -> None:
    async with comfy.socket() as socket:
        job = await comfy.queue(empty(), client_id=socket.id)
        messages = await socket.until_end(job)
        assert job in await comfy.get(f"/history/{job}")
    assert kinds(messages) == [
        *["status", "status", "execution_start", "execution_cached"],
        *["progress_state", "executing", "progress_state"],
        *["progress_state", "executing", "executed", "progress_state"],
        *["execution_success", "status", "executing"],
    ]
    assert [data["node"] for kind, data in messages if kind == "executing"] == ["in", "out", None]
    assert messages[3][1]["nodes"] == []
    executed = dict(messages)["executed"]
    assert executed["output"] == (await comfy.ended(job))["outputs"]["out"]
    assert executed["display_node"] == "out"


async def test_progress_carries_all_nodes_touched_so_far(comfy: Comfy) -> None:
    async with comfy.socket() as socket:
        job = await comfy.queue(empty(), client_id=socket.id)
        states = [data for kind, data in await socket.until_end(job) if kind == "progress_state"]
    assert {name: item["state"] for name, item in states[-1]["nodes"].items()} == {
        "in": "finished",
        "out": "finished",
    }
    assert set(states[-1]["nodes"]["in"]) == {
        *["value", "max", "state", "node_id", "prompt_id"],
        *["display_node_id", "parent_node_id", "real_node_id"],
    }


async def test_an_identical_graph_is_answered_from_the_cache(comfy: Comfy) -> None:
    graph = empty()
    first = await comfy.run(graph)
    async with comfy.socket() as socket:
        job = await comfy.queue(graph, client_id=socket.id)
        messages = await socket.until_end(job)
    assert kinds(messages)[2:] == [
        *["execution_start", "execution_cached", "executed", "progress_state"],
        *["execution_success", "status", "executing"],
    ]
    assert set(messages[3][1]["nodes"]) == {"in", "out"}
    assert (await comfy.ended(job))["outputs"] == first["outputs"]


async def test_sampler_steps_are_told_with_a_preview_after_each(comfy: Comfy) -> None:
    async with comfy.socket() as socket:
        job = await comfy.queue(sketch(await comfy.checkpoint(), unique_text()), client_id=socket.id)
        messages = await socket.until_end(job)
    steps = [data for kind, data in messages if kind == "progress"]
    assert [(step["value"], step["max"], step["node"]) for step in steps] == [
        (1, 3, "sample"),
        (2, 3, "sample"),
        (3, 3, "sample"),
    ]
    place = kinds(messages).index("progress")
    assert kinds(messages)[place - 1 : place + 2] == ["progress_state", "progress", "binary"]
    frame = messages[place + 1][1]
    assert struct.unpack(">II", frame[:8]) == (1, 1)
    assert max(PIL.Image.open(io.BytesIO(frame[8:])).size) <= 512


async def test_a_client_that_asks_gets_previews_with_their_job_before_the_progress(comfy: Comfy) -> None:
    async with comfy.socket(metadata=True) as socket:
        job = await comfy.queue(sketch(await comfy.checkpoint(), unique_text()), client_id=socket.id)
        messages = await socket.until_end(job)
    place = kinds(messages).index("binary")
    assert kinds(messages)[place - 1 : place + 2] == ["progress_state", "binary", "progress"]
    kind, length = struct.unpack(">II", messages[place][1][:8])
    head = json.loads(messages[place][1][8 : 8 + length])
    assert kind == 4
    assert (head["prompt_id"], head["node_id"], head["image_type"]) == (job, "sample", "image/jpeg")
    assert messages[place][1][8 + length :].startswith(b"\xff\xd8")


async def test_feature_flags_count_only_as_the_first_message(comfy: Comfy) -> None:
    async with comfy.socket() as socket:
        await socket.ws.send_str("no json at all")
        await socket.ws.send_json({"type": "feature_flags", "data": {"supports_preview_metadata": True}})
        job = await comfy.queue(empty(), client_id=socket.id)
        assert "feature_flags" not in kinds(await socket.until_end(job))


async def test_others_hear_only_of_the_queue(comfy: Comfy) -> None:
    async with comfy.socket() as mine, comfy.socket() as other:
        job = await comfy.queue(empty(), client_id=mine.id)
        await mine.until_end(job)
        heard = [await other.next() for _ in range(3)]
    assert kinds(heard) == ["status"] * 3
    assert heard[-1][1]["status"]["exec_info"]["queue_remaining"] == 0


async def test_progress_of_a_job_without_a_client_goes_to_everyone(comfy: Comfy) -> None:
    async with comfy.socket() as socket:
        await comfy.queue(empty())
        heard = [await socket.next() for _ in range(7)]
    assert set(kinds(heard)) == {"status", "progress_state"}


async def test_a_failure_names_the_node_and_keeps_what_was_done(comfy: Comfy) -> None:
    graph = empty()
    graph["out"]["inputs"]["filename_prefix"] = "../../evil" + uuid.uuid4().hex
    graph["first"] = node("PreviewImage", images=["in", 0])
    async with comfy.socket() as socket:
        job = await comfy.queue(graph, client_id=socket.id)
        messages = await socket.until_end(job)
    assert kinds(messages)[-3:] == ["execution_error", "status", "executing"]
    error = messages[-3][1]
    assert (error["node_id"], error["node_type"]) == ("out", "SaveImage")
    assert "in" in error["executed"]
    assert error["exception_message"].endswith("\n")
    assert set(error["current_inputs"]) >= {"filename_prefix", "images"}
    entry = await comfy.ended(job)
    assert (entry["status"]["status_str"], entry["status"]["completed"]) == ("error", False)
    assert entry["status"]["messages"][-1][0] == "execution_error"


async def test_a_text_where_a_link_is_wanted_fails_at_run_time(comfy: Comfy) -> None:
    graph = empty()
    graph["out"]["inputs"]["images"] = "oops"
    entry = await comfy.run(graph)
    kind, data = entry["status"]["messages"][-1]
    assert (kind, data["exception_type"]) == ("execution_error", "AttributeError")


async def test_no_failure_tells_where_the_program_lives(start: Start) -> None:
    async with start() as comfy:
        _, stored = await comfy.upload(b"this is no picture")
        graph = empty()
        graph["in"] = node("LoadImage", image=stored["name"])
        _, data = (await comfy.run(graph))["status"]["messages"][-1]
        assert data["exception_type"] == "PIL.UnidentifiedImageError"
        assert data["exception_message"] == f"cannot identify image file '{stored['name']}'\n"
        assert data["traceback"]
        assert not any('File "/' in line for line in data["traceback"])


async def test_who_comes_back_is_told_what_runs_and_the_newer_socket_wins(start: Start) -> None:
    async with start(step_delay=5.0) as comfy, comfy.socket() as first:
        job = await comfy.queue(sketch("sketch.safetensors"), client_id=first.id)
        await first.until("executing", node="sample")
        async with comfy.http.ws_connect(f"/ws?clientId={first.id}") as second:
            assert (await second.receive_json())["type"] == "status"
            assert await second.receive_json() == {"type": "executing", "data": {"node": "sample"}}
            await first.ws.close()
            await comfy.post("/interrupt", {"prompt_id": job})
            heard = [await second.receive_json() for _ in range(3)]
    assert [item["type"] for item in heard] == ["execution_interrupted", "status", "executing"]


def unique_text() -> str:
    return f"a lake {uuid.uuid4()}"
